// Values, conditions and days: World's reading of definitions.
#include <algorithm>

#include "shared/base/workdays.h"
#include "shared/programme/periods.h"
#include "shared/state/world.h"

namespace cunji::state {
namespace pg = programme;
using From = pg::Value::From;

// Where `via` leads from the subject at hand.
std::vector<std::uint32_t> World::go(Symbol via, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  if (const pg::Relation* relation = catalogue.relations.find(via)) {
    const Symbol own = type_of(at.subject);
    const bool forward =
        own == relation->from || (own != relation->to && catalogue.lies_under(own, relation->from));
    // A household's helper is asked of its member too.
    const std::uint32_t end =
        own == relation->from || own == relation->to
            ? at.subject
            : owner_of(forward ? relation->from : relation->to, at.subject, at);
    note(end);
    return end == kNoNumber ? std::vector<std::uint32_t>{}
                            : facts().linked(via, end, forward, at.day);
  }
  Val named;
  if (at.row != nullptr) {
    for (const FieldAnswer& each : *at.row)
      if (each.field == via) named = each.val;
  }
  if (!named.is_set() && at.form != nullptr) named = at.form->answer(via);
  if (const pg::Fact* fact = catalogue.facts.find(via); fact != nullptr && !named.is_set())
    named = this->fact(*fact, owner_of(fact->subject, at.subject, at), at).val;
  if (named.kind == Val::Kind::Subject) return {static_cast<std::uint32_t>(named.number)};
  if (const std::uint32_t owner = owner_of(via, at.subject, at); owner != kNoNumber) return {owner};
  return at.subject == kNoNumber ? std::vector<std::uint32_t>{} : under(at.subject, via, at.day);
}

World::Got World::parameter(Symbol key, const std::vector<pg::Value>& keys, const At& at) const {
  const pg::Parameter* parameter = rules_.at(at.day).parameters.find(key);
  if (parameter == nullptr || parameter->basis == pg::Basis::Unset) return {{}, true};
  if (parameter->value) return {integer_val(*parameter->value)};
  if (parameter->text != kNoSymbol) return {{Val::Kind::Text, parameter->text}};
  std::vector<Symbol> asked;
  for (const pg::Value& value : keys) {
    const Val val = read(value, at).val;
    const bool number = val.kind == Val::Kind::Integer;
    asked.push_back(number ? values().words.find(std::to_string(val.number)) : val.word());
  }
  for (const pg::Parameter::Row& row : parameter->rows) {
    bool all = true;
    for (std::size_t i = 0; i < row.when.size() && i < asked.size(); ++i)
      all = all && (row.when[i] == kNoSymbol || row.when[i] == asked[i]);
    if (all && !asked.empty()) return {integer_val(row.value)};
  }
  return {};
}

std::optional<Date> World::named_day(Symbol id, const At& at) const {
  const pg::NamedDay* named = rules_.at(at.day).named_days.find(id);
  if (named == nullptr) return std::nullopt;
  note_period(pg::Period::Year, at.day);
  if (named->on.empty())
    return pg::day_in(at.day.year() / std::chrono::month{named->month}, named->day);
  for (const Date day : named->on)
    if (day.year() == at.day.year()) return day;
  return std::nullopt;
}

std::optional<Date> World::stage_day(const pg::Value& value, const At& at) const {
  const CaseRun* run = at.run;
  if (value.procedure != kNoSymbol) {
    run = nullptr;
    for (const CaseRun* each : runs_of(root_of(facts(), at.subject)))
      if (each->procedure->id == value.procedure && each->opened < at.until) run = each;
  }
  if (run == nullptr) return std::nullopt;
  if (values().words.word(value.id) == "opened") return date_of(run->opened.occurred);
  const StageRun* stage = run->reached(run->procedure->place_of(value.id), at.until, at.known);
  if (stage == nullptr) return std::nullopt;
  return date_of(stage->reached->occurred);
}

World::Got World::read_from(const pg::Value& value, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  switch (value.from) {
    case From::Fact: {
      const pg::Fact* fact = catalogue.facts.find(value.id);
      if (fact == nullptr) return {};
      Symbol key = kNoSymbol;
      if (fact->keyed_by != pg::Period::None) {
        note_period(fact->keyed_by, at.day);
        const Date day = pg::shifted(fact->keyed_by, at.day, -value.period_back);
        key = values().words.find(pg::key_of(fact->keyed_by, day));
        if (key == kNoSymbol) return {};
      }
      return this->fact(*fact, owner_of(fact->subject, at.subject, at), at, key, value.source);
    }
    case From::Field:
      if (at.row != nullptr) {
        for (const FieldAnswer& each : *at.row)
          if (each.field == value.id) return {each.val};
      }
      if (at.visit != nullptr && values().words.word(value.id) == "outcome")
        return {code_val(values().words.find(
            event::name_of(static_cast<event::VisitOutcome>(at.visit->outcome))))};
      return {at.form == nullptr ? Val{} : at.form->answer(value.id)};
    case From::Parameter: return parameter(value.id, value.args, at);
    case From::Aggregate: return aggregate(value.id, at);
    case From::Ratio: return ratio(value.id, at);
    case From::Stage: {
      const auto day = stage_day(value, at);
      return {day ? date_val(*day) : Val{}};
    }
    case From::Calculation: {
      const pg::Calculation* calculation = catalogue.calculations.find(value.id);
      return calculation == nullptr ? Got{} : calculate(*calculation, calculation->out.front(), at);
    }
    case From::NamedDay: {
      const auto day = named_day(value.id, at);
      return {day ? date_val(*day) : Val{}};
    }
    case From::Number: return {integer_val(value.number)};
    case From::Today: note_next_day(); return {date_val(at.day)};
    case From::Text: return {{Val::Kind::Text, value.id}};
    case From::Arrived: return {at.arrived ? date_val(*at.arrived) : Val{}};
    case From::Opened:
      return {at.run == nullptr ? Val{} : date_val(date_of(at.run->opened.occurred))};
    case From::Elapsed: {
      const Got from = read(value.args[0], at), to = read(value.args[1], at);
      const bool unset = from.unset || to.unset;
      if (from.val.kind != Val::Kind::Date || to.val.kind != Val::Kind::Date) return {{}, unset};
      return {integer_val(pg::elapsed(date_in(from.val), date_in(to.val), value.unit)), unset};
    }
    case From::None: break;
  }
  return {};
}

World::Got World::read(const pg::Value& value, const At& at) const {
  At there = at;
  if (!value.at.empty()) {
    const Got day = read(value.at.front(), at);
    if (day.val.kind != Val::Kind::Date) return {{}, day.unset};
    there.day = date_in(day.val);
    there.until = std::min(at.until, end_of(there.day));
  }
  if (value.via != kNoSymbol) {
    const auto ends = go(value.via, there);
    if (ends.empty()) return {};
    there.subject = ends.front();
  }
  Got out = read_from(value, there);
  if (value.part == pg::Value::Part::Whole || out.val.kind != Val::Kind::Date) return out;
  const Date day = date_in(out.val);
  switch (value.part) {
    case pg::Value::Part::Year: out.val = integer_val(static_cast<int>(day.year())); break;
    case pg::Value::Part::Month: out.val = integer_val(static_cast<unsigned>(day.month())); break;
    case pg::Value::Part::Day: out.val = integer_val(static_cast<unsigned>(day.day())); break;
    case pg::Value::Part::Whole: break;
  }
  return out;
}

static bool has_amount(const Val& val) {
  return val.kind == Val::Kind::Integer || val.kind == Val::Kind::Date;
}

static Truth both(Truth a, Truth b) {
  if (a == Truth::No || b == Truth::No) return Truth::No;
  if (a == Truth::Unset || b == Truth::Unset) return Truth::Unset;
  return a == Truth::Missing || b == Truth::Missing ? Truth::Missing : Truth::Yes;
}
static Truth either(Truth a, Truth b) {
  if (a == Truth::Yes || b == Truth::Yes) return Truth::Yes;
  if (a == Truth::Unset || b == Truth::Unset) return Truth::Unset;
  return a == Truth::Missing || b == Truth::Missing ? Truth::Missing : Truth::No;
}
static Truth truth(bool yes) { return yes ? Truth::Yes : Truth::No; }

Truth World::compare(const pg::Value& value, const pg::Bound& bound, const At& at) const {
  // A ratio is never rounded before it is compared: plus × 10,000 against the limit × over.
  std::int64_t over = 1;
  Got got;
  if (value.from == From::Ratio && value.via == kNoSymbol && value.at.empty()) {
    const auto terms = this->terms(value.id, at);
    if (terms && terms->unset) return Truth::Unset;
    std::int64_t twice = 0;
    if (!terms || terms->over <= 0 || __builtin_mul_overflow(terms->plus, 20'000, &twice))
      return Truth::Missing;
    over = terms->over;
    got.val = integer_val(twice / 2);
  } else {
    got = read(value, at);
    if (got.unset) return Truth::Unset;
    if (!has_amount(got.val)) return Truth::Missing;
    if (value.from == From::Ratio && value.via == kNoSymbol) {
      const auto terms = this->terms(value.id, at);
      over = terms->over;
      if (__builtin_mul_overflow(terms->plus, 10'000, &got.val.number)) return Truth::Missing;
    }
  }
  std::int64_t margin = 0;
  if (bound.margin.is_set()) {
    const Got said = read(bound.margin, at);
    if (said.unset) return Truth::Unset;
    margin = said.val.number;
  }
  const auto against = [&](const pg::Value& end, auto holds_for) {
    if (!end.is_set()) return Truth::Yes;
    const Got limit = read(end, at);
    if (limit.unset) return Truth::Unset;
    if (!has_amount(limit.val)) return Truth::Missing;
    std::int64_t left = got.val.number, right = 0;
    if (__builtin_mul_overflow(limit.val.number, over, &right)) return Truth::Missing;
    if (bound.pro_rata != pg::Period::None) {
      // The part of the period gone by, by days: left × all against right × gone.
      note_next_day();
      const pg::Span span = pg::span_of(bound.pro_rata, at.day);
      const std::int64_t all = pg::elapsed(span.first, span.last, pg::Unit::Days) + 1;
      const std::int64_t gone = pg::elapsed(span.first, at.day, pg::Unit::Days) + 1;
      if (__builtin_mul_overflow(left, all, &left) || __builtin_mul_overflow(right, gone, &right))
        return Truth::Missing;
    }
    return truth(holds_for(left, right));
  };
  Truth out = against(bound.at_least, [](auto a, auto b) { return a >= b; });
  out = both(out, against(bound.above, [&](auto a, auto b) { return a > b && a - margin > b; }));
  out = both(out, against(bound.at_most, [](auto a, auto b) { return a <= b; }));
  return both(out, against(bound.below, [&](auto a, auto b) { return a < b && a + margin < b; }));
}

// Whether a value has a code, or one that belongs to it: of a set that was put together, any
// version.
Truth World::is_in(const pg::Condition& condition, const At& at) const {
  const pg::Catalogue& catalogue = rules_.at(at.day);
  const pg::Fact* fact =
      condition.value.from == From::Fact ? catalogue.facts.find(condition.value.id) : nullptr;
  const Symbol list = fact == nullptr ? kNoSymbol : fact->codes;
  const auto among = [&](const Val& val) {
    if (val.kind == Val::Kind::Yes) {
      const std::string_view word = val.number != 0 ? "yes" : "no";
      return std::any_of(condition.codes.begin(), condition.codes.end(),
                         [&](Symbol code) { return values().words.word(code) == word; });
    }
    if (val.kind == Val::Kind::Integer) {  // A month of a date.
      return std::any_of(condition.codes.begin(), condition.codes.end(), [&](Symbol code) {
        return values().words.word(code) == std::to_string(val.number);
      });
    }
    const std::vector<Symbol> said = values().codes_in(val);
    return std::any_of(condition.codes.begin(), condition.codes.end(), [&](Symbol wanted) {
      return std::any_of(said.begin(), said.end(),
                         [&](Symbol code) { return catalogue.stands_under(list, code, wanted); });
    });
  };
  if (fact != nullptr && fact->merge == pg::Merge::Set && condition.value.via == kNoSymbol) {
    const std::uint32_t owner = owner_of(fact->subject, at.subject, at);
    if (owner == kNoNumber) return Truth::No;
    note(owner);
    for (const FactVersion& version : facts().facts().of(owner, fact->id).before(at.until).all())
      if (is_known(version, at) && among(version.val)) return Truth::Yes;
    return Truth::No;
  }
  if (condition.value.from == From::Parameter) {
    const pg::Parameter* parameter = catalogue.parameters.find(condition.value.id);
    if (parameter != nullptr && parameter->basis != pg::Basis::Unset && !parameter->list.empty())
      return truth(std::any_of(parameter->list.begin(), parameter->list.end(),
                               [&](Symbol code) { return among(code_val(code)); }));
  }
  const Got got = read(condition.value, at);
  if (got.unset) return Truth::Unset;
  return truth(got.val.is_set() && among(got.val));
}

Truth World::related(const pg::Condition& condition, const At& at) const {
  Truth any = Truth::No;
  for (const std::uint32_t other : go(condition.id, at)) {
    At there = at;
    there.subject = other;
    there.run = nullptr;
    any = either(any, condition.parts.empty() ? Truth::Yes : holds(condition.parts.front(), there));
  }
  if (!condition.flag) return any;
  return any == Truth::Yes ? Truth::No : any == Truth::No ? Truth::Yes : any;
}

// Past its day without it, or with it, whichever round.
static bool is_late(const CaseRun& run, std::size_t stage, const At& at) {
  return std::any_of(run.stages.begin(), run.stages.end(), [&](const StageRun& one) {
    if (one.stage != stage || !one.due || !(one.arrived < at.until)) return false;
    const bool reached = run.is_reached(one, at.until, at.known);
    return *one.due < (reached ? date_of(one.reached->occurred) : at.day);
  });
}

Truth World::case_is(const pg::Condition& condition, const At& at) const {
  using Case = pg::Condition::Case;
  const std::uint32_t root = root_of(facts(), at.subject);
  const bool none = condition.is_case == Case::NoneOpen;
  bool any_open = false, found = false;
  for (const CaseRun* each : runs_of(root)) {
    const CaseRun& run = *each;
    if (run.procedure->id != condition.id || !(run.opened < at.until)) continue;
    if (run.opened.place >= at.known) continue;
    // Of the subject itself or of what lies under it.
    bool own = at.subject == root;
    for (std::uint32_t up = run.subject; up != kNoNumber && !own; up = facts().parent_of(up))
      own = up == at.subject;
    if (!own) continue;
    const bool open = !run.is_closed(at.until, at.known);
    any_open = any_open || open;
    const std::size_t stage = run.procedure->place_of(condition.state);
    switch (condition.is_case) {
      case Case::Open: found = found || open; break;
      case Case::NoneOpen: break;
      case Case::WaitsAt: found = found || (open && run.waits_at(stage, at.until, at.known)); break;
      case Case::Reached: {
        if (values().words.word(condition.state) == "opened") {
          found = found || open;
          break;
        }
        const StageRun* reached = run.reached(stage, at.until, at.known);
        found = found || (reached != nullptr && (condition.outcome == kNoSymbol ||
                                                 reached->outcome == condition.outcome));
        break;
      }
      case Case::Late: found = found || is_late(run, stage, at); break;
      case Case::CannotMeet: found = found || (open && cannot_meet(run, stage, at)); break;
    }
  }
  return truth(none ? !any_open : found);
}

// Whether the shortest notices of what is still to come already lead past the stage's deadline.
bool World::cannot_meet(const CaseRun& run, std::size_t stage, const At& at) const {
  const auto& stages = run.procedure->stages;
  if (stage >= stages.size() || run.reached(stage, at.until, at.known) != nullptr) return false;
  note_next_day();
  At there = at;
  there.run = &run;
  there.arrived = at.day;
  const auto due = this->due(stages[stage].due, there);
  if (!due) return false;
  std::int64_t days = 0;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!stages[i].notice || i > stage || run.reached(i, at.until, at.known) != nullptr) continue;
    const Got least = read(stages[i].notice->days, there);
    if (least.val.kind == Val::Kind::Integer) days += least.val.number;
  }
  return pg::plus(at.day, days, pg::Unit::Days) > *due;
}

Truth World::holds(const pg::Condition& condition, const At& at) const {
  using Kind = pg::Condition::Kind;
  switch (condition.kind) {
    case Kind::All: {
      Truth out = Truth::Yes;
      for (const pg::Condition& part : condition.parts) {
        out = both(out, holds(part, at));
        if (out == Truth::No) break;
      }
      return out;
    }
    case Kind::Any: {
      Truth out = Truth::No;
      for (const pg::Condition& part : condition.parts) {
        out = either(out, holds(part, at));
        if (out == Truth::Yes) break;
      }
      return out;
    }
    case Kind::Not: {
      const Truth of = holds(condition.parts.front(), at);
      return of == Truth::Yes ? Truth::No : of == Truth::No ? Truth::Yes : of;
    }
    case Kind::Is: return compare(condition.value, condition.bound, at);
    case Kind::In: return is_in(condition, at);
    case Kind::Known: {
      const Got got = read(condition.value, at);
      return got.unset ? Truth::Unset : truth(got.val.is_set() == condition.flag);
    }
    case Kind::Differs: {
      const pg::Fact* fact = rules_.at(at.day).facts.find(condition.value.id);
      if (fact == nullptr) return Truth::No;
      const std::uint32_t owner = owner_of(fact->subject, at.subject, at);
      std::optional<Val> first;
      for (const Symbol source : condition.codes) {
        const Val val = this->fact(*fact, owner, at, kNoSymbol, source).val;
        if (!val.is_set()) continue;
        if (first && *first != val) return Truth::Yes;
        first = val;
      }
      return Truth::No;
    }
    case Kind::Related: return related(condition, at);
    case Kind::Case: return case_is(condition, at);
    case Kind::Duty: return duty_is(condition, at);
    case Kind::None: return Truth::Yes;
  }
  return Truth::No;
}

// The day of a period that a deadline names.
static Date day_in_period(const pg::Deadline& deadline, Date in) {
  const pg::Span span = pg::span_of(deadline.period, in);
  if (deadline.last) return span.last;
  const Month month = deadline.month != 0
                          ? Month{span.first.year(), std::chrono::month{deadline.month}}
                          : month_of(span.first);
  return pg::day_in(month, deadline.day);
}

std::optional<Date> World::in_period(const pg::Deadline& deadline, const At& at) const {
  const bool next = deadline.kind == pg::Deadline::Kind::NextDayOf;
  std::optional<Date> of;
  if (deadline.of.is_set()) {
    const Val said = read(deadline.of, at).val;
    if (said.kind != Val::Kind::Date) return std::nullopt;
    of = date_in(said);
  } else if (next && at.arrived) {
    of = at.arrived;
  } else if (at.run != nullptr) {
    of = date_of(at.run->opened.occurred);
  } else {
    of = at.day;
    note_period(deadline.period, at.day);
    if (next) note_next_day();
  }
  Date out = day_in_period(deadline, pg::shifted(deadline.period, *of, deadline.plus));
  if (next && out < *of)
    out = day_in_period(deadline, pg::shifted(deadline.period, *of, deadline.plus + 1));
  return out;
}

std::optional<Date> World::day_of(const pg::Deadline& deadline, const At& at) const {
  using Kind = pg::Deadline::Kind;
  std::optional<Date> out;
  switch (deadline.kind) {
    case Kind::DayOf:
    case Kind::NextDayOf: out = in_period(deadline, at); break;
    case Kind::After: {
      std::optional<Date> of = at.arrived;
      if (deadline.of.is_set()) {
        const Val said = read(deadline.of, at).val;
        of = said.kind == Val::Kind::Date ? std::optional(date_in(said)) : std::nullopt;
      }
      const Got count = read(deadline.count, at);
      if (!of || count.val.kind != Val::Kind::Integer) return std::nullopt;
      out = pg::plus(*of, deadline.before ? -count.val.number : count.val.number, deadline.unit);
      if (deadline.strictly) out = next_day(*out);
      break;
    }
    case Kind::On: {
      const Val said = read(deadline.of, at).val;
      if (said.kind == Val::Kind::Date) out = date_in(said);
      break;
    }
    case Kind::LatestOf:
    case Kind::EarliestOf:
      for (const pg::Deadline& part : deadline.parts) {
        const auto day = day_of(part, at);
        if (!day) return std::nullopt;
        if (!out) out = day;
        out = deadline.kind == Kind::LatestOf ? std::max(*out, *day) : std::min(*out, *day);
      }
      break;
    case Kind::None: break;
  }
  if (out && deadline.extended_by != kNoSymbol && at.run != nullptr) {
    const std::size_t stage = at.run->procedure->place_of(deadline.extended_by);
    const Got days = read(deadline.extended_max, at);
    if (at.run->reached(stage, at.until, at.known) != nullptr &&
        days.val.kind == Val::Kind::Integer)
      out = pg::plus(*out, days.val.number, deadline.extended_unit);
  }
  return out;
}

std::optional<Date> World::due(std::span<const pg::Deadline> deadlines, const At& at) const {
  for (const pg::Deadline& deadline : deadlines) {
    if (!deadline.when.is_set() || holds(deadline.when, at) == Truth::Yes)
      return day_of(deadline, at);
  }
  return std::nullopt;
}
}  // namespace cunji::state
