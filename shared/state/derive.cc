// Aggregates, ratios and calculations.
#include <algorithm>
#include <set>

#include "shared/programme/periods.h"
#include "shared/state/tallies.h"

namespace cunji::state {
namespace pg = programme;

namespace {
// What comes of many values, one after the other.
class Tally {
 public:
  explicit Tally(pg::Op op) : op_(op) {}
  void add(const Val& val) {
    if (!val.is_set()) return;
    ++count_;
    kind_ = val.kind;
    if (op_ == pg::Op::Distinct) seen_.insert({static_cast<int>(val.kind), val.number});
    if (__builtin_add_overflow(sum_, val.number, &sum_)) overflow_ = true;
    least_ = count_ == 1 ? val.number : std::min(least_, val.number);
    most_ = count_ == 1 ? val.number : std::max(most_, val.number);
  }
  Val result() const {
    if (overflow_ && op_ == pg::Op::Sum) return {};
    switch (op_) {
      case pg::Op::None:
      case pg::Op::Count: return integer_val(count_);
      case pg::Op::Sum: return integer_val(sum_);
      case pg::Op::Distinct: return integer_val(static_cast<std::int64_t>(seen_.size()));
      case pg::Op::Min: return count_ == 0 ? Val{} : Val{kind_, least_};
      case pg::Op::Max: return count_ == 0 ? Val{} : Val{kind_, most_};
    }
    return {};
  }

 private:
  pg::Op op_;
  std::int64_t count_ = 0, sum_ = 0, least_ = 0, most_ = 0;
  bool overflow_ = false;
  Val::Kind kind_ = Val::Kind::None;  // The earliest of days is a day.
  std::set<std::pair<int, std::int64_t>> seen_;
};
}  // namespace

// When something became what is counted in a period: a subject when it was made.
static bool is_within(const Register& facts, std::uint32_t subject, const When& from,
                      const When& to) {
  const auto made = facts.made_at(subject);
  return made && !(*made < from) && *made < to;
}

World::Got World::aggregate(Symbol id, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  const pg::Aggregate* aggregate = catalogue.aggregates.find(id);
  if (aggregate == nullptr || at.depth > 8) return {};
  // It is kept for the subject itself or for what that belongs to.
  std::uint32_t unit = kNoNumber;
  for (const Symbol type : aggregate->on) {
    if (unit == kNoNumber) unit = owner_of(type, at.subject, at);
  }
  if (unit == kNoNumber) return {};
  if (aggregate->or_stated_by != kNoSymbol) {
    const pg::Fact* stated = catalogue.facts.find(aggregate->or_stated_by);
    if (stated != nullptr) {
      note_period(stated->keyed_by, at.day);
      const Symbol key = values().words.find(pg::key_of(stated->keyed_by, at.day));
      const Got said = fact(*stated, unit, at, key);
      if (said.val.is_set()) return said;
    }
  }
  if (auto kept = kept_count(*aggregate, unit, at)) return *kept;
  const Counting by = counting(*aggregate, at);
  if (aggregate->via == kNoSymbol)
    return count(*aggregate, by, under(unit, aggregate->over, by.population));
  std::vector<std::uint32_t> population;
  At of_unit = by.there;
  of_unit.day = by.population;
  of_unit.until = std::min(of_unit.until, end_of(by.population));
  of_unit.subject = unit;
  for (const std::uint32_t end : go(aggregate->via, of_unit)) {
    if (type_of(end) == aggregate->over) population.push_back(end);
    const auto more = under(end, aggregate->over, by.population);
    population.insert(population.end(), more.begin(), more.end());
  }
  return count(*aggregate, by, population);
}

World::Counting World::counting(const pg::Aggregate& aggregate, const At& at) const {
  Counting out{
      .there = at,
      .from = begin_of(Date{std::chrono::year{1970}, std::chrono::month{1}, std::chrono::day{1}}),
      .in_time = aggregate.period != pg::Period::None || aggregate.rolling != 0,
      .population = at.day};
  ++out.there.depth;
  out.there.run = nullptr;
  out.there.form = nullptr;
  if (aggregate.period != pg::Period::None) {
    const pg::Span span = pg::span_of(aggregate.period, at.day);
    note_period(aggregate.period, at.day);
    out.from = begin_of(span.first);
    // Those who were there at the start, as they are now.
    if (aggregate.population_at == pg::PopulationAt::Start) out.population = span.first;
    if (aggregate.population_at == pg::PopulationAt::End) {
      out.there.day = out.population = std::min(span.last, at.day);
      out.there.until = std::min(at.until, end_of(out.there.day));
    }
  } else if (aggregate.rolling != 0) {
    note_next_day();
    out.from = end_of(
        pg::plus(at.day, -static_cast<std::int64_t>(aggregate.rolling), aggregate.rolling_unit));
  }
  return out;
}

World::Got World::count(const pg::Aggregate& aggregate, Counting by,
                        const std::vector<std::uint32_t>& population) const {
  // What is declared by a definition happens; households and people are there.
  const bool happens = rules_.at(by.there.day).subjects.find(aggregate.over) != nullptr &&
                       aggregate.population_at == pg::PopulationAt::Now;
  At& there = by.there;
  Tally tally(aggregate.op);
  bool unset = false;
  for (const std::uint32_t subject : population) {
    there.subject = subject;
    const auto made = facts().made_at(subject);
    if (happens && (!made || !(*made < there.until) || made->place >= there.known)) continue;
    if (aggregate.dated_by.is_set()) {
      const Got day = read(aggregate.dated_by, there);
      if (day.val.kind != Val::Kind::Date) continue;
      const When when = begin_of(date_in(day.val));
      if (by.in_time && !(when < there.until)) note_day(date_in(day.val));
      if (by.in_time && (when < by.from || !(when < there.until))) continue;
    } else if (by.in_time && happens && !is_within(facts(), subject, by.from, there.until)) {
      continue;
    }
    if (aggregate.where.is_set()) {
      const Truth truth = holds(aggregate.where, there);
      unset = unset || truth == Truth::Unset;
      if (truth != Truth::Yes) continue;
    }
    if (aggregate.op == pg::Op::Count) {
      tally.add(yes_val(true));
      continue;
    }
    const Got got = read(aggregate.of, there);
    unset = unset || got.unset;
    tally.add(got.val);
  }
  return {tally.result(), unset};
}

World::Share World::share_of(const pg::Aggregate& aggregate, std::uint32_t household,
                             Date day) const {
  const Counting by = counting(aggregate, At::end_of_day(household, day));
  Share out;
  out.division = facts().residence(values().subjects[household], by.population);
  if (!out.division) return {};
  const Got got = values().words.word(aggregate.over) == "household"
                      ? count(aggregate, by, {household})
                      : count(aggregate, by, under(household, aggregate.over, by.population));
  out.count = got.val.number;
  out.unset = got.unset;
  return out.count == 0 && !out.unset ? Share{} : out;
}

// Of a division, at the end of a day, of what lies under households; nothing where it is to be
// counted.
std::optional<World::Got> World::kept_count(const pg::Aggregate& aggregate, std::uint32_t unit,
                                            const At& at) const {
  if (tallies_ == nullptr || aggregate.op != pg::Op::Count || aggregate.via != kNoSymbol ||
      aggregate.rolling != 0)
    return std::nullopt;
  if (at.until != end_of(at.day) || at.known != kNoNumber || at.row != nullptr ||
      at.visit != nullptr || at.arrived)
    return std::nullopt;
  const Symbol household = values().words.find("household");
  const auto division = facts().division_of(unit);
  if (!division || !catalogue(at.day).lies_under(aggregate.over, household)) return std::nullopt;
  for (const std::uint32_t child : facts().children_of(unit))
    if (facts().type_of(child) == aggregate.over) return std::nullopt;
  const auto kept = tallies_->of(*this, aggregate, *division, at.day);
  if (!kept) return std::nullopt;
  note_within(unit);
  for (const std::uint32_t other : tallies_->others(aggregate)) note(other);
  note_day(kept->otherwise);
  return Got{integer_val(kept->count), kept->unset};
}

std::optional<World::Terms> World::terms(Symbol id, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  const pg::Ratio* ratio = catalogue.ratios.find(id);
  if (ratio == nullptr) return std::nullopt;
  Terms out;
  const auto sum = [&](const std::vector<Symbol>& terms) {
    std::int64_t all = 0;
    for (const Symbol term : terms) {
      Got got;
      if (const pg::Fact* of = catalogue.facts.find(term)) {
        got = fact(*of, owner_of(of->subject, at.subject, at), at);
      } else {
        got = aggregate(term, at);
      }
      out.unset = out.unset || got.unset;
      if (got.val.kind == Val::Kind::Integer) all += got.val.number;
    }
    return all;
  };
  out.plus = sum(ratio->plus);
  out.over = sum(ratio->over) - sum(ratio->over_minus);
  return out;
}

// In basis points, half up: to show (GEN-05).
World::Got World::ratio(Symbol id, const At& at) const {
  const auto terms = this->terms(id, at);
  std::int64_t scaled = 0;
  if (!terms || terms->over <= 0 || __builtin_mul_overflow(terms->plus, 20'000, &scaled))
    return {{}, terms && terms->unset};
  return {integer_val((scaled + terms->over) / (2 * terms->over)), terms->unset};
}

static pg::Amount amount_of(const Val& val, bool is_unset, const Values& values) {
  if (is_unset) return pg::unset();
  switch (val.kind) {
    case Val::Kind::None:
    case Val::Kind::Subject:
    case Val::Kind::Codes: return pg::missing();
    case Val::Kind::Integer: return pg::number(val.number);
    case Val::Kind::Yes: return pg::yes(val.number != 0);
    case Val::Kind::Date: return {.kind = pg::Amount::Kind::Date, .number = val.number};
    case Val::Kind::Text:
    case Val::Kind::Code:
      return {.kind = pg::Amount::Kind::Word, .word = values.words.word(val.word())};
    case Val::Kind::Place: return {.kind = pg::Amount::Kind::Place, .place = *values.place_in(val)};
  }
  return pg::missing();
}

World::Got World::calculate(const pg::Calculation& calculation, Symbol fact, const At& at) const {
  const std::string name =
      values().words.word(calculation.id) + "@" + std::to_string(calculation.version);
  const auto found =
      std::find_if(calculations_.begin(), calculations_.end(),
                   [&](const pg::NamedCalculation& each) { return each.name == name; });
  if (found == calculations_.end() || at.depth > 8) return {};
  if (found->by_day) note_next_day();
  At there = at;
  ++there.depth;
  if (calculation.on != kNoSymbol) there.subject = owner_of(calculation.on, at.subject, at);
  // What a visit is judged by is what was known at it, whenever that is asked.
  if (calculation.visits == pg::Calculation::Visits::Recorder) {
    const auto made = facts().made_at(there.subject);
    if (!made) return {};
    there.until = *made;
    there.day = date_of(made->occurred);
  }
  std::vector<pg::Amount> in;
  for (const pg::Value& value : calculation.in) {
    const Got got = read(value, there);
    in.push_back(amount_of(got.val, got.unset, values()));
  }
  const std::vector<pg::Visited> visits = visits_for(calculation, there);
  const std::vector<pg::DutyMonth> months = months_for(calculation, there);
  const std::vector<pg::Amount> out =
      found->calculate(in, {.on = at.day, .visits = visits, .months = months});
  const auto place = std::find(calculation.out.begin(), calculation.out.end(), fact);
  const auto number = static_cast<std::size_t>(place - calculation.out.begin());
  if (number >= out.size()) return {};
  const pg::Amount& amount = out[number];
  switch (amount.kind) {
    case pg::Amount::Kind::Missing: return {};
    case pg::Amount::Kind::Place: return {point_val(amount.place)};
    case pg::Amount::Kind::Unset: return {{}, true};
    case pg::Amount::Kind::Number: return {integer_val(amount.number)};
    case pg::Amount::Kind::Yes: return {yes_val(amount.number != 0)};
    case pg::Amount::Kind::Date: return {{Val::Kind::Date, amount.number}};
    case pg::Amount::Kind::Word: return {code_val(values().words.find(amount.word))};
  }
  return {};
}
}  // namespace cunji::state
