#include "shared/state/inquiry.h"

#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/state/audience.h"
#include "shared/state/data.h"
#include "shared/state/duties.h"
#include "shared/state/scores.h"
#include "shared/state/turns.h"
#include "shared/state/warning_index.h"

namespace cunji::state {
namespace pg = programme;

static std::string_view name_of(ListedStep::Why why) {
  static constexpr std::string_view kNames[] = {
      "waits_for_predecessor", "not_allowed",      "blocked",
      "needs_reason",          "warned",           "outdated",
      "already_decided",       "closed",           "too_early",
      "cannot_be_judged",      "second_of_period", "vote_without_quorum",
      "notice_too_short",      "over_limit",       "circle"};
  return kNames[static_cast<std::size_t>(why)];
}

static pg::Label label_of(const ListedStep& step) {
  if (!step.label.zh.empty()) return step.label;
  static const pg::Label kLabels[] = {
      {"等待前一步骤", "waits for the step before it"},
      {"无权办理", "not by whom it was taken"},
      {"不符合条件", "a condition does not hold"},
      {"需要书面理由", "needs a written reason"},
      {"提醒", "questionable"},
      {"未见此前的步骤", "the author had not seen a step before it"},
      {"已由他人决定", "already decided"},
      {"事项已办结", "the case is closed"},
      {"时间未到", "too early"},
      {"参数未定，无法判断", "cannot be judged: a parameter or an answer is missing"},
      {"本期已有一件", "the second of its period"},
      {"到会人数不足", "too few present"},
      {"公示天数不足或异议未答复", "the notice was too short, or an objection is open"},
      {"超出关系上限", "a relation would be over its limit"},
      {"并户形成循环", "the households would be merged in a circle"}};
  return kLabels[static_cast<std::size_t>(step.why)];
}

static Whom whom_of(const Symbols& words, const pg::Actor& actor) {
  return {.role = words.word(actor.role),
          .office = words.word(actor.office),
          .level = words.word(actor.level),
          .relation = words.word(actor.relation)};
}

static pg::Label label_of_code(const pg::Catalogue& catalogue, Symbol list, Symbol code) {
  const pg::Codes* codes = catalogue.codes.find(list);
  if (codes == nullptr) return {};
  const auto found = std::find_if(codes->codes.begin(), codes->codes.end(),
                                  [&](const auto& each) { return each.id == code; });
  return found == codes->codes.end() ? pg::Label{} : found->label;
}

static FactNow derived(const World& world, const pg::Fact& fact, std::uint32_t subject, Date on,
                       const Val& val) {
  FactNow out{.name = world.values().words.word(fact.id),
              .key = {},
              .label = fact.label,
              .value = world.values().value_of(val),
              .derived = true,
              .reason = {},
              .reason_label = {}};
  const pg::Table* table = world.catalogue(on).table_of(fact.id);
  std::vector<Date> turning = turning_days(world, root_of(world.facts(), subject), on);
  // Nothing holds of what is not there yet.
  if (const auto made = world.facts().made_at(subject))
    std::erase_if(turning, [&](Date day) { return day < date_of(made->occurred); });
  if (table == nullptr) {
    out.since = since(world, turning, on, [&](const World& then, Date day) {
      return then.fact(fact, subject, At::end_of_day(subject, day)).val == val;
    });
    return out;
  }
  const World::Derived now = world.judge(*table, At::end_of_day(subject, on));
  out.reason = world.values().words.word(now.reason);
  if (now.label != nullptr) out.reason_label = *now.label;
  out.since = since(world, turning, on, [&](const World& watching, Date day) {
    const World::Derived then = watching.judge(*table, At::end_of_day(subject, day));
    return then.value == now.value && then.reason == now.reason;
  });
  return out;
}

// A set that was put together has all codes there ever were.
static event::Value value_on(const World& world, const pg::Fact& fact, std::uint32_t subject,
                             Symbol key, Date on) {
  const At at = At::end_of_day(subject, on);
  if (fact.merge != pg::Merge::Set)
    return world.values().value_of(world.fact(fact, subject, at, key).val);
  std::set<std::string> codes;
  for (const FactVersion& version :
       world.facts().facts().of(subject, fact.id, key).before(at.until).all()) {
    for (const Symbol code : world.values().codes_in(version.val))
      codes.insert(world.values().words.word(code));
  }
  return event::codes_value({codes.begin(), codes.end()});
}

static std::optional<FactNow> look(const World& world, const pg::Fact& fact, std::uint32_t subject,
                                   Date on, Symbol key) {
  const At at = At::end_of_day(subject, on);
  const World::Got got = world.fact(fact, subject, at, key);
  if (!got.val.is_set()) return std::nullopt;
  if (fact.derived) return derived(world, fact, subject, on, got.val);
  FactNow out{.name = world.values().words.word(fact.id),
              .key = world.values().words.word(key),
              .label = fact.label,
              .value = value_on(world, fact, subject, key, on),
              .since = on,
              .reason = {},
              .reason_label = {}};
  // Back to the first day on which it was the same.
  const FactHistory history = world.facts().facts().of(subject, fact.id, key).before(at.until);
  for (auto version = history.all().rbegin(); version != history.all().rend(); ++version) {
    const Date day = date_of(version->when.occurred);
    if (!(value_on(world, fact, subject, key, day) == out.value)) break;
    out.since = day;
  }
  return out;
}

// The same with what people need to read it.
static std::optional<FactNow> labelled(const World& world, const pg::Fact& fact,
                                       std::uint32_t subject, Date on, Symbol key) {
  auto out = look(world, fact, subject, on, key);
  if (!out) return out;
  out->type = fact.type;
  out->unit = fact.unit;
  if (!fact.derived) {
    const FactHistory history = world.facts().facts().of(subject, fact.id, key).before(end_of(on));
    for (const FactVersion& version : history.all()) {
      if (date_of(version.when.occurred) < out->since) continue;
      out->index = world.events().at(version.when.place).index;
      break;
    }
  }
  std::vector<std::string> codes = out->value.codes;
  if (out->value.type == event::Value::Type::Code) codes = {out->value.text};
  for (const std::string& code : codes)
    out->codes.push_back(
        label_of_code(world.catalogue(on), fact.codes, world.values().words.find(code)));
  return out;
}

World Inquiry::world() const { return state_.data_->world(); }

SubjectId Inquiry::division_subject(const DivisionCode& division) const {
  const World world = state_.data_->world();
  const std::uint32_t number = world.facts().division_subject(division);
  return number == kNoNumber ? subject_of(division) : world.values().subjects[number];
}

std::optional<FactNow> Inquiry::fact(const SubjectId& subject, const std::string& name) const {
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  const pg::Fact* declared = world.catalogue(on_).facts.find(world.values().words.find(name));
  if (number == kNoNumber || declared == nullptr) return std::nullopt;
  const std::uint32_t owner =
      world.owner_of(declared->subject, number, At::end_of_day(number, on_));
  if (owner == kNoNumber) return std::nullopt;
  const Symbol key = world.values().words.find(pg::key_of(declared->keyed_by, on_));
  return labelled(world, *declared, owner, on_, key);
}

std::vector<FactNow> Inquiry::facts(const SubjectId& subject) const {
  std::vector<FactNow> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  if (number == kNoNumber) return out;
  const Symbol type = world.type_of(number);
  for (const auto& [id, declared] : world.catalogue(on_).facts.all()) {
    if (declared->subject != type) continue;
    if (declared->keyed_by == pg::Period::None) {
      if (auto fact = labelled(world, *declared, number, on_, kNoSymbol)) out.push_back(*fact);
      continue;
    }
    std::set<Symbol> keys;
    for (const FactVersion& version : world.facts().facts().all(number))
      if (version.fact == id) keys.insert(version.key);
    for (const Symbol key : keys)
      if (auto fact = labelled(world, *declared, number, on_, key)) out.push_back(*fact);
  }
  std::sort(out.begin(), out.end(), [](const FactNow& a, const FactNow& b) {
    return std::tie(a.name, a.key) < std::tie(b.name, b.key);
  });
  return out;
}

std::optional<NumberNow> Inquiry::number(const SubjectId& subject, const std::string& name) const {
  const World world = state_.data_->world();
  const At at = At::end_of_day(world.values().subjects.find(subject), on_);
  const Symbol id = world.values().words.find(name);
  if (at.subject == kNoNumber) return std::nullopt;
  if (world.catalogue(on_).ratios.find(id) != nullptr) {
    const auto terms = world.terms(id, at);
    if (!terms || terms->unset || terms->over <= 0) return std::nullopt;
    return NumberNow{terms->plus, terms->over};
  }
  pg::Value value;
  value.from = pg::Value::From::Aggregate;
  value.id = id;
  const World::Got got = world.read(value, at);
  if (got.unset || got.val.kind != Val::Kind::Integer) return std::nullopt;
  return NumberNow{got.val.number, 0};
}

// Whether the county had the part by the end of the day.
static bool is_known(const World& world, const ListedStep& step, const When& until) {
  return Events::received_of(world.events().at(step.event)) < until.occurred;
}

static ListedView view_of(const World& world, const ListedStep& step) {
  return {.index = world.events().at(step.event).index,
          .part = step.part,
          .stage = world.values().words.word(step.stage),
          .why = std::string(name_of(step.why)),
          .rule = step.rule,
          .label = label_of(step)};
}

// Who may take a stage now.
static std::vector<Whom> takers(const World& world, const pg::Stage& stage, const StageRun& run,
                                Date on) {
  const Symbols& words = world.values().words;
  std::vector<Whom> out;
  for (const Symbol office : stage.each_of) {
    if (std::find(run.answered_by.begin(), run.answered_by.end(), office) == run.answered_by.end())
      out.push_back({.office = words.word(office)});
  }
  if (!stage.each_of.empty()) return out;
  for (const pg::Actor& actor : stage.by) out.push_back(whom_of(words, actor));
  const pg::Form* form = world.catalogue(on).forms.find(stage.form);
  if (!out.empty() || form == nullptr) return out;
  for (const pg::Actor& actor : form->recorders) out.push_back(whom_of(words, actor));
  return out;
}

static StageView view_of(const World& world, const CaseRun& run, const StageRun& stage,
                         const When& until) {
  const pg::Stage& declared = run.procedure->stages[stage.stage];
  StageView out{.stage = world.values().words.word(declared.id),
                .label = declared.label,
                .round = stage.round,
                .arrived = stage.arrived.occurred,
                .outcome = {},
                .due = stage.due,
                .withdrawn = run.is_withdrawn(stage, until, kNoNumber)};
  const bool reached = run.is_reached(stage, until, kNoNumber);
  if (!reached) out.by = takers(world, declared, stage, date_of(until.occurred - Duration{1}));
  if (reached) {
    out.reached = stage.reached->occurred;
    out.outcome = world.values().words.word(stage.outcome);
  }
  if (!stage.due) return out;
  const Date arrived = date_of(stage.arrived.occurred);
  // What was not done before the case was over is no later than that.
  const bool over = run.is_closed(until, kNoNumber);
  const Date by = reached ? date_of(stage.reached->occurred)
                  : over  ? date_of(run.closed->occurred)
                          : date_of(until.occurred - Duration{1});
  const Date from = std::max(*stage.due, arrived);
  out.late_own = std::max<std::int64_t>(0, pg::elapsed(from, by, pg::Unit::Days));
  out.late_inherited = std::max<std::int64_t>(0, pg::elapsed(*stage.due, arrived, pg::Unit::Days));
  return out;
}

std::vector<CaseView> Inquiry::cases(const SubjectId& subject) const {
  std::vector<CaseView> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  if (number == kNoNumber) return out;
  const When until = end_of(on_);
  const std::uint32_t root = root_of(world.facts(), number);
  for (const CaseRun* run : world.runs_of(root)) {
    bool under = number == root;
    for (std::uint32_t up = run->subject; up != kNoNumber && !under;
         up = world.facts().parent_of(up))
      under = up == number;
    if (!under || !(run->opened < until)) continue;
    CaseView view{.id = run->id,
                  .subject = world.values().subjects[run->subject],
                  .root = world.values().subjects[root],
                  .procedure = world.values().words.word(run->procedure->id),
                  .label = run->procedure->label,
                  .opened = run->opened.occurred,
                  .exit = {},
                  .stages = {},
                  .listed = {}};
    if (run->is_closed(until, kNoNumber)) {
      view.closed = run->closed->occurred;
      view.exit = world.values().words.word(run->exit);
    }
    for (const StageRun& stage : run->stages)
      if (stage.arrived < until) view.stages.push_back(view_of(world, *run, stage, until));
    for (const ListedStep& step : run->listed)
      if (is_known(world, step, until)) view.listed.push_back(view_of(world, step));
    out.push_back(std::move(view));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const CaseView& a, const CaseView& b) { return a.opened < b.opened; });
  return out;
}

std::vector<ListedView> Inquiry::listed(const SubjectId& subject) const {
  std::vector<ListedView> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  if (number == kNoNumber) return out;
  const Cases::Root* root = world.cases().of(root_of(world.facts(), number));
  if (root == nullptr) return out;
  for (const ListedStep& step : root->listed)
    if (is_known(world, step, end_of(on_))) out.push_back(view_of(world, step));
  return out;
}

std::vector<CaseView> Inquiry::cases_in(std::string_view prefix) const {
  std::vector<CaseView> out;
  const World world = state_.data_->world();
  for (const std::uint32_t root : world.cases().roots()) {
    if (world.cases().of(root)->runs.empty()) continue;
    const auto division = world.division_of(root, on_);
    const bool within =
        division ? division->view().starts_with(prefix) : prefix.size() <= CountyCode::kSize;
    if (!within) continue;
    for (CaseView& view : cases(world.values().subjects[root])) {
      view.division = division.value_or(DivisionCode{});
      out.push_back(std::move(view));
    }
  }
  std::sort(out.begin(), out.end(), [](const CaseView& a, const CaseView& b) {
    return std::tie(a.division, a.opened, a.id) < std::tie(b.division, b.opened, b.id);
  });
  return out;
}

static DutyNow view_of(const World& world, const pg::Duty& declared, const DutyRun& run,
                       const DivisionCode& division) {
  return {.duty = world.values().words.word(declared.id),
          .label = declared.label,
          .subject = world.values().subjects[run.subject],
          .division = division,
          .status = run.status,
          .time_class = run.time_class,
          .counted = run.counted,
          .needed = run.needed,
          .done_at = run.by ? std::optional(run.by->occurred) : std::nullopt,
          .received = run.received,
          .due = run.due,
          .who = whom_of(world.values().words, declared.who)};
}

std::vector<DutyNow> Inquiry::duties(const SubjectId& under, const std::string& duty) const {
  std::vector<DutyNow> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(under);
  if (number == kNoNumber) return out;
  const Duties duties(world);
  for (const auto& [id, declared] : world.catalogue(on_).duties.all()) {
    const std::string& name = world.values().words.word(id);
    if (!duty.empty() && name != duty) continue;
    const Date placed = Duties::placed_on(*declared, on_);
    for (const DutyRun& run : duties.under(*declared, number, on_)) {
      auto division = world.division_of(run.subject, placed);
      if (!division) division = world.division_of(run.subject, on_);
      out.push_back(view_of(world, *declared, run, division.value_or(DivisionCode{})));
    }
  }
  return out;
}

// The day of the month that is nearest to another.
static Date day_in(Month month, Date on) {
  return std::clamp(on, Date{month / 1}, Date{month / std::chrono::last});
}

bool Inquiry::is_declared(std::string_view duty, Month month) const {
  const World world = state_.data_->world();
  const pg::Catalogue& catalogue = world.catalogue(day_in(month, on_));
  return catalogue.duties.find(world.values().words.find(duty)) != nullptr;
}

std::vector<DutyNow> Inquiry::duty_of_month(std::string_view prefix, std::string_view duty,
                                            Month month) const {
  std::vector<DutyNow> out;
  const World world = state_.data_->world();
  const Date in = day_in(month, on_);
  const pg::Duty* declared = world.catalogue(in).duties.find(world.values().words.find(duty));
  if (declared == nullptr) return out;
  const Duties duties(world);
  const Date placed = Duties::placed_on(*declared, in);
  for (const auto& [division, id] : world.facts().households(prefix, placed)) {
    const std::uint32_t household = world.values().subjects.find(id);
    const auto period = duties.period_of(*declared, household, in);
    if (!period) continue;
    if (const auto run = duties.in(*declared, household, *period, on_))
      out.push_back(view_of(world, *declared, *run, division));
  }
  return out;
}

DutyTally tally_of(std::span<const DutyNow> lines) {
  DutyTally out;
  for (const DutyNow& line : lines) {
    ++out.households;
    switch (line.status) {
      case DutyStatus::Done:
        ++out.done;
        if (line.time_class == TimeClass::ClaimedInTime) ++out.done_claimed;
        break;
      case DutyStatus::Late: ++out.late; break;
      case DutyStatus::Missing: ++out.missing; break;
      case DutyStatus::Open: ++out.open; break;
      case DutyStatus::Contradicted: ++out.contradicted; break;
    }
  }
  return out;
}

std::vector<WarningNow> Inquiry::warnings(const SubjectId& under) const {
  std::vector<WarningNow> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(under);
  if (number == kNoNumber) return out;
  const auto& words = world.values().words;
  const WarningIndex& judged = state_.data_->warnings;
  const auto runs =
      judged.is_of(world, on_) ? judged.under(world, number) : Warnings(world).under(number, on_);
  for (const WarningRun& run : runs) {
    const pg::Warning::Step& step = run.warning->steps[run.step];
    WarningNow made{.id = words.word(run.warning->id),
                    .label = run.warning->label,
                    .rules = run.warning->rules,
                    .subject = world.values().subjects[run.subject],
                    .division = world.division_of(run.subject, on_).value_or(DivisionCode{}),
                    .since = run.since,
                    .level = step.level,
                    .level_since = run.step_since,
                    .tell = {},
                    .offer = words.word(run.warning->offer),
                    .cannot_be_judged = run.cannot_be_judged};
    for (const pg::Actor& actor : step.tell) made.tell.push_back(whom_of(words, actor));
    out.push_back(std::move(made));
  }
  std::sort(out.begin(), out.end(), [](const WarningNow& a, const WarningNow& b) {
    return std::tie(a.division, a.id, a.subject) < std::tie(b.division, b.id, b.subject);
  });
  return out;
}

std::vector<ScoreNow> Inquiry::scores(const std::string& card) const {
  std::vector<ScoreNow> out;
  const World world = state_.data_->world();
  const auto& words = world.values().words;
  const pg::Card* declared = world.catalogue(on_).cards.find(words.find(card));
  if (declared == nullptr) return out;
  for (const ScoreRun& run : Scores(world).of(*declared, on_)) {
    ScoreNow made{.subject = world.values().subjects[run.subject],
                  .division = world.division_of(run.subject, on_).value_or(DivisionCode{}),
                  .items = {},
                  .total = run.total,
                  .rank = run.rank,
                  .tied = run.tied,
                  .border = run.border,
                  .grade = words.word(run.grade),
                  .grade_label = {}};
    for (std::size_t i = 0; i < run.items.size(); ++i)
      made.items.push_back(
          {words.word(declared->items[i].id), declared->items[i].label, run.items[i]});
    for (const pg::Card::Grade& grade : declared->grades)
      if (grade.code == run.grade) made.grade_label = grade.label;
    out.push_back(std::move(made));
  }
  return out;
}

static bool is_in_force(const Assigned& said, Date on) {
  return said.since <= on && (!said.until || on <= *said.until);
}

static LinkView view_of(const World& world, const Assigned& said) {
  return {world.values().subjects[said.from], world.values().subjects[said.to], said.since,
          said.until};
}

std::vector<LinkView> Inquiry::links(const SubjectId& subject, const std::string& relation) const {
  std::vector<LinkView> out;
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  for (const auto& link : world.facts().links(world.values().words.find(relation))) {
    const bool has = link.said.from == number || link.said.to == number;
    if (has && is_in_force(link.said, on_)) out.push_back(view_of(world, link.said));
  }
  std::sort(out.begin(), out.end(), [](const LinkView& a, const LinkView& b) {
    return std::tie(a.from, a.to, a.since) < std::tie(b.from, b.to, b.since);
  });
  return out;
}

std::vector<OverLimitView> Inquiry::over_limits() const {
  std::vector<OverLimitView> out;
  const World world = state_.data_->world();
  for (const auto& [id, relation] : world.catalogue(on_).relations.all()) {
    if (relation->from_max == 0 && relation->to_max == 0) continue;
    auto links = world.facts().links(id);
    std::erase_if(links, [&](const auto& link) { return !is_in_force(link.said, on_); });
    std::sort(links.begin(), links.end(),
              [](const auto& a, const auto& b) { return a.place < b.place; });
    std::map<std::uint32_t, std::set<std::uint32_t>> of_from, of_to;
    for (const auto& link : links) {
      auto& ends = of_from[link.said.from];
      auto& begins = of_to[link.said.to];
      ends.insert(link.said.to);
      begins.insert(link.said.from);
      if ((relation->from_max == 0 || ends.size() <= relation->from_max) &&
          (relation->to_max == 0 || begins.size() <= relation->to_max))
        continue;
      out.push_back({world.values().words.word(id), view_of(world, link.said),
                     world.events().at(link.place).index});
    }
  }
  return out;
}

std::vector<std::string> Inquiry::refused_definitions() const {
  std::vector<std::string> out;
  for (const RefusedDefinition& each : state_.data_->rules.refused())
    out.push_back("definition " + std::to_string(each.index) + ": " + each.reason);
  return out;
}
}  // namespace cunji::state
