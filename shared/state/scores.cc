#include "shared/state/scores.h"

#include <algorithm>

#include "shared/state/duties.h"

namespace cunji::state {
namespace pg = programme;

// `part` of `whole` times `times`, half up; nothing where there is no whole.
static std::optional<std::int64_t> share_of(std::int64_t part, std::int64_t whole,
                                            std::int64_t times) {
  std::int64_t scaled = 0;
  if (whole <= 0 || __builtin_mul_overflow(part, 2 * times, &scaled)) return std::nullopt;
  return (scaled + whole) / (2 * whole);
}

std::vector<std::uint32_t> Scores::population(const pg::Card& card, Date on) const {
  const pg::Catalogue& catalogue = world_.catalogue(on);
  std::vector<std::uint32_t> out;
  if (const pg::Parameter* list = catalogue.parameters.find(card.population)) {
    for (const std::string& code : list->divisions) {
      const auto division = DivisionCode::parse(code);
      const std::uint32_t subject =
          division ? world_.facts().division_subject(*division) : kNoNumber;
      if (subject != kNoNumber) out.push_back(subject);
    }
    return out;
  }
  const pg::Aggregate* counted = catalogue.aggregates.find(card.population);
  for (const std::uint32_t subject : world_.all_of(card.subject)) {
    const At at = At::end_of_day(subject, on);
    const bool is = counted == nullptr || !counted->where.is_set() ||
                    world_.holds(counted->where, at) == Truth::Yes;
    if (is) out.push_back(subject);
  }
  return out;
}

std::optional<std::int64_t> Scores::points(const pg::Card& card, const pg::Card::Item& item,
                                           std::uint32_t subject, Date on) const {
  const At at = At::end_of_day(subject, on);
  const pg::Catalogue& catalogue = world_.catalogue(on);
  const auto number = [&](const pg::Value& value) -> std::optional<std::int64_t> {
    if (!value.is_set()) return std::nullopt;
    const World::Got got = world_.read(value, at);
    return got.val.kind == Val::Kind::Integer ? std::optional(got.val.number) : std::nullopt;
  };
  const auto named = [&](Symbol id) -> std::optional<std::int64_t> {
    pg::Value value;
    value.id = id;
    value.from = catalogue.facts.find(id) != nullptr        ? pg::Value::From::Fact
                 : catalogue.aggregates.find(id) != nullptr ? pg::Value::From::Aggregate
                                                            : pg::Value::From::Calculation;
    return number(value);
  };
  if (item.when.is_set() && world_.holds(item.when, at) != Truth::Yes) return 0;
  std::optional<std::int64_t> out;
  const std::int64_t weight = number(item.weight).value_or(number(item.max).value_or(0));
  if (item.sum != kNoSymbol) out = named(item.sum);
  if (item.entry != kNoSymbol) out = named(item.entry);
  if (item.calculation != kNoSymbol) out = named(item.calculation);
  if (item.ratio != kNoSymbol) {
    const auto terms = world_.terms(item.ratio, at);
    if (terms) out = share_of(terms->plus, terms->over, weight);
  }
  if (!item.duties.empty()) {
    std::int64_t done = 0, all = 0;
    for (const Symbol duty : item.duties) {
      const pg::Duty* declared = catalogue.duties.find(duty);
      if (declared == nullptr) continue;
      for (const DutyRun& run : Duties(world_).under(*declared, subject, on)) {
        ++all;
        done += run.status == DutyStatus::Done ? 1 : 0;
      }
    }
    out = share_of(done, all, weight);
  }
  if (item.card != kNoSymbol && item.card != card.id) {
    const pg::Card* other = catalogue.cards.find(item.card);
    if (other != nullptr) {
      for (const ScoreRun& run : of(*other, on))
        if (run.subject == subject) out = run.total;
    }
  }
  if (!out) return std::nullopt;
  if (item.deducts) out = -*out;
  if (const auto max = number(item.max)) out = std::min(*out, *max);
  if (const auto min = number(item.min)) out = std::max(*out, *min);
  return out;
}

std::optional<std::int64_t> Scores::key(const pg::Card& card, Symbol what, const ScoreRun& run,
                                        Date on) const {
  if (world_.values().words.word(what) == "total") return run.total;
  for (std::size_t i = 0; i < card.items.size(); ++i)
    if (card.items[i].id == what) return run.items[i];
  pg::Value value;
  value.id = what;
  value.from = world_.catalogue(on).facts.find(what) != nullptr ? pg::Value::From::Fact
                                                                : pg::Value::From::Aggregate;
  const Val val = world_.read(value, At::end_of_day(run.subject, on)).val;
  return val.kind == Val::Kind::Integer ? std::optional(val.number) : std::nullopt;
}

void Scores::grade(const pg::Card& card, Date on, std::vector<ScoreRun>& runs) const {
  const auto number = [&](const pg::Value& value) {
    const World::Got got = world_.read(value, At::end_of_day(kNoNumber, on));
    return got.val.kind == Val::Kind::Integer ? got.val.number : 0;
  };
  const auto give = [&](const pg::Card::Grade& grade, std::size_t count, bool from_top) {
    std::vector<ScoreRun*> free;
    for (ScoreRun& run : runs) {
      const bool may = !grade.when.is_set() ||
                       world_.holds(grade.when, At::end_of_day(run.subject, on)) == Truth::Yes;
      if (run.grade == kNoSymbol && may) free.push_back(&run);
    }
    if (!from_top) std::reverse(free.begin(), free.end());
    count = std::min(count, free.size());
    for (std::size_t i = 0; i < count; ++i) free[i]->grade = grade.code;
    if (count == 0 || count == free.size() || free[count - 1]->rank != free[count]->rank) return;
    for (ScoreRun& run : runs) run.border = run.border || run.rank == free[count]->rank;
  };
  for (const pg::Card::Grade& grade : card.grades) {
    if (grade.top_share.is_set()) {
      // floor(share × n + 0.5), GEN-07; in basis points.
      const std::int64_t share = number(grade.top_share);
      const auto n = static_cast<std::int64_t>(runs.size());
      give(grade, static_cast<std::size_t>((share * n + 5'000) / 10'000), true);
    } else if (grade.top.is_set()) {
      give(grade, static_cast<std::size_t>(std::max<std::int64_t>(0, number(grade.top))), true);
    } else if (grade.bottom.is_set()) {
      give(grade, static_cast<std::size_t>(std::max<std::int64_t>(0, number(grade.bottom))), false);
    } else {
      give(grade, runs.size(), true);
    }
  }
}

std::vector<ScoreRun> Scores::of(const pg::Card& card, Date on) const {
  std::vector<ScoreRun> out;
  for (const std::uint32_t subject : population(card, on)) {
    ScoreRun run{.subject = subject, .items = {}};
    for (const pg::Card::Item& item : card.items) {
      run.items.push_back(points(card, item, subject, on));
      run.total += run.items.back().value_or(0);
    }
    out.push_back(std::move(run));
  }
  const auto full = std::max_element(
      out.begin(), out.end(), [](const auto& a, const auto& b) { return a.total < b.total; });
  for (const pg::Card::Override& put : card.overrides) {
    const std::string& place = world_.values().words.word(put.place);
    for (ScoreRun& run : out) {
      const bool is = put.when.is_set()
                          ? world_.holds(put.when, At::end_of_day(run.subject, on)) == Truth::Yes
                          : place == "first" && full != out.end() && run.total == full->total;
      if (!is) continue;
      if (put.score.is_set())
        run.total = world_.read(put.score, At::end_of_day(run.subject, on)).val.number;
      if (put.when.is_set() && place == "last") run.total = INT64_MIN / 4;
      if (put.when.is_set() && place == "first") run.total = INT64_MAX / 4;
    }
  }
  // The keys of each, so that a larger one is always better; who has none comes last.
  std::map<std::uint32_t, std::vector<std::int64_t>> keys;
  for (const ScoreRun& run : out) {
    for (const pg::Card::RankBy& by : card.rank_by) {
      const auto said = key(card, by.what, run, on);
      keys[run.subject].push_back(!said ? INT64_MIN : by.lowest_first ? -*said : *said);
    }
    if (card.rank_by.empty()) keys[run.subject].push_back(run.total);
  }
  std::stable_sort(out.begin(), out.end(), [&](const ScoreRun& a, const ScoreRun& b) {
    if (keys[a.subject] != keys[b.subject]) return keys[a.subject] > keys[b.subject];
    return world_.values().subjects[a.subject] < world_.values().subjects[b.subject];
  });
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool same = i > 0 && keys[out[i].subject] == keys[out[i - 1].subject];
    out[i].rank = same ? out[i - 1].rank : static_cast<std::uint32_t>(i + 1);
    if (same) out[i].tied = out[i - 1].tied = true;
  }
  grade(card, on, out);
  return out;
}
}  // namespace cunji::state
