// Random logs: the fold gives, at every size, what its definition gives (naive_fold.h).
#include <gtest/gtest.h>

#include "tests/support/sanitized.h"
#include "tests/unit/shared/state/naive_fold.h"
#include "tests/unit/shared/state/random_log.h"

namespace cunji::state {
static std::set<Digest> events_of(const std::vector<Remark>& remarks) {
  std::set<Digest> out;
  for (const Remark& remark : remarks) out.insert(remark.event);
  EXPECT_EQ(out.size(), remarks.size()) << "each once";
  return out;
}

// One household as the definition has it on a day.
struct Expected {
  std::optional<DivisionCode> division;
  std::string head_name;
  bool must_be_visited = false;
  std::optional<TimePoint> last_visit;
};
static Expected expected_of(const NaiveFold& naive, const SubjectId& household, Date on) {
  Expected out;
  std::set<DivisionCode> ever;
  const TimePoint end = start_of(next_day(on));
  for (const auto& effect : naive.effects<event::RegistrationPart>()) {
    if (effect.subject != household) continue;
    ever.insert(effect.item->header.division);
    if (effect.occurred >= end) continue;
    const auto& said = std::get<event::RegistrationPart>(effect.item->parts[effect.part]->content);
    out.division = effect.item->header.division;
    out.head_name = said.facts[0].value.text;
    out.must_be_visited = said.facts[1].value.codes[0] == "monitored";
  }
  for (const auto& effect : naive.effects<event::VisitPart>()) {
    const auto& said = std::get<event::VisitPart>(effect.item->parts[effect.part]->content);
    if (effect.subject == household && said.outcome == VisitOutcome::Met &&
        ever.contains(effect.item->header.division) && !naive.contradicted(*effect.item) &&
        effect.occurred < end)
      out.last_visit = effect.occurred;
  }
  return out;
}

// The month's status of a household that is in the population.
static DutyStatus expected_status(const NaiveFold& naive, const SubjectId& household) {
  const TimePoint begins = local("2022-02-01T00:00"), deadline = local("2022-02-11T00:00"),
                  ends = local("2022-03-01T00:00");
  std::set<DivisionCode> ever;
  for (const auto& effect : naive.effects<event::RegistrationPart>())
    if (effect.subject == household) ever.insert(effect.item->header.division);
  bool done = false, late = false, contradicted = false, attempted = false;
  const auto look = [&](const NaiveFold::Effect& effect, bool met) {
    if (effect.subject != household || !ever.contains(effect.item->header.division)) return;
    if (effect.occurred < begins || effect.occurred >= ends) return;
    const bool in_time = effect.occurred < deadline;
    const bool against = naive.contradicted(*effect.item) && effect.item->upper >= deadline;
    if (!met) attempted = attempted || (in_time && !against);
    if (naive.role_of(*effect.item) != "coordinator") return;  // A visit by anybody else.
    if (met && in_time) (against ? contradicted : done) = true;
    if (met && !in_time) late = true;
  };
  for (const auto& effect : naive.effects<event::VisitPart>()) {
    const auto& said = std::get<event::VisitPart>(effect.item->parts[effect.part]->content);
    look(effect, said.outcome == VisitOutcome::Met);
  }
  for (const auto& effect : naive.effects<event::CheckInPart>()) look(effect, false);
  return done           ? DutyStatus::Done
         : late         ? DutyStatus::Late
         : contradicted ? DutyStatus::Contradicted
         : attempted    ? DutyStatus::Open
                        : DutyStatus::Missing;
}

static void compare(const State& state, const std::vector<event::LoggedEvent>& entries) {
  const NaiveFold naive(entries);
  EXPECT_EQ(events_of(state.disputed("")), naive.disputed());
  EXPECT_EQ(events_of(state.doubtful_times("")), naive.doubtful());
  for (const char* on : {"2022-02-01", "2022-02-08", "2022-02-28"}) {
    std::map<SubjectId, HouseholdView> found;
    for (const HouseholdView& view : state.households("411323", day(on))) found[view.id] = view;
    for (int n = 0; n < RandomLog::kHouses; ++n) {
      SCOPED_TRACE(std::string("household ") + std::to_string(n) + " on " + on);
      const Expected expected = expected_of(naive, house(n), day(on));
      ASSERT_EQ(found.contains(house(n)), expected.division.has_value());
      if (!expected.division) continue;
      const HouseholdView& view = found[house(n)];
      EXPECT_EQ(view.division, *expected.division);
      EXPECT_EQ(view.head_name, expected.head_name);
      EXPECT_EQ(view.must_be_visited, expected.must_be_visited);
      EXPECT_EQ(view.last_visit, expected.last_visit);
    }
  }
  std::map<SubjectId, DutyStatus> lines;
  for (const DutyNow& line : visits_due(state, "2022-02-28")) lines[line.subject] = line.status;
  for (int n = 0; n < RandomLog::kHouses; ++n) {
    const bool counted = expected_of(naive, house(n), day("2022-02-01")).must_be_visited &&
                         expected_of(naive, house(n), day("2022-02-10")).must_be_visited;
    ASSERT_EQ(lines.contains(house(n)), counted) << n;
    if (!counted) continue;
    EXPECT_EQ(lines[house(n)], expected_status(naive, house(n))) << n;
  }
}

// Under sanitizers all takes ten times longer, and what these look for is there in every log.
using testing_support::kSanitized;
constexpr auto kShipped = RandomLog::Definitions::Shipped;  // They declare the duty.
constexpr std::uint64_t kSeeds = kSanitized ? 6 : 40;

TEST(Property, TheFoldIsItsDefinitionAtEverySize) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomLog random(seed, 110, kShipped);
    State state;
    std::vector<event::LoggedEvent> so_far;
    for (const event::LoggedEvent& logged : random.log.entries()) {
      state.apply(logged);
      so_far.push_back(logged);
      if (so_far.size() % 13 == 0) compare(state, so_far);
      if (testing::Test::HasFailure()) FAIL() << "at size " << so_far.size();
    }
    compare(state, so_far);
  }
}

// D14: equal logs with equal parts erased give equal states, whenever the parts were erased.
TEST(Property, ErasingIsFoldingWithoutWhatIsErased) {
  std::size_t erased_parts = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomLog random(seed, 90, kShipped);
    crypto::SeededEntropy chance(seed, "erasures");
    std::vector<event::LoggedEvent> entries;
    State state;
    for (const event::LoggedEvent& logged : random.log.entries()) {
      entries.push_back(logged);
      state.apply(logged);
      if (chance.below(5) != 0) continue;
      event::LoggedEvent& chosen = entries[static_cast<std::size_t>(chance.below(entries.size()))];
      const event::PartSet parts(chance.below(2) == 0 ? ~0ULL : chance.below(8));
      if (event::is_governance(chosen.entry.event.header().kind)) continue;
      if (!event::erase_parts(chosen.body, parts)) continue;
      state.erase(chosen);
      ++erased_parts;
      ASSERT_EQ(state.digest(), fold(entries).digest()) << "at size " << entries.size();
    }
    compare(state, entries);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(erased_parts, 300u);
}

// The generator is worth something only if what it makes is judged in every way.
TEST(Property, RandomLogsHoldEverythingThatCanHappen) {
  std::set<event::Verdict> verdicts;
  std::map<DutyStatus, int> statuses;
  std::size_t doubtful = 0, withdrawn = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const RandomLog random(seed, 110, kShipped);
    for (const event::LoggedEvent& logged : random.log.entries())
      verdicts.insert(logged.entry.verdict);
    const State state = fold(random.log.entries());
    for (const DutyNow& line : visits_due(state, "2022-02-28", "")) ++statuses[line.status];
    doubtful += state.doubtful_times("").size();
    for (const Remark& remark : state.disputed("")) withdrawn += event::is_accepted(remark.verdict);
  }
  using event::Verdict;
  for (const Verdict verdict :
       {Verdict::Accepted, Verdict::OutsideDivision, Verdict::OutsideKind, Verdict::Revoked})
    EXPECT_TRUE(verdicts.contains(verdict)) << event::name_of(verdict);
  for (const DutyStatus status : {DutyStatus::Done, DutyStatus::Late, DutyStatus::Missing,
                                  DutyStatus::Open, DutyStatus::Contradicted})
    EXPECT_GT(statuses[status], 0) << static_cast<int>(status);
  EXPECT_GT(doubtful, 20u);
  EXPECT_GT(withdrawn, 20u);
}
}  // namespace cunji::state
