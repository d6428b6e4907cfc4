// Values, conditions and deadlines: what they read must be there, and fit.
#include <algorithm>

#include "shared/programme/compiler.h"

namespace cunji::programme {
static bool is_number(Type type) {
  return type == Type::Integer || type == Type::Money || type == Type::Area ||
         type == Type::Length || type == Type::BasisPoints || type == Type::Points;
}
static bool is_time(Type type) { return type == Type::Date || type == Type::Instant; }

// A bare number fits any amount; otherwise like is compared with like.
static bool fits(Type a, Type b) {
  if (a == Type::None || b == Type::None || a == b) return true;
  return is_time(a) && is_time(b);
}

// The unit in which a parameter must be given to be held against a fact of this type.
static std::string_view unit_of(Type type) {
  switch (type) {
    case Type::Money: return "fen";
    case Type::Area: return "0.01 m2";
    case Type::Length: return "mm";
    case Type::BasisPoints: return "bp";
    case Type::Points: return "0.01 point";
    default: return {};
  }
}

static std::string_view name_of(Type type) {
  static constexpr std::string_view kNames[] = {
      "anything",     "TEXT",   "YES_NO",    "INTEGER", "MONEY", "AREA",     "LENGTH",
      "BASIS_POINTS", "POINTS", "DATE",      "INSTANT", "CODE",  "CODE_SET", "PLACE",
      "SUBJECT",      "BLOB",   "SIGNATURE", "RANKING", "ROWS"};
  return kNames[static_cast<std::size_t>(type)];
}

Compiler::Kind Compiler::kind_of_fact(const pb::Fact& fact) {
  return {.type = static_cast<Type>(fact.type()),
          .codes = word(fact.codes()),
          .unit = {},
          .subject_type = word(fact.subject_type()),
          .name = "fact \"" + fact.id() + "\""};
}

static const pb::Field* field_in(const google::protobuf::RepeatedPtrField<pb::Field>& fields,
                                 std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const pb::Field& each) { return each.key() == key; });
  return found == fields.end() ? nullptr : &*found;
}

std::optional<Compiler::Kind> Compiler::kind_of_field(const std::string& key, const Context& in) {
  const pb::Field* field = nullptr;
  if (in.rows != nullptr) field = field_in(in.rows->row(), key);
  if (field == nullptr && in.form != nullptr) {
    const auto dot = key.find('.');
    field = field_in(in.form->field(), std::string_view(key).substr(0, dot));
    if (field != nullptr && dot != std::string::npos)
      field = field_in(field->row(), std::string_view(key).substr(dot + 1));
  }
  if (field == nullptr) return std::nullopt;
  return Kind{.type = static_cast<Type>(field->type()),
              .codes = word(field->codes()),
              .unit = {},
              .subject_type = word(field->subject_type()),
              .name = "field \"" + key + "\""};
}

void Compiler::read_fact(const pb::Fact& fact, const Context& in) {
  const Symbol owner = word(fact.subject());
  if (!is_readable_of(in.subject, owner))
    wrong("fact \"" + fact.id() + "\" belongs to a " + fact.subject() + " and can't be read of a " +
          symbols_.word(in.subject) + " without `via`");
  const Declared* at = find(Of::Fact, fact.id());
  if (at->definition == at_) return;
  const auto& reads = (*definitions_)[at_].reads();
  if (std::find(reads.begin(), reads.end(), fact.id()) == reads.end())
    wrong("fact \"" + fact.id() + "\" of " + (*definitions_)[at->definition].programme() +
          " is read and not named in `reads`");
}

// What rests on a parameter without a value cannot be judged: each such one is listed, once.
void Compiler::read_parameter(std::string_view key) {
  const Declared* at = find(Of::Parameter, key);
  if (at == nullptr) return;
  const pb::Parameter& said = (*definitions_)[at->definition].parameter(at->index);
  if (said.basis() != pb::Parameter::UNSET || !unset_.insert(said.key()).second) return;
  out_.unset.push_back((said.rule().empty() ? std::string() : said.rule(0) + " ") + said.key());
}

// Where `via` leads: a relation's other end, what a field or fact names, or a type of parent.
Symbol Compiler::via(const std::string& said, const Context& in, Context& there) {
  there.subject = kNoSymbol;
  if (const Declared* at = find(Of::Relation, said)) {
    const pb::Relation& relation = (*definitions_)[at->definition].relation(at->index);
    const Symbol from = word(relation.from()), to = word(relation.to());
    const bool forward = in.subject != kNoSymbol && lies_under(in.subject, from);
    const bool back = in.subject != kNoSymbol && lies_under(in.subject, to);
    if (in.subject != kNoSymbol && !forward && !back)
      wrong("relation \"" + said + "\" does not start at a " + symbols_.word(in.subject));
    there.subject = forward && !back     ? to
                    : back && !forward   ? from
                    : in.subject == from ? to
                                         : from;
  } else if (const auto field = kind_of_field(said, in)) {
    there.subject = field->subject_type;
  } else if (const pb::Fact* fact = fact_of(said)) {
    read_fact(*fact, in);
    there.subject = word(fact->subject_type());
  } else if (find(Of::Subject, said) != nullptr || parents_.contains(word(said)) ||
             said == "county") {
    there.subject = word(said);
  } else {
    problem(Problem::Kind::Unknown, "nothing called \"" + said + "\" to go by");
  }
  return word(said);
}

Value Compiler::value_at(int field, const pb::Value& said, const Context& in, Kind* kind) {
  const Step step(*this, field);
  return value(said, in, kind);
}

Value Compiler::value(const pb::Value& said, const Context& in, Kind* kind) {
  using V = pb::Value;
  Value out;
  Kind found;
  Context there = in;
  if (!said.via().empty()) out.via = via(said.via(), in, there);
  out.source = word(said.source());
  out.period_back = said.period_back();
  switch (said.from_case()) {
    case V::kFact:
      out.from = Value::From::Fact;
      out.id = known(Of::Fact, said.fact(), V::kFactFieldNumber);
      if (const pb::Fact* fact = fact_of(said.fact())) {
        read_fact(*fact, there);
        found = kind_of_fact(*fact);
        const auto& sources = fact->source();
        if (!said.source().empty() &&
            std::find(sources.begin(), sources.end(), said.source()) == sources.end())
          wrong("fact \"" + fact->id() + "\" has no source \"" + said.source() + "\"");
        if (said.period_back() != 0 && fact->keyed_by() == pb::PERIOD_UNSPECIFIED)
          wrong("fact \"" + fact->id() + "\" is not kept by period");
      }
      break;
    case V::kField: {
      out.from = Value::From::Field;
      out.id = word(said.field());
      if (const auto field = kind_of_field(said.field(), in)) {
        found = *field;
      } else {
        problem(Problem::Kind::Unknown, "no field \"" + said.field() + "\" in the form at hand");
      }
      break;
    }
    case V::kParameter:
      out.from = Value::From::Parameter;
      out.id = known(Of::Parameter, said.parameter(), V::kParameterFieldNumber);
      if (const Declared* at = find(Of::Parameter, said.parameter())) {
        const pb::Parameter& parameter = (*definitions_)[at->definition].parameter(at->index);
        found.unit = parameter.unit();
        found.name = "parameter \"" + parameter.key() + "\"";
        read_parameter(parameter.key());
      }
      break;
    case V::kAggregate:
      out.from = Value::From::Aggregate;
      out.id = known(Of::Aggregate, said.aggregate(), V::kAggregateFieldNumber);
      break;
    case V::kRatio:
      out.from = Value::From::Ratio;
      out.id = known(Of::Ratio, said.ratio(), V::kRatioFieldNumber);
      found.type = Type::BasisPoints;
      break;
    case V::kStage: {
      out.from = Value::From::Stage;
      out.id = word(said.stage());
      found.type = Type::Date;
      const pb::Procedure* of = in.procedure;
      if (!said.procedure().empty()) {
        out.procedure = known(Of::Procedure, said.procedure(), V::kProcedureFieldNumber);
        of = procedure_of(said.procedure());
      }
      if (of == nullptr) {
        if (said.procedure().empty()) wrong("a stage without a procedure");
      } else if (said.stage() != "opened" &&
                 std::none_of(of->stage().begin(), of->stage().end(),
                              [&](const pb::Stage& each) { return each.id() == said.stage(); })) {
        problem(Problem::Kind::Unknown,
                "no stage \"" + said.stage() + "\" in procedure \"" + of->id() + "\"");
      }
      break;
    }
    case V::kCalculation:
      out.from = Value::From::Calculation;
      out.id = known(Of::Calculation, said.calculation(), V::kCalculationFieldNumber);
      break;
    case V::kNamedDay:
      out.from = Value::From::NamedDay;
      out.id = known(Of::NamedDay, said.named_day(), V::kNamedDayFieldNumber);
      found.type = Type::Date;
      break;
    case V::kNumber:
      out.from = Value::From::Number;
      out.number = said.number();
      break;
    case V::kToday:
      out.from = Value::From::Today;
      found.type = Type::Date;
      break;
    case V::kText:
      out.from = Value::From::Text;
      out.id = word(said.text());
      break;
    case V::kArrived:
      out.from = Value::From::Arrived;
      found.type = Type::Date;
      break;
    case V::kOpened:
      out.from = Value::From::Opened;
      found.type = Type::Date;
      break;
    case V::FROM_NOT_SET: wrong("a value that says nothing"); break;
  }
  if (!said.part().empty()) {
    if (!fits(found.type, Type::Date)) wrong("only a date has a part \"" + said.part() + "\"");
    out.part = said.part() == "year"    ? Value::Part::Year
               : said.part() == "month" ? Value::Part::Month
               : said.part() == "day"   ? Value::Part::Day
                                        : Value::Part::Whole;
    if (out.part == Value::Part::Whole) wrong("no part \"" + said.part() + "\"");
    found = {
        .type = Type::Integer, .codes = {}, .unit = {}, .subject_type = {}, .name = found.name};
  }
  if (said.has_at()) {
    Kind day;
    out.at.push_back(value_at(V::kAtFieldNumber, said.at(), in, &day));
    if (!fits(day.type, Type::Date)) wrong("`at` needs a day");
  }
  each(V::kKeyFieldNumber, said.key(),
       [&](const pb::Value& key) { out.args.push_back(value(key, in)); });
  if (kind != nullptr) *kind = found;
  return out;
}

Bound Compiler::bound(const pb::Bound& said, const Context& in, const Kind& what) {
  using B = pb::Bound;
  const auto end = [&](bool has, int field, const pb::Value& value) {
    if (!has) return Value{};
    Kind kind;
    Value out = value_at(field, value, in, &kind);
    const Step step(*this, field);
    if (!fits(what.type, kind.type))
      wrong(what.name + " is " + std::string(name_of(what.type)) + " and can't be held against " +
            std::string(name_of(kind.type)));
    const std::string_view unit = unit_of(what.type);
    if (!kind.unit.empty() && !unit.empty() && kind.unit != unit)
      wrong(kind.name + " is in " + kind.unit + ", " + what.name + " in " + std::string(unit));
    return out;
  };
  Bound out;
  out.at_least = end(said.has_at_least(), B::kAtLeastFieldNumber, said.at_least());
  out.above = end(said.has_above(), B::kAboveFieldNumber, said.above());
  out.at_most = end(said.has_at_most(), B::kAtMostFieldNumber, said.at_most());
  out.below = end(said.has_below(), B::kBelowFieldNumber, said.below());
  if (said.has_margin()) out.margin = value_at(B::kMarginFieldNumber, said.margin(), in);
  out.pro_rata = static_cast<Period>(said.pro_rata());
  if (!out.at_least.is_set() && !out.above.is_set() && !out.at_most.is_set() && !out.below.is_set())
    wrong("a bound without an end");
  const bool countable = what.type == Type::None || is_number(what.type) || is_time(what.type);
  if (!countable)
    wrong(what.name + " is " + std::string(name_of(what.type)) + " and has no bounds");
  return out;
}

void Compiler::check_codes(const Kind& kind, const std::string& code, int field, int index) {
  const Step step(*this, field, index);
  if (kind.type == Type::YesNo && code != "yes" && code != "no")
    wrong(kind.name + " is yes or no, never \"" + code + "\"");
  const Declared* at = find(Of::Codes, symbols_.word(kind.codes));
  if (kind.codes == kNoSymbol || at == nullptr) return;
  const pb::Codes& codes = (*definitions_)[at->definition].codes(at->index);
  const bool listed = std::any_of(codes.code().begin(), codes.code().end(),
                                  [&](const pb::Code& each) { return each.id() == code; });
  if (!listed && !codes.county_may_add())
    wrong("no code \"" + code + "\" in \"" + codes.id() + "\"");
}

Condition Compiler::condition_at(int field, const pb::Condition& said, const Context& in) {
  const Step step(*this, field);
  return condition(said, in);
}

void Compiler::put_alternatives(const pb::Condition& said, const Context& in, int depth,
                                Condition& out) {
  using C = pb::Condition;
  const bool all = said.all_size() > 0;
  out.kind = all ? Condition::Kind::All : Condition::Kind::Any;
  each(all ? C::kAllFieldNumber : C::kAnyFieldNumber, all ? said.all() : said.any(),
       [&](const pb::Condition& part) { out.parts.push_back(condition(part, in, depth + 1)); });
}

void Compiler::put_in(const pb::Condition& said, const Kind& kind, Condition& out) {
  out.kind = Condition::Kind::In;
  for (int i = 0; i < said.in_size(); ++i) {
    check_codes(kind, said.in(i), pb::Condition::kInFieldNumber, i);
    out.codes.push_back(word(said.in(i)));
  }
}

void Compiler::put_case(const pb::CaseState& said, Condition& out) {
  using S = pb::CaseState;
  out.kind = Condition::Kind::Case;
  out.id = known(Of::Procedure, said.procedure(), S::kProcedureFieldNumber);
  const auto set = [&](const std::string& stage, Condition::Case is, int field) {
    if (stage.empty()) return;
    out.is_case = is;
    out.state = word(stage);
    const pb::Procedure* of = procedure_of(said.procedure());
    const Step step(*this, field);
    if (of != nullptr && stage != "opened" &&
        std::none_of(of->stage().begin(), of->stage().end(),
                     [&](const pb::Stage& each) { return each.id() == stage; }))
      problem(Problem::Kind::Unknown,
              "no stage \"" + stage + "\" in procedure \"" + of->id() + "\"");
  };
  if (said.none_open()) out.is_case = Condition::Case::NoneOpen;
  set(said.reached(), Condition::Case::Reached, S::kReachedFieldNumber);
  set(said.waits_at(), Condition::Case::WaitsAt, S::kWaitsAtFieldNumber);
  set(said.cannot_meet(), Condition::Case::CannotMeet, S::kCannotMeetFieldNumber);
  set(said.late(), Condition::Case::Late, S::kLateFieldNumber);
  out.outcome = word(said.outcome());
}

Condition Compiler::condition(const pb::Condition& said, const Context& in, int depth) {
  using C = pb::Condition;
  Condition out;
  out.holds_for_days = said.holds_for_days();
  if (depth > 3) wrong("conditions are at most three deep");
  const int kinds = (said.all_size() > 0) + (said.any_size() > 0) + said.has_not_() +
                    said.has_value() + said.has_elapsed() + said.has_related() + said.has_case_() +
                    !said.duty().empty();
  if (kinds != 1) {
    wrong("a condition says exactly one thing");
    return out;
  }
  if (said.all_size() > 0 || said.any_size() > 0) {
    put_alternatives(said, in, depth, out);
  } else if (said.has_not_()) {
    out.kind = Condition::Kind::Not;
    const Step step(*this, C::kNotFieldNumber);
    out.parts.push_back(condition(said.not_(), in, depth + 1));
  } else if (said.has_elapsed()) {
    const Step step(*this, C::kElapsedFieldNumber);
    out.kind = Condition::Kind::Is;
    out.value.from = Value::From::Elapsed;
    out.value.unit = static_cast<Unit>(said.elapsed().unit());
    out.value.args = {value_at(pb::Elapsed::kFromFieldNumber, said.elapsed().from(), in),
                      value_at(pb::Elapsed::kToFieldNumber, said.elapsed().to(), in)};
    if (!said.has_is()) wrong("a time that has gone by needs a bound");
    out.bound = bound(said.is(), in, {});
  } else if (said.has_related()) {
    const Step step(*this, C::kRelatedFieldNumber);
    out.kind = Condition::Kind::Related;
    Context there = in;
    out.id = via(said.related().relation(), in, there);
    out.flag = said.related().none();
    if (said.related().has_where()) {
      const Step where(*this, pb::Related::kWhereFieldNumber);
      out.parts.push_back(condition(said.related().where(), there, depth + 1));
    }
  } else if (said.has_case_()) {
    const Step step(*this, C::kCaseFieldNumber);
    put_case(said.case_(), out);
  } else if (!said.duty().empty()) {
    out.kind = Condition::Kind::Duty;
    out.id = known(Of::Duty, said.duty(), C::kDutyFieldNumber);
    out.state = word(said.duty_state());
    static constexpr std::string_view kStates[] = {"done", "late", "open", "missing",
                                                   "contradicted"};
    if (std::find(std::begin(kStates), std::end(kStates), said.duty_state()) == std::end(kStates))
      wrong("no state \"" + said.duty_state() + "\" of a duty");
  } else {
    Kind kind;
    out.value = value_at(C::kValueFieldNumber, said.value(), in, &kind);
    const int asked = said.has_is() + (said.in_size() > 0) + said.has_known() + said.has_differs();
    if (asked != 1) wrong("a value is asked exactly one thing: is, in, known or differs");
    if (said.has_is()) {
      const Step step(*this, C::kIsFieldNumber);
      out.kind = Condition::Kind::Is;
      out.bound = bound(said.is(), in, kind);
    } else if (said.in_size() > 0) {
      put_in(said, kind, out);
    } else if (said.has_differs()) {
      out.kind = Condition::Kind::Differs;
      const pb::Fact* fact = fact_of(said.value().fact());
      if (fact != nullptr && !fact->keep_sources_apart())
        wrong(kind.name + " does not keep its sources apart");
      for (const std::string& source : said.differs().source()) out.codes.push_back(word(source));
    } else {
      out.kind = Condition::Kind::Known;
      out.flag = said.known();
    }
  }
  return out;
}

Deadline Compiler::deadline_at(int field, const pb::Deadline& said, const Context& in, int index) {
  const Step step(*this, field, index);
  return deadline(said, in);
}

Deadline Compiler::deadline(const pb::Deadline& said, const Context& in) {
  using D = pb::Deadline;
  Deadline out;
  if (said.has_when()) out.when = condition_at(D::kWhenFieldNumber, said.when(), in);
  const int kinds = said.has_day_of() + said.has_next_day_of() + said.has_after() + said.has_on() +
                    (said.latest_of_size() > 0) + (said.earliest_of_size() > 0);
  if (kinds != 1) wrong("a deadline says exactly one day");
  const auto day_of = [&](int field, const pb::DayOf& day, Deadline::Kind kind) {
    const Step step(*this, field);
    out.kind = kind;
    out.period = static_cast<Period>(day.period());
    out.day = day.day();
    out.month = day.month();
    out.last = day.last();
    out.plus = day.plus();
    if (day.has_of()) out.of = value_at(pb::DayOf::kOfFieldNumber, day.of(), in);
    if (out.period == Period::None) wrong("a day of which period?");
    if (out.last == (out.day != 0)) wrong("either a day or the last one");
    if (out.day > 31 || out.month > 12) wrong("no such day");
    if (out.period == Period::Year && !out.last && out.month == 0) wrong("a day of which month?");
  };
  if (said.has_day_of()) day_of(D::kDayOfFieldNumber, said.day_of(), Deadline::Kind::DayOf);
  if (said.has_next_day_of())
    day_of(D::kNextDayOfFieldNumber, said.next_day_of(), Deadline::Kind::NextDayOf);
  if (said.has_after()) {
    const Step step(*this, D::kAfterFieldNumber);
    const pb::After& after = said.after();
    out.kind = Deadline::Kind::After;
    if (after.has_of()) out.of = value_at(pb::After::kOfFieldNumber, after.of(), in);
    out.count = value_at(pb::After::kCountFieldNumber, after.count(), in);
    out.unit = after.unit() == pb::UNIT_UNSPECIFIED ? Unit::Days : static_cast<Unit>(after.unit());
    out.strictly = after.strictly();
    out.before = after.before();
  }
  if (said.has_on()) {
    out.kind = Deadline::Kind::On;
    out.of = value_at(D::kOnFieldNumber, said.on(), in);
  }
  const auto parts = [&](int field, const auto& list, Deadline::Kind kind) {
    if (list.empty()) return;
    out.kind = kind;
    each(field, list, [&](const pb::Deadline& part) { out.parts.push_back(deadline(part, in)); });
  };
  parts(D::kLatestOfFieldNumber, said.latest_of(), Deadline::Kind::LatestOf);
  parts(D::kEarliestOfFieldNumber, said.earliest_of(), Deadline::Kind::EarliestOf);
  if (said.has_extended_by()) {
    const Step step(*this, D::kExtendedByFieldNumber);
    out.extended_by = word(said.extended_by().stage());
    out.extended_max = value_at(pb::ExtendedBy::kMaxFieldNumber, said.extended_by().max(), in);
    out.extended_unit = said.extended_by().unit() == pb::UNIT_UNSPECIFIED
                            ? out.unit
                            : static_cast<Unit>(said.extended_by().unit());
  }
  return out;
}
}  // namespace cunji::programme
