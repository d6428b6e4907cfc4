// What is known: subjects, facts, parameters, and what is derived from them.
#include <algorithm>

#include "shared/programme/compiler.h"

namespace cunji::programme {
bool read_scope(const std::string& said, Scope& out) {
  if (said == "subject")
    out = Scope::Subject;
  else if (said == "village")
    out = Scope::Village;
  else if (said == "county")
    out = Scope::County;
  else
    return false;
  return true;
}

void Compiler::compile_register(const pb::Definition& said, Definition& out) {
  using D = pb::Definition;
  each(D::kCodesFieldNumber, said.codes(), [&](const pb::Codes& codes) {
    id_ = codes.id();
    Codes list{.id = word(codes.id()),
               .label = label(codes.label()),
               .codes = {},
               .county_may_add = codes.county_may_add()};
    each(pb::Codes::kCodeFieldNumber, codes.code(), [&](const pb::Code& code) {
      id_ = codes.id() + "." + code.id();
      const bool twice = std::any_of(list.codes.begin(), list.codes.end(), [&](const auto& other) {
        return other.id == word(code.id());
      });
      if (twice) wrong("the code is listed twice");
      list.codes.push_back({word(code.id()), label(code.label()), word(code.parent())});
    });
    for (const Codes::Code& code : list.codes) {
      const bool listed = code.parent == kNoSymbol ||
                          std::any_of(list.codes.begin(), list.codes.end(),
                                      [&](const auto& other) { return other.id == code.parent; });
      if (!listed)
        problem(Problem::Kind::Unknown,
                "no code \"" + symbols_.word(code.parent) + "\" to belong to");
    }
    out.codes.push_back(std::move(list));
  });
  each(D::kSubjectFieldNumber, said.subject(), [&](const pb::Subject& one) {
    id_ = one.id();
    SubjectType made{.id = word(one.id()),
                     .label = label(one.label()),
                     .parent = type(one.parent(), pb::Subject::kParentFieldNumber),
                     .episode_of = type(one.episode_of(), pb::Subject::kEpisodeOfFieldNumber)};
    Symbol up = made.parent;
    for (std::size_t steps = 0; up != kNoSymbol; up = parent_of(up)) {
      if (up == made.id || ++steps > parents_.size()) {
        wrong("it belongs to itself");
        break;
      }
    }
    if (made.episode_of != kNoSymbol && made.episode_of != made.parent)
      wrong("a spell belongs to what it is a spell of");
    out.subjects.push_back(std::move(made));
  });
  each(D::kRelationFieldNumber, said.relation(), [&](const pb::Relation& one) {
    id_ = one.id();
    out.relations.push_back({.id = word(one.id()),
                             .label = label(one.label()),
                             .from = type(one.from(), pb::Relation::kFromFieldNumber),
                             .to = type(one.to(), pb::Relation::kToFieldNumber),
                             .from_max = one.from_max(),
                             .to_max = one.to_max(),
                             .seat = one.seat()});
    if (one.from().empty() || one.to().empty()) wrong("a relation has two ends");
  });
  each(D::kFactFieldNumber, said.fact(), [&](const pb::Fact& one) {
    id_ = one.id();
    Fact made{.id = word(one.id()),
              .label = label(one.label()),
              .programme = out.programme,
              .subject = type(one.subject(), pb::Fact::kSubjectFieldNumber),
              .type = static_cast<Type>(one.type()),
              .unit = one.unit(),
              .codes = known(Of::Codes, one.codes(), pb::Fact::kCodesFieldNumber),
              .keyed_by = static_cast<Period>(one.keyed_by()),
              .merge = one.merge() == pb::Fact::MERGE_UNSPECIFIED ? Merge::Last
                                                                  : static_cast<Merge>(one.merge()),
              .sources = {},
              .keep_sources_apart = one.keep_sources_apart(),
              .personal = one.personal(),
              .derived = one.derived(),
              .subject_type = type(one.subject_type(), pb::Fact::kSubjectTypeFieldNumber)};
    for (const std::string& source : one.source()) made.sources.push_back(word(source));
    if (made.subject == kNoSymbol) wrong("a fact of what?");
    if (made.type == Type::None) wrong("a fact of what type?");
    if (made.merge == Merge::Set && made.type != Type::CodeSet) wrong("only a CODE_SET is a SET");
    const bool sums = made.type == Type::Integer || made.type == Type::Money ||
                      made.type == Type::Points || made.type == Type::Area;
    if (made.merge == Merge::Sum && !sums) wrong("only amounts make a SUM");
    if (made.keep_sources_apart && made.sources.size() < 2) wrong("which sources are kept apart?");
    if ((made.type == Type::Code || made.type == Type::CodeSet) && one.codes().empty() &&
        !one.derived())
      missing("which codes?");
    out.facts.push_back(std::move(made));
  });
  each(D::kParameterFieldNumber, said.parameter(), [&](const pb::Parameter& one) {
    id_ = one.key();
    Parameter made{.key = word(one.key()),
                   .label = label(one.label()),
                   .basis = static_cast<Basis>(one.basis()),
                   .unit = one.unit(),
                   .value = one.has_value() ? std::optional(one.value()) : std::nullopt,
                   .rows = {},
                   .list = {},
                   .divisions = {one.division().begin(), one.division().end()},
                   .text = word(one.text()),
                   .rules = rules(one.rule())};
    for (const pb::ParameterRow& row : one.row()) {
      Parameter::Row added{.when = {}, .value = row.value()};
      for (const std::string& key : row.when())
        added.when.push_back(key == "*" ? kNoSymbol : word(key));
      made.rows.push_back(std::move(added));
    }
    for (const std::string& code : one.list()) made.list.push_back(word(code));
    const int said_values = made.value.has_value() + !made.rows.empty() + !made.list.empty() +
                            !made.divisions.empty() + (made.text != kNoSymbol);
    if (made.basis == Basis::None) missing("is it PRINTED, RECOMMENDED or UNSET?");
    if (made.basis == Basis::Unset ? said_values != 0 : said_values != 1)
      wrong(made.basis == Basis::Unset ? "an UNSET parameter has no value"
                                       : "a parameter has exactly one value, table or list");
    if (made.rules.empty()) missing("which rule's number is it?");
    out.parameters.push_back(std::move(made));
  });
  each(D::kNamedDayFieldNumber, said.named_day(), [&](const pb::NamedDay& one) {
    id_ = one.id();
    NamedDay made{.id = word(one.id()),
                  .label = label(one.label()),
                  .month = one.month(),
                  .day = one.day(),
                  .on = {}};
    for (const std::string& on : one.on()) {
      const auto date = parse_date(on);
      if (!date) {
        wrong("no such day: \"" + on + "\"");
      } else {
        made.on.push_back(*date);
      }
    }
    std::sort(made.on.begin(), made.on.end());
    const Date every =
        Date{std::chrono::year{2024}, std::chrono::month{made.month}, std::chrono::day{made.day}};
    if (made.on.empty() && !every.ok()) wrong("it falls on no day");
    out.named_days.push_back(std::move(made));
  });
}

void Compiler::compile_derived(const pb::Definition& said, Definition& out) {
  using D = pb::Definition;
  each(D::kAggregateFieldNumber, said.aggregate(), [&](const pb::Aggregate& one) {
    using A = pb::Aggregate;
    id_ = one.id();
    Aggregate made{.id = word(one.id()), .label = label(one.label())};
    for (int i = 0; i < one.on_size(); ++i)
      made.on.push_back(type(one.on(i), A::kOnFieldNumber, i));
    made.over = one.over() == "payment" ? word("payment") : type(one.over(), A::kOverFieldNumber);
    Context in{.subject = made.over};
    if (made.over == word("payment")) in.subject = kNoSymbol;
    made.via = known(Of::Relation, one.via(), A::kViaFieldNumber);
    if (one.has_where()) made.where = condition_at(A::kWhereFieldNumber, one.where(), in);
    made.op = static_cast<Op>(one.op());
    if (made.op == Op::None) wrong("counted or added up?");
    if (one.has_of()) made.of = value_at(A::kOfFieldNumber, one.of(), in);
    if ((made.op == Op::Count) == one.has_of())
      wrong("only a COUNT needs no `of`, and it has none");
    made.period = static_cast<Period>(one.period());
    made.rolling = one.rolling();
    made.rolling_unit = one.rolling_unit() == pb::UNIT_UNSPECIFIED
                            ? Unit::Days
                            : static_cast<Unit>(one.rolling_unit());
    made.population_at = one.population_at() == pb::POPULATION_AT_UNSPECIFIED
                             ? PopulationAt::Now
                             : static_cast<PopulationAt>(one.population_at());
    if (one.has_dated_by()) {
      Kind day;
      made.dated_by = value_at(A::kDatedByFieldNumber, one.dated_by(), in, &day);
      if (day.type != Type::None && day.type != Type::Date)
        wrong("dated by something else than a day");
    }
    made.or_stated_by = known(Of::Fact, one.or_stated_by(), A::kOrStatedByFieldNumber);
    if (one.on().empty()) wrong("kept for what?");
    if (!read_scope(one.scope(), made.scope)) missing("within whose reach is it (scope)?");
    out.aggregates.push_back(std::move(made));
  });
  each(D::kRatioFieldNumber, said.ratio(), [&](const pb::Ratio& one) {
    using R = pb::Ratio;
    id_ = one.id();
    Ratio made{.id = word(one.id()), .label = label(one.label())};
    for (int i = 0; i < one.on_size(); ++i)
      made.on.push_back(type(one.on(i), R::kOnFieldNumber, i));
    const auto terms = [&](int field, const auto& list) {
      std::vector<Symbol> all;
      for (int i = 0; i < list.size(); ++i) {
        if (fact_of(list[i]) != nullptr) {
          all.push_back(word(list[i]));
        } else {
          all.push_back(known(Of::Aggregate, list[i], field, i));
        }
      }
      return all;
    };
    made.plus = terms(R::kPlusFieldNumber, one.plus());
    made.over = terms(R::kOverFieldNumber, one.over());
    made.over_minus = terms(R::kOverMinusFieldNumber, one.over_minus());
    if (made.plus.empty() || made.over.empty()) wrong("a ratio of what to what?");
    if (one.has_target()) {
      const Step step(*this, R::kTargetFieldNumber);
      made.target = bound(one.target(), {},
                          {.type = Type::BasisPoints,
                           .codes = {},
                           .unit = {},
                           .subject_type = {},
                           .name = "the ratio"});
    }
    out.ratios.push_back(std::move(made));
  });
  each(D::kTableFieldNumber, said.table(), [&](const pb::Table& one) {
    using T = pb::Table;
    id_ = one.id();
    Table made{.id = word(one.id()),
               .label = label(one.label()),
               .writes = known(Of::Fact, one.writes(), T::kWritesFieldNumber),
               .rows = {},
               .otherwise = word(one.otherwise())};
    Context in;
    Kind kind;
    if (const pb::Fact* fact = fact_of(one.writes())) {
      writes(*fact, /*derived=*/true);
      in.subject = word(fact->subject());
      kind = kind_of_fact(*fact);
    }
    each(T::kRowFieldNumber, one.row(), [&](const pb::TableRow& row) {
      check_codes(kind, row.value(), pb::TableRow::kValueFieldNumber, 0);
      made.rows.push_back({.when = condition_at(pb::TableRow::kWhenFieldNumber, row.when(), in),
                           .value = word(row.value()),
                           .reason = word(row.reason()),
                           .label = label(row.label())});
      if (row.reason().empty()) missing("for what reason?");
    });
    if (one.otherwise().empty()) {
      missing("and otherwise?");
    } else {
      check_codes(kind, one.otherwise(), T::kOtherwiseFieldNumber, 0);
    }
    out.tables.push_back(std::move(made));
  });
  each(D::kCalculationFieldNumber, said.calculation(), [&](const pb::Calculation& one) {
    using C = pb::Calculation;
    id_ = one.id();
    Calculation made{.id = word(one.id()),
                     .label = label(one.label()),
                     .version = std::max(1U, one.version()),
                     .on = type(one.on(), C::kOnFieldNumber)};
    const Context in{.subject = made.on};
    for (int i = 0; i < one.in_size(); ++i) {
      const Step step(*this, C::kInFieldNumber, i);
      Value value;
      if (const pb::Fact* fact = fact_of(one.in(i))) {
        read_fact(*fact, in);
        value.from = Value::From::Fact;
      } else if (find(Of::Aggregate, one.in(i)) != nullptr) {
        value.from = Value::From::Aggregate;
      } else if (find(Of::Parameter, one.in(i)) != nullptr) {
        value.from = Value::From::Parameter;
        read_parameter(one.in(i));
      } else {
        problem(Problem::Kind::Unknown, "nothing called \"" + one.in(i) + "\" to work with");
      }
      value.id = word(one.in(i));
      made.in.push_back(std::move(value));
    }
    for (int i = 0; i < one.out_size(); ++i) {
      made.out.push_back(known(Of::Fact, one.out(i), C::kOutFieldNumber, i));
      if (const pb::Fact* fact = fact_of(one.out(i))) writes(*fact, /*derived=*/true);
    }
    if (made.out.empty()) wrong("a calculation of what?");
    made.visits = static_cast<Calculation::Visits>(one.visits());
    if (!one.duty().empty()) {
      made.duty = known(Of::Duty, one.duty(), C::kDutyFieldNumber);
      made.duty_person = known(Of::Fact, one.duty_person(), C::kDutyPersonFieldNumber);
    }
    made.rounding = one.rounding() == C::ROUNDING_UNSPECIFIED
                        ? Rounding::HalfUp
                        : static_cast<Rounding>(one.rounding());
    if (!one.scope().empty() && !read_scope(one.scope(), made.scope))
      wrong("no scope \"" + one.scope() + "\"");
    const std::string name = one.id() + "@" + std::to_string(made.version);
    if (!calculations_.empty() &&
        std::find(calculations_.begin(), calculations_.end(), name) == calculations_.end())
      problem(Problem::Kind::Unknown, "this program has no calculation " + name);
    out.calculations.push_back(std::move(made));
  });
}
}  // namespace cunji::programme
