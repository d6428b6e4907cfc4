// Forms, duties, score cards, warnings, reports.
#include <algorithm>

#include "shared/programme/compiler.h"

namespace cunji::programme {
std::vector<std::string> Compiler::rules(
    const google::protobuf::RepeatedPtrField<std::string>& said) {
  std::vector<std::string> out;
  for (const std::string& each : said) {  // "MON-R21 MON-A04" names two.
    for (std::size_t at = 0; at < each.size();) {
      const std::size_t end = std::min(each.find(' ', at), each.size());
      if (end > at) out.push_back(each.substr(at, end - at));
      at = end + 1;
    }
  }
  return out;
}

// `fact` is written here: by its own programme or one that it names, and derived ones by tables and
// calculations alone.
void Compiler::writes(const pb::Fact& fact, bool derived) {
  const Declared* at = find(Of::Fact, fact.id());
  const std::string& own = (*definitions_)[at_].programme();
  const bool may = at->definition == at_ || std::find(fact.writer().begin(), fact.writer().end(),
                                                      own) != fact.writer().end();
  if (!may)
    wrong("fact \"" + fact.id() + "\" of " + (*definitions_)[at->definition].programme() +
          " may not be written by " + own);
  if (fact.derived() != derived)
    wrong(derived ? "fact \"" + fact.id() + "\" is not declared as derived"
                  : "fact \"" + fact.id() + "\" is derived and can't be written");
}

Actor Compiler::actor(const pb::Actor& said) {
  Actor out{.role = word(said.role()),
            .office = word(said.office()),
            .level = word(said.level()),
            .relation = known(Of::Relation, said.relation(), pb::Actor::kRelationFieldNumber),
            .countersigns = said.countersigns()};
  if (out.role == kNoSymbol && out.office == kNoSymbol && out.relation == kNoSymbol &&
      out.level == kNoSymbol)
    wrong("an actor has a role, an office, a level or a relation");
  const auto listed = [&](const char* list, const std::string& code, int field) {
    if (find(Of::Codes, list) != nullptr)
      check_codes(
          {.type = Type::Code, .codes = word(list), .unit = {}, .subject_type = {}, .name = {}},
          code, field, 0);
  };
  if (!said.role().empty()) listed("role", said.role(), pb::Actor::kRoleFieldNumber);
  if (!said.office().empty()) listed("office", said.office(), pb::Actor::kOfficeFieldNumber);
  return out;
}

std::vector<Actor> Compiler::actors(int field,
                                    const google::protobuf::RepeatedPtrField<pb::Actor>& said) {
  std::vector<Actor> out;
  each(field, said, [&](const pb::Actor& one) { out.push_back(actor(one)); });
  return out;
}

Field Compiler::field(const pb::Field& said, const Context& in) {
  using F = pb::Field;
  Field out{.key = word(said.key()),
            .label = label(said.label()),
            .type = static_cast<Type>(said.type()),
            .unit = said.unit(),
            .codes = known(Of::Codes, said.codes(), F::kCodesFieldNumber)};
  const Kind kind = {.type = out.type,
                     .codes = out.codes,
                     .unit = {},
                     .subject_type = {},
                     .name = "field \"" + said.key() + "\""};
  if (out.type == Type::None) wrong("a field of what type?");
  if ((out.type == Type::Code || out.type == Type::CodeSet) && said.codes().empty())
    missing("which codes?");
  if (said.has_range()) {
    const Step step(*this, F::kRangeFieldNumber);
    out.range = bound(said.range(), in, kind);
  }
  out.force =
      said.force() == pb::FORCE_UNSPECIFIED ? Force::Block : static_cast<Force>(said.force());
  out.required = said.required();
  out.required_from = word(said.required_from());
  if (said.has_visible_if())
    out.visible_if = condition_at(F::kVisibleIfFieldNumber, said.visible_if(), in);
  if (said.has_prefill()) {
    Kind with;
    out.prefill = value_at(F::kPrefillFieldNumber, said.prefill(), in, &with);
    const bool like = out.type == Type::None || with.type == Type::None || out.type == with.type;
    if (!like) wrong(with.name + " does not fit into " + kind.name);
  }
  out.frozen = said.frozen();
  if (out.frozen && !said.has_prefill()) wrong("frozen with what? It has no prefill");
  out.excludes_rater = said.excludes_rater();
  out.mask = said.mask();
  out.row_subject = type(said.row_subject(), F::kRowSubjectFieldNumber);
  out.population = word(said.population());
  out.subject_type = type(said.subject_type(), F::kSubjectTypeFieldNumber);
  if ((out.type == Type::Rows) == said.row().empty()) wrong("ROWS have columns, nothing else has");
  Context rows = in;
  rows.rows = &said;
  each(F::kRowFieldNumber, said.row(), [&](const pb::Field& column) {
    if (column.type() == pb::ROWS) wrong("no rows within rows");
    out.row.push_back(field(column, rows));
  });
  out.fact = known(Of::Fact, said.fact(), F::kFactFieldNumber);
  if (const pb::Fact* fact = fact_of(said.fact())) {
    writes(*fact, /*derived=*/false);
    const bool adds = fact->merge() == pb::Fact::SET && out.type == Type::Code;
    if (fact->type() != said.type() && !adds) wrong("the fact is of another type");
    if (fact->codes() != said.codes() && (out.type == Type::Code || out.type == Type::CodeSet))
      wrong("the fact has other codes");
  }
  return out;
}

Check Compiler::check(const pb::Check& said, const Context& in) {
  using C = pb::Check;
  Check out{.force = said.force() == pb::FORCE_UNSPECIFIED ? Force::Block
                                                           : static_cast<Force>(said.force()),
            .label = {said.label().zh(), said.label().en()}};
  if (const auto named = rules(said.rule()); !named.empty()) out.rule = named.front();
  const auto look = [&](const std::string& key, int field, int index = 0) {
    const Step step(*this, field, index);
    if (!kind_of_field(key, in))
      problem(Problem::Kind::Unknown, "no field \"" + key + "\" in the form at hand");
    const auto dot = key.find('.');
    out.rows.push_back(dot == std::string::npos ? kNoSymbol : word(key.substr(0, dot)));
    out.fields.push_back(word(dot == std::string::npos ? key : key.substr(dot + 1)));
  };
  const int kinds = !said.sum_of().empty() + !said.not_all_equal().empty() +
                    !said.in_order().empty() + (said.disjoint_size() > 0) +
                    (said.one_of_size() > 0) + said.has_must();
  if (kinds != 1) wrong("a check looks at exactly one thing");
  if (!said.sum_of().empty()) {
    out.kind = Check::Kind::SumOf;
    look(said.sum_of(), C::kSumOfFieldNumber);
    if (said.has_equals())
      out.equals = value_at(C::kEqualsFieldNumber, said.equals(), in);
    else
      wrong("the sum equals what?");
  } else if (!said.not_all_equal().empty()) {
    out.kind = Check::Kind::NotAllEqual;
    look(said.not_all_equal(), C::kNotAllEqualFieldNumber);
  } else if (!said.in_order().empty()) {
    out.kind = Check::Kind::InOrder;
    look(said.in_order(), C::kInOrderFieldNumber);
  } else if (said.disjoint_size() > 0) {
    out.kind = Check::Kind::Disjoint;
    for (int i = 0; i < said.disjoint_size(); ++i)
      look(said.disjoint(i), C::kDisjointFieldNumber, i);
  } else if (said.one_of_size() > 0) {
    out.kind = Check::Kind::OneOf;
    for (int i = 0; i < said.one_of_size(); ++i) look(said.one_of(i), C::kOneOfFieldNumber, i);
  } else if (said.has_must()) {
    out.must = condition_at(C::kMustFieldNumber, said.must(), in);
    label(said.label());
  }
  return out;
}

Effect Compiler::effect(const pb::Effect& said, const Context& in) {
  using E = pb::Effect;
  Effect out;
  if (said.has_when()) out.when = condition_at(E::kWhenFieldNumber, said.when(), in);
  Context there = in;
  if (!said.on().empty()) {
    const Step step(*this, E::kOnFieldNumber);
    out.on = via(said.on(), in, there);
  }
  out.all_open_cases = said.all_open_cases();
  out.standing = said.standing() == E::STANDING_UNSPECIFIED
                     ? Standing::Confirmed
                     : static_cast<Standing>(said.standing());
  const auto field_of = [&](const std::string& key, int field) -> Symbol {
    if (!kind_of_field(key, in)) {
      const Step step(*this, field);
      problem(Problem::Kind::Unknown, "no field \"" + key + "\" in the form at hand");
    }
    return word(key);
  };
  if (!said.fact().empty()) {
    out.fact = known(Of::Fact, said.fact(), E::kFactFieldNumber);
    if (const pb::Fact* fact = fact_of(said.fact())) {
      writes(*fact, /*derived=*/false);
      if (!is_readable_of(there.subject, word(fact->subject())))
        wrong("fact \"" + fact->id() + "\" belongs to a " + fact->subject() + ", not to a " +
              symbols_.word(there.subject));
      if (!said.set().empty()) check_codes(kind_of_fact(*fact), said.set(), E::kSetFieldNumber, 0);
    }
    const int ways =
        !said.set().empty() + !said.add().empty() + !said.from_field().empty() + said.has_value();
    if (ways != 1) wrong("the fact is set in exactly one way");
  }
  if (!said.set().empty()) {
    out.how = Effect::How::Set;
    out.code = word(said.set());
  } else if (!said.add().empty()) {
    out.how = Effect::How::Add;
    out.field = field_of(said.add(), E::kAddFieldNumber);
  } else if (!said.from_field().empty()) {
    out.how = Effect::How::FromField;
    out.field = field_of(said.from_field(), E::kFromFieldFieldNumber);
  } else if (said.has_value()) {
    out.how = Effect::How::FromValue;
    out.value = value_at(E::kValueFieldNumber, said.value(), in);
  }
  out.open = known(Of::Procedure, said.open(), E::kOpenFieldNumber);
  out.close = known(Of::Procedure, said.close(), E::kCloseFieldNumber);
  out.link = known(Of::Relation, said.link(), E::kLinkFieldNumber);
  out.unlink = known(Of::Relation, said.unlink(), E::kUnlinkFieldNumber);
  out.life = static_cast<Life>(said.life());
  for (const bool ends : {false, true}) {
    if (!(ends ? said.has_until() : said.has_since())) continue;
    const int field = ends ? E::kUntilFieldNumber : E::kSinceFieldNumber;
    Kind day;
    (ends ? out.until : out.since) = value_at(field, ends ? said.until() : said.since(), in, &day);
    if (day.type != Type::None && day.type != Type::Date)
      wrong("a link from or to something else than a day");
    if (out.link == kNoSymbol && out.unlink == kNoSymbol) wrong("days of no link");
  }
  out.replaces = said.replaces();
  if (out.replaces && out.link == kNoSymbol) wrong("it replaces no link");
  const bool does = out.fact != kNoSymbol || out.all_open_cases || out.open != kNoSymbol ||
                    out.close != kNoSymbol || out.link != kNoSymbol || out.unlink != kNoSymbol ||
                    out.life != Life::None;
  if (!does) wrong("an effect on nothing");
  return out;
}

Form Compiler::form(const pb::Form& said) {
  using F = pb::Form;
  Form out{.id = word(full(said.id())),
           .label = label(said.label()),
           .programme = word((*definitions_)[at_].programme())};
  if (const auto kind = event::kind_named(said.kind())) {
    out.kind = *kind;
  } else {
    wrong("no kind of event \"" + said.kind() + "\"");
  }
  out.subject = type(said.subject(), F::kSubjectFieldNumber);
  const Context in{.subject = out.subject, .form = &said};
  out.recorders = actors(F::kRecorderFieldNumber, said.recorder());
  out.acts_for = actors(F::kActsForFieldNumber, said.acts_for());
  out.participants = actors(F::kParticipantFieldNumber, said.participant());
  out.readers = actors(F::kReaderFieldNumber, said.reader());
  if (out.recorders.empty()) missing("who may record it?");
  if (out.readers.empty()) missing("who may read it?");
  const bool field_kind = out.kind == event::Kind::Visit || out.kind == event::Kind::CheckIn ||
                          out.kind == event::Kind::Survey;
  out.judged_by = said.judged_by() != pb::JUDGED_BY_UNSPECIFIED
                      ? static_cast<JudgedBy>(said.judged_by())
                      : (field_kind ? JudgedBy::Happened : JudgedBy::Received);
  out.fields.reserve(static_cast<std::size_t>(said.field_size()));  // There are many, and large.
  each(F::kFieldFieldNumber, said.field(), [&](const pb::Field& one) {
    id_ = said.id() + "." + one.key();
    const bool twice = std::any_of(out.fields.begin(), out.fields.end(), [&](const Field& other) {
      return other.key == word(one.key());
    });
    if (twice) wrong("the field is there twice");
    out.fields.push_back(field(one, in));
  });
  id_ = said.id();
  each(F::kCheckFieldNumber, said.check(),
       [&](const pb::Check& one) { out.checks.push_back(check(one, in)); });
  for (const std::string& kind : said.evidence()) out.evidence.push_back(word(kind));
  each(F::kEffectFieldNumber, said.effect(),
       [&](const pb::Effect& one) { out.effects.push_back(effect(one, in)); });
  out.rules = rules(said.rule());
  if (said.has_due())
    out.due = condition_at(F::kDueFieldNumber, said.due(), {.subject = out.subject});
  out.creates = said.creates();
  out.source = word(said.source());
  return out;
}

Duty Compiler::duty(const pb::Duty& said) {
  using D = pb::Duty;
  Duty out{.id = word(said.id()), .label = label(said.label())};
  if (said.has_who()) {
    const Step step(*this, D::kWhoFieldNumber);
    out.who = actor(said.who());
  } else {
    missing("whose duty is it?");
  }
  out.each = type(said.each(), D::kEachFieldNumber);
  const Context in{.subject = out.each};
  if (out.each == kNoSymbol) wrong("for each what?");
  if (said.has_where()) out.where = condition_at(D::kWhereFieldNumber, said.where(), in);
  out.population_at = said.population_at() == pb::POPULATION_AT_UNSPECIFIED
                          ? PopulationAt::Now
                          : static_cast<PopulationAt>(said.population_at());
  out.period = static_cast<Period>(said.period());
  out.every = said.every();
  if (said.has_every_days())
    out.every_days = value_at(D::kEveryDaysFieldNumber, said.every_days(), in);
  if (said.has_opens()) out.opens = deadline_at(D::kOpensFieldNumber, said.opens(), in);
  if (said.has_due()) out.due = deadline_at(D::kDueFieldNumber, said.due(), in);
  if (said.has_at_least()) out.at_least = value_at(D::kAtLeastFieldNumber, said.at_least(), in);
  Context counted = in;
  if (said.fulfilled_by_size() > 0) counted.form = form_of(said.fulfilled_by(0).form());
  if (said.has_counts_if())
    out.counts_if = condition_at(D::kCountsIfFieldNumber, said.counts_if(), counted);
  out.distinct_by = word(said.distinct_by());
  each(D::kFulfilledByFieldNumber, said.fulfilled_by(), [&](const pb::FulfilledBy& one) {
    using B = pb::FulfilledBy;
    out.fulfilled_by.push_back(
        {.form = known(Of::Form, one.form(), B::kFormFieldNumber),
         .stage = word(one.stage()),
         .procedure = known(Of::Procedure, one.procedure(), B::kProcedureFieldNumber),
         .participant = word(one.participant()),
         .statement = known(Of::Report, one.statement(), B::kStatementFieldNumber)});
  });
  if (out.fulfilled_by.empty()) missing("nothing fulfils it");
  each(D::kInsteadFieldNumber, said.instead(), [&](const pb::Instead& one) {
    Duty::Instead made{.form = known(Of::Form, one.form(), pb::Instead::kFormFieldNumber),
                       .times = std::max(1U, one.times()),
                       .on_different_days = one.on_different_days(),
                       .confirmed_form = known(Of::Form, one.confirmed_form(),
                                               pb::Instead::kConfirmedFormFieldNumber),
                       .confirmed_if = {},
                       .confirmed_for = {},
                       .confirmed_by = {}};
    if (one.has_confirmed_by()) {
      const Step step(*this, pb::Instead::kConfirmedByFieldNumber);
      made.confirmed_by = actor(one.confirmed_by());
    }
    const Context confirming{.subject = out.each, .form = form_of(one.confirmed_form())};
    if (one.has_confirmed_if())
      made.confirmed_if =
          condition_at(pb::Instead::kConfirmedIfFieldNumber, one.confirmed_if(), confirming);
    if (one.has_confirmed_for())
      made.confirmed_for =
          value_at(pb::Instead::kConfirmedForFieldNumber, one.confirmed_for(), confirming);
    out.instead.push_back(std::move(made));
  });
  if (said.has_share()) {
    const Step step(*this, D::kShareFieldNumber);
    const pb::Share& share = said.share();
    out.share = Duty::Share{.of = value_at(pb::Share::kOfFieldNumber, share.of(), in),
                            .at_least = {},
                            .group = type(share.group(), pb::Share::kGroupFieldNumber),
                            .rounding = share.rounding() == pb::Calculation::ROUNDING_UNSPECIFIED
                                            ? Rounding::Up
                                            : static_cast<Rounding>(share.rounding()),
                            .drawn = share.drawn()};
    if (share.has_at_least())
      out.share->at_least = value_at(pb::Share::kAtLeastFieldNumber, share.at_least(), in);
  }
  out.judged_by = said.judged_by() == pb::JUDGED_BY_UNSPECIFIED
                      ? JudgedBy::Received
                      : static_cast<JudgedBy>(said.judged_by());
  out.in_months.assign(said.in_month().begin(), said.in_month().end());
  if (said.from_year() != 0)
    out.from = Month{std::chrono::year{static_cast<int>(said.from_year())},
                     std::chrono::month{std::max(1U, said.from_month())}};
  const bool in_time = out.period != Period::None || out.every != 0 || out.every_days.is_set() ||
                       out.due.is_set() || out.share.has_value() || out.at_least.is_set();
  if (!in_time) wrong("until when?");
  return out;
}

void Compiler::compile_score_cards(const pb::Definition& said, Definition& out) {
  each(pb::Definition::kCardFieldNumber, said.card(), [&](const pb::Card& one) {
    using C = pb::Card;
    id_ = one.id();
    Card made{.id = word(one.id()),
              .label = label(one.label()),
              .subject = type(one.subject(), C::kSubjectFieldNumber),
              .population = word(one.population()),
              .period = static_cast<Period>(one.period())};
    const Context in{.subject = made.subject};
    if (find(Of::Aggregate, one.population()) == nullptr &&
        find(Of::Parameter, one.population()) == nullptr) {
      const Step step(*this, C::kPopulationFieldNumber);
      problem(Problem::Kind::Unknown,
              "no aggregate or list \"" + one.population() + "\" to take as population");
    }
    read_parameter(one.population());
    each(C::kItemFieldNumber, one.item(), [&](const pb::Item& item) {
      using I = pb::Item;
      id_ = one.id() + "." + item.id();
      Card::Item added{.id = word(item.id()), .label = label(item.label())};
      if (item.has_max()) added.max = value_at(I::kMaxFieldNumber, item.max(), in);
      if (item.has_min()) added.min = value_at(I::kMinFieldNumber, item.min(), in);
      if (item.has_weight()) added.weight = value_at(I::kWeightFieldNumber, item.weight(), in);
      added.deducts = item.deducts();
      if (item.has_when()) added.when = condition_at(I::kWhenFieldNumber, item.when(), in);
      if (!item.sum().empty())
        added.sum = fact_of(item.sum()) != nullptr
                        ? word(item.sum())
                        : known(Of::Aggregate, item.sum(), I::kSumFieldNumber);
      added.ratio = known(Of::Ratio, item.ratio(), I::kRatioFieldNumber);
      added.entry = known(Of::Fact, item.entry(), I::kEntryFieldNumber);
      for (int i = 0; i < item.duty_size(); ++i)
        added.duties.push_back(known(Of::Duty, item.duty(i), I::kDutyFieldNumber, i));
      added.card = known(Of::Card, item.card(), I::kCardFieldNumber);
      if (!item.calculation().empty())
        added.calculation =
            fact_of(item.calculation()) != nullptr
                ? word(item.calculation())
                : known(Of::Calculation, item.calculation(), I::kCalculationFieldNumber);
      if (item.has_ranks()) {
        const Step step(*this, I::kRanksFieldNumber);
        added.ranks_form = known(Of::Form, item.ranks().form(), pb::Ranks::kFormFieldNumber);
        added.ranks_mean_over = word(item.ranks().mean_over());
      }
      added.once_per = word(item.once_per());
      const int sources = !item.sum().empty() + !item.ratio().empty() + !item.entry().empty() +
                          (item.duty_size() > 0) + !item.card().empty() +
                          !item.calculation().empty() + item.has_ranks();
      if (sources != 1) wrong("an item comes from exactly one thing");
      made.items.push_back(std::move(added));
    });
    id_ = one.id();
    for (const std::string& by : one.rank_by()) {
      const bool lowest = by.starts_with('-');
      made.rank_by.push_back({word(lowest ? by.substr(1) : by), lowest});
    }
    made.show_ties = one.ties() == "show";
    each(C::kGradeFieldNumber, one.grade(), [&](const pb::Grade& grade) {
      using G = pb::Grade;
      id_ = one.id() + "." + grade.code();
      Card::Grade added{.code = word(grade.code()), .label = label(grade.label())};
      if (grade.has_top_share())
        added.top_share = value_at(G::kTopShareFieldNumber, grade.top_share(), in);
      if (grade.has_top()) added.top = value_at(G::kTopFieldNumber, grade.top(), in);
      if (grade.has_bottom()) added.bottom = value_at(G::kBottomFieldNumber, grade.bottom(), in);
      if (grade.has_when()) added.when = condition_at(G::kWhenFieldNumber, grade.when(), in);
      made.grades.push_back(std::move(added));
    });
    id_ = one.id();
    each(C::kOverrideFieldNumber, one.override(), [&](const pb::Override& put) {
      using O = pb::Override;
      Card::Override added{.when = {}, .place = word(put.place()), .score = {}};
      if (put.has_when()) added.when = condition_at(O::kWhenFieldNumber, put.when(), in);
      if (put.has_score()) added.score = value_at(O::kScoreFieldNumber, put.score(), in);
      made.overrides.push_back(std::move(added));
    });
    if (!one.scope().empty() && !read_scope(one.scope(), made.scope))
      wrong("no scope \"" + one.scope() + "\"");
    out.cards.push_back(std::move(made));
  });
}

void Compiler::compile_warnings(const pb::Definition& said, Definition& out) {
  each(pb::Definition::kWarningFieldNumber, said.warning(), [&](const pb::Warning& one) {
    using W = pb::Warning;
    id_ = one.id();
    Warning made{.id = word(one.id()),
                 .label = label(one.label()),
                 .each = type(one.each(), W::kEachFieldNumber)};
    const Context in{.subject = made.each};
    made.when = condition_at(W::kWhenFieldNumber, one.when(), in);
    each(W::kAtFieldNumber, one.at(), [&](const pb::Step& at) {
      Warning::Step step;
      if (at.has_deadline())
        step.deadline = deadline_at(pb::Step::kDeadlineFieldNumber, at.deadline(), in);
      step.days = at.days();
      if (at.has_deadline() && at.days() != 0) wrong("either from a day or after so many days");
      static constexpr std::string_view kLevels[] = {"info", "reminder", "urgent", "breach"};
      const auto* level = std::find(std::begin(kLevels), std::end(kLevels), at.level());
      if (at.level().empty()) {
        step.level = Level::Reminder;
      } else if (level == std::end(kLevels)) {
        wrong("no level \"" + at.level() + "\"");
      } else {
        step.level = static_cast<Level>(level - kLevels);
      }
      step.tell = actors(pb::Step::kTellFieldNumber, at.tell());
      if (step.tell.empty()) missing("who is told?");
      made.steps.push_back(std::move(step));
    });
    if (made.steps.empty()) missing("who is told?");
    made.offer = known(Of::Form, one.offer(), W::kOfferFieldNumber);
    each(W::kShowFieldNumber, one.show(),
         [&](const pb::Value& value_said) { made.show.push_back(value(value_said, in)); });
    made.rules = rules(one.rule());
    if (made.rules.empty()) missing("which rule is broken?");
    out.warnings.push_back(std::move(made));
  });
}

// How a cell may be printed (shared/state/README.md, "Reports").
static bool is_format(std::string_view format) {
  return format.empty() || format == "percent" || format == "reason" || format == "received" ||
         format.starts_with("yes_no:") || format.starts_with("yyyy");
}

void Compiler::compile_reports(const pb::Definition& said, Definition& out) {
  each(pb::Definition::kReportFieldNumber, said.report(), [&](const pb::Report& one) {
    using R = pb::Report;
    id_ = one.id();
    Report made{.id = word(one.id()),
                .label = label(one.label()),
                .layout = one.layout() == R::LAYOUT_UNSPECIFIED ? Layout::List
                                                                : static_cast<Layout>(one.layout()),
                .rows = type(one.rows(), R::kRowsFieldNumber)};
    const Context in{.subject = made.rows};
    if (one.has_where()) made.where = condition_at(R::kWhereFieldNumber, one.where(), in);
    const auto columns = [&](int field, const auto& list, std::vector<Report::Column>& to,
                             const Context& of) {
      each(field, list, [&](const pb::Column& column) {
        Report::Column added{
            .title = label(column.title()), .value = {}, .format = column.format()};
        if (!is_format(column.format())) wrong("no format \"" + column.format() + "\"");
        if (column.has_value())
          added.value = value_at(pb::Column::kValueFieldNumber, column.value(), of);
        to.push_back(std::move(added));
      });
    };
    columns(R::kColumnFieldNumber, one.column(), made.columns, in);
    columns(R::kHeaderFieldNumber, one.header(), made.header, {});
    const auto order = [&](int field, const auto& list, std::vector<Symbol>& to) {
      for (int i = 0; i < list.size(); ++i) {
        to.push_back(word(list[i]));
        if (find(Of::Fact, list[i]) != nullptr || find(Of::Aggregate, list[i]) != nullptr ||
            find(Of::Ratio, list[i]) != nullptr || parents_.contains(to.back()))
          continue;
        const Step step(*this, field, i);
        problem(Problem::Kind::Unknown, "no fact, count, ratio or type \"" + list[i] + "\"");
      }
    };
    order(R::kGroupByFieldNumber, one.group_by(), made.group_by);
    order(R::kSortFieldNumber, one.sort(), made.sort);
    for (int i = 0; i < one.of_size(); ++i) {
      const bool known_of = find(Of::Procedure, one.of(i)) != nullptr ||
                            find(Of::Duty, one.of(i)) != nullptr ||
                            find(Of::Table, one.of(i)) != nullptr;
      if (!known_of) {
        const Step step(*this, R::kOfFieldNumber, i);
        problem(Problem::Kind::Unknown, "no procedure, duty or table \"" + one.of(i) + "\"");
      }
      made.of.push_back(word(one.of(i)));
    }
    if (made.layout == Layout::Matrix &&
        (one.of_size() != 1 || find(Of::Table, one.of(0)) == nullptr))
      missing("of which table does it show the changes (of)?");
    for (const std::string& signer : one.signer()) made.signers.push_back(word(signer));
    made.note = one.note();
    made.mask = one.mask();
    made.period = static_cast<Period>(one.period());
    made.readers = actors(R::kReaderFieldNumber, one.reader());
    out.reports.push_back(std::move(made));
  });
}

void Compiler::compile(std::size_t at, const pb::Definition& said) {
  using D = pb::Definition;
  at_ = at;
  id_ = said.programme();
  auto out = std::make_shared<Definition>();
  out->programme = word(said.programme());
  out->label = label(said.label());
  out->prefix = said.prefix();
  out->document = said.document();
  out->version = said.version();
  if (said.programme().empty() || said.version() == 0)
    wrong("a definition names its programme and its version");
  if (const auto from = parse_date(said.effective_from())) {
    out->effective_from = *from;
  } else {
    wrong("from which day is it in force (effective_from: \"2022-01-01\")?");
  }
  for (int i = 0; i < said.reads_size(); ++i) {
    const Declared* fact = find(Of::Fact, said.reads(i));
    known(Of::Fact, said.reads(i), D::kReadsFieldNumber, i);
    if (fact != nullptr && fact->definition == at) wrong("reads its own \"" + said.reads(i) + "\"");
  }
  compile_register(said, *out);
  compile_derived(said, *out);
  each(D::kFormFieldNumber, said.form(), [&](const pb::Form& one) {
    id_ = one.id();
    out->forms.push_back(form(one));
  });
  each(D::kProcedureFieldNumber, said.procedure(), [&](const pb::Procedure& one) {
    id_ = one.id();
    out->procedures.push_back(procedure(one));
  });
  each(D::kDutyFieldNumber, said.duty(), [&](const pb::Duty& one) {
    id_ = one.id();
    out->duties.push_back(duty(one));
  });
  compile_score_cards(said, *out);
  compile_warnings(said, *out);
  compile_reports(said, *out);
  each(D::kMovesFieldNumber, said.moves(), [&](const pb::StageMapping& move) {
    out->moves.push_back(
        {known(Of::Procedure, move.procedure(), pb::StageMapping::kProcedureFieldNumber),
         word(move.from()), word(move.to())});
  });
  out_.definitions.push_back(std::move(out));
}
}  // namespace cunji::programme
