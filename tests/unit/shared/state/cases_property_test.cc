// Cases over random logs of the shipped programmes: however the log came to be held, and for what
// counts by when it happened, in whichever order it came.
#include <gtest/gtest.h>

#include "shared/state/inquiry.h"
#include "shared/state/snapshot.h"
#include "tests/support/sanitized.h"
#include "tests/unit/shared/state/random_cases.h"

namespace cunji::state {
namespace {
using testing_support::kSanitized;
constexpr std::uint64_t kSeeds = kSanitized ? 4 : 24;

std::string word_of(const event::Value& value) {
  std::string out = value.text + std::to_string(value.integer) + (value.yes ? "y" : "n") +
                    to_hex(value.subject.view());
  for (const std::string& each : value.codes) out += "," + each;
  return out;
}

// All that is known of the subjects, as lines.
std::vector<std::string> facts_of(const State& state, const std::vector<SubjectId>& subjects,
                                  Date on) {
  std::vector<std::string> out;
  const Inquiry inquiry(state, on);
  for (const SubjectId& subject : subjects) {
    const std::string who = to_hex(subject.view()).substr(0, 8) + " ";
    for (const FactNow& fact : inquiry.facts(subject))
      out.push_back(who + fact.name + " " + fact.key + "=" + word_of(fact.value) + " " +
                    format_date(fact.since) + " " + fact.reason);
  }
  return out;
}

std::vector<std::string> cases_of(const State& state, const std::vector<SubjectId>& subjects,
                                  Date on, bool with_listed) {
  std::vector<std::string> out;
  const Inquiry inquiry(state, on);
  for (const SubjectId& subject : subjects) {
    for (const CaseView& view : inquiry.cases(subject)) {
      std::string line = to_hex(view.id.view()).substr(0, 8) + " " + view.procedure + " " +
                         std::to_string(to_millis(view.opened)) + (view.closed ? " closed" : "");
      for (const StageView& stage : view.stages)
        line += " " + stage.stage + std::to_string(stage.round) + stage.outcome +
                (stage.reached ? std::to_string(to_millis(*stage.reached)) : "") +
                (stage.withdrawn ? "w" : "");
      for (const ListedView& listed : view.listed)
        if (with_listed) line += " !" + listed.stage + listed.why;
      out.push_back(line);
    }
    if (!with_listed) continue;
    for (const ListedView& listed : inquiry.listed(subject))
      out.push_back(to_hex(subject.view()).substr(0, 8) + " !" + listed.why + " " +
                    std::to_string(listed.index));
  }
  return out;
}

// What only one of them has.
std::string difference(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> out;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  std::string text;
  for (const std::string& line : out) text += "\n" + line;
  return text;
}

State state_of(std::span<const event::LoggedEvent> entries) {
  State out(programmes::all_calculations());
  for (const event::LoggedEvent& logged : entries) out.apply(logged);
  return out;
}

State through_snapshot(const State& state, std::span<const event::LoggedEvent> entries) {
  credential::Governance governance;
  for (const event::LoggedEvent& logged : entries) governance.apply(logged);
  Bytes bytes = encode_snapshot(state, {.size = state.next_index(), .root = {}});
  seal_snapshot(bytes);
  return read_snapshot(bytes, governance, programmes::all_calculations()).value();
}
}  // namespace

// What a snapshot holds has all its roots run anew.
TEST(CasesProperty, WhatGoesOnIsAsIfAllWereRunAnewAfterEachEntry) {
  for (std::uint64_t seed = 101; seed <= (kSanitized ? 101U : 102U); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, kSanitized ? 60 : 160);
    const std::span<const event::LoggedEvent> all = random.log.entries();
    const Date on = day("2022-11-30");
    State grown(programmes::all_calculations());
    for (std::size_t size = 1; size <= all.size(); ++size) {
      grown.apply(all[size - 1]);
      const State anew = through_snapshot(grown, all.first(size));
      ASSERT_EQ(anew.digest(), grown.digest()) << "at size " << size;
      ASSERT_EQ(difference(cases_of(anew, random.subjects, on, true),
                           cases_of(grown, random.subjects, on, true)),
                "")
          << "at size " << size;
    }
  }
}

TEST(CasesProperty, AReplayASnapshotAndWhatGrewAreTheSame) {
  std::size_t cases = 0, closed = 0, listed = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases random(seed, 220);
    const std::span<const event::LoggedEvent> all = random.log.entries();
    State grown(programmes::all_calculations());
    std::optional<State> from_middle;
    for (std::size_t size = 1; size <= all.size(); ++size) {
      grown.apply(all[size - 1]);
      if (from_middle) from_middle->apply(all[size - 1]);
      if (size % 37 != 0 && size != all.size()) continue;
      const State replayed = state_of(all.first(size));
      ASSERT_EQ(grown.digest(), replayed.digest()) << "at size " << size;
      const State read = through_snapshot(grown, all.first(size));
      ASSERT_EQ(read.digest(), grown.digest()) << "a snapshot at size " << size;
      const Date on = day("2022-11-30");
      ASSERT_EQ(difference(cases_of(read, random.subjects, on, true),
                           cases_of(grown, random.subjects, on, true)),
                "")
          << "a snapshot at size " << size;
      if (from_middle) {
        ASSERT_EQ(from_middle->digest(), grown.digest()) << "at size " << size;
      } else if (size > all.size() / 2) {
        from_middle.emplace(through_snapshot(grown, all.first(size)));
      }
    }
    const Inquiry inquiry(grown, day("2022-11-30"));
    for (const SubjectId& subject : random.subjects) {
      for (const CaseView& view : inquiry.cases(subject)) {
        ++cases;
        closed += view.closed.has_value();
        listed += view.listed.size();
      }
    }
  }
  // The generator is worth something only if cases come to something.
  EXPECT_GT(cases, kSeeds * 40);
  EXPECT_GT(closed, kSanitized ? 0U : kSeeds * 2);
  EXPECT_GT(listed, kSeeds * 10);
}

TEST(CasesProperty, FieldPartsGiveTheSameInAnyOrderOfArrival) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomCases first(seed, 90, /*fields_only=*/true);
    const State one = state_of(first.log.entries());
    for (std::uint64_t order = 1; order <= 4; ++order) {
      SCOPED_TRACE("order " + std::to_string(order));
      const RandomCases other(seed, 90, /*fields_only=*/true, order);
      ASSERT_EQ(first.subjects, other.subjects);
      const State two = state_of(other.log.entries());
      for (const char* on : {"2022-02-15", "2022-03-20", "2022-12-31"}) {
        ASSERT_EQ(difference(facts_of(one, first.subjects, day(on)),
                             facts_of(two, first.subjects, day(on))),
                  "")
            << "on " << on;
        ASSERT_EQ(difference(cases_of(one, first.subjects, day(on), false),
                             cases_of(two, first.subjects, day(on), false)),
                  "")
            << "on " << on;
      }
    }
  }
}
}  // namespace cunji::state
