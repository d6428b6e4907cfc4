#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/state/case_runner.h"

namespace cunji::state {
namespace pg = programme;
using Why = ListedStep::Why;

Cases::Root run_cases(std::uint32_t root, Events& events, const CaseSources& from) {
  return RootRun(root, events, from).run();
}

RootRun::RootRun(std::uint32_t root, Events& events, const CaseSources& from)
    : root_(root),
      events_(events),
      facts_(events.facts_to_change()),
      world_(events, from.rules, from.cases, from.calculations) {
  world_.set_running(root_, &running_);
}

Cases::Root RootRun::run() {
  collect(root_);
  while (!queue_.empty()) {
    const Item item = queue_.begin()->second;
    queue_.erase(queue_.begin());
    take(item);
  }
  for (const auto& runner : runners_) {
    runner->finish();
    out_.runs.push_back(std::move(runner->run()));
    for (CaseEffects* effects : {&runner->frozen_effects(), &runner->loose_effects()}) {
      const auto move_all = [](auto& list, auto& to) {
        to.insert(to.end(), list.begin(), list.end());
      };
      move_all(effects->facts, out_.effects.facts);
      move_all(effects->made, out_.effects.made);
      move_all(effects->links, out_.effects.links);
    }
  }
  return std::move(out_);
}

// What forms and statements say about a subject, to be taken in the order of the log. Of a subject
// that has just been made, what stands in the log before its making is taken next.
void RootRun::collect(std::uint32_t subject) {
  if (!collected_.insert(subject).second) return;
  const bool is_case = facts_.type_of(subject) == values().words.find("case");
  const auto queue = [&](const Item& item) {
    const std::pair key(item.at.event, std::uint32_t{item.at.part});
    if (seen_.insert(key).second) queue_.emplace(key, item);
  };
  for (const Occurrence& one : events_.occurrences(subject)) {
    const FormSaid* said = events_.form_said(one);
    if (said == nullptr) continue;
    queue({.at = one,
           .said = said,
           .subject = subject,
           .received = Events::received_of(events_.at(one.event)),
           .own = !is_case});
  }
  for (const Events::Statement& each : events_.statements_with(subject)) {
    queue({.at = {.occurred = each.when.occurred,
                  .event = each.when.place,
                  .part = static_cast<std::uint8_t>(each.when.part)},
           .statement = each.said,
           .subject = subject,
           .received = Events::received_of(events_.at(each.when.place))});
  }
  // Subjects first: what is about one of them and names a case is its own.
  std::vector<std::uint32_t> children = facts_.children_of(subject);
  std::stable_partition(children.begin(), children.end(), [&](std::uint32_t child) {
    return facts_.type_of(child) != values().words.find("case");
  });
  for (const std::uint32_t child : children) collect(child);
}

bool RootRun::acting_is(const pg::Actor& actor, const Acting& who) const {
  const Symbols& words = facts_.values().words;
  // Credentials name a desk by its level (server/app/roles.h), definitions by its office's.
  std::string_view role = words.word(who.role);
  std::string_view level = "village";
  if (role == "town_desk" || role.starts_with("town")) level = "town";
  if (role == "county_desk" || role == "registrar" || role == "sector_department" ||
      role.starts_with("office_") || role == "county_leader")
    level = "county";
  if (role == "town_desk") role = "town";
  if (role == "county_desk") role = "sector_department";
  const auto stands_under = [&](const char* list, Symbol code, Symbol wanted) {
    return catalogue_->stands_under(words.find(list), code, wanted);
  };
  if (actor.role != kNoSymbol && !stands_under("role", words.find(role), actor.role)) return false;
  if (actor.office != kNoSymbol && !stands_under("office", who.office, actor.office)) return false;
  if (actor.level != kNoSymbol && words.word(actor.level) != level) return false;
  return actor.role != kNoSymbol || actor.office != kNoSymbol || actor.level != kNoSymbol;
}

bool RootRun::may_act(const std::vector<pg::Actor>& actors, const Item& item, const At& at) const {
  if (actors.empty()) return true;
  std::vector<Acting> who{events_.author_of(event_of(item))};
  if (item.said != nullptr && item.said->acted_by) who.push_back(*item.said->acted_by);
  return std::any_of(actors.begin(), actors.end(), [&](const pg::Actor& actor) {
    return std::any_of(who.begin(), who.end(), [&](const Acting& one) {
      if (actor.relation == kNoSymbol) return acting_is(actor, one);
      At related = at;
      related.subject = at.subject;
      const auto ends = world_.go(actor.relation, related);
      return one.person != kNoNumber &&
             std::find(ends.begin(), ends.end(), one.person) != ends.end();
    });
  });
}

bool RootRun::is_of_kind(const Item& item, const pg::Form& form) const {
  const std::uint16_t kind = event_of(item).kind;
  return kind == static_cast<std::uint16_t>(form.kind) ||
         kind == static_cast<std::uint16_t>(event::Kind::Correction);
}

void RootRun::take(const Item& item) {
  taken_.push_back(item);
  const Date day = date_of(item.at.occurred);
  const pg::Catalogue& catalogue = world_.catalogue(day);
  catalogue_ = &catalogue;
  if (item.own && item.said != nullptr && item.said->form != kNoSymbol) {
    const pg::Form* form = catalogue.forms.find(item.said->form);
    if (form == nullptr || !is_of_kind(item, *form)) return;  // Stored, and without effect.
    At at = At::end_of_day(item.subject, day);
    at.form = item.said;
    std::vector<pg::Actor> may = form->recorders;
    may.insert(may.end(), form->acts_for.begin(), form->acts_for.end());
    if (!may_act(may, item, at)) {
      out_.listed.push_back({.event = item.at.event, .part = item.at.part, .why = Why::NotAllowed});
      return;
    }
    std::map<Symbol, std::uint32_t> opened;
    std::uint32_t subject = item.subject;
    if (form->creates && catalogue.subjects.find(form->subject) != nullptr) {
      // A new one of a declared type, under what the part is about.
      std::map<Symbol, std::uint32_t> made;
      pg::Procedure as{.id = kNoSymbol};
      as.subject = form->subject;
      subject = case_subject(as, item.subject, item, item.at.when(), made);
      opened.insert(made.begin(), made.end());
    }
    open(item, *form, opened);
    part_effects(item, *form, subject, opened);
  }
  for (std::size_t i = 0; i < runners_.size(); ++i) offer(*runners_[i], item);
}

static bool takes_all(const pg::Procedure& procedure, const FormSaid& said, const pg::Form* form) {
  const auto is_all = [](const pg::Effect& effect) { return effect.all_open_cases; };
  if (form != nullptr && std::any_of(form->effects.begin(), form->effects.end(), is_all))
    return true;
  return std::any_of(procedure.stages.begin(), procedure.stages.end(), [&](const pg::Stage& one) {
    return one.form == said.form && std::any_of(one.effects.begin(), one.effects.end(), is_all);
  });
}

// To a case that it is about. One about something above the case, which names no case, counts for
// all that wait where the definition says so, else for the newest that was opened before it.
void RootRun::offer(CaseRunner& runner, const Item& item) {
  if (!runner.concerns(item)) return;
  const CaseRun& run = runner.run();
  if (item.said != nullptr && item.said->form != kNoSymbol && item.said->case_id == kNoNumber &&
      item.subject != run.subject) {
    const pg::Form* form = world_.catalogue(date_of(item.at.occurred)).forms.find(item.said->form);
    if (!takes_all(*run.procedure, *item.said, form)) {
      for (const auto& other : runners_) {
        const CaseRun& rival = other->run();
        if (other.get() != &runner && rival.procedure->id == run.procedure->id &&
            run.opened < rival.opened && rival.opened < item.at.when() && other->concerns(item))
          return;
      }
    }
  }
  runner.offer(item);
}

void RootRun::make(std::uint32_t subject, Symbol type, std::uint32_t parent, const When& when,
                   CaseEffects& to) {
  const DivisionCode division =
      world_.division_of(parent == kNoNumber ? subject : parent, date_of(when.occurred))
          .value_or(DivisionCode{});
  facts_.add_subject(when, division, subject, type, parent);
  to.made.push_back({when, division, subject, type, parent});
}

// The part's own subject, the open spell under it, or a new one.
std::uint32_t RootRun::case_subject(const pg::Procedure& procedure, std::uint32_t subject,
                                    const Item& item, const When& when,
                                    std::map<Symbol, std::uint32_t>& opened) {
  const Symbol type = procedure.subject;
  if (world_.type_of(subject) == type) return subject;
  if (const auto known = opened.find(type); known != opened.end()) return known->second;
  const pg::Catalogue& catalogue = world_.catalogue(date_of(item.at.occurred));
  const pg::SubjectType* declared = catalogue.subjects.find(type);
  At at = At::end_of_day(subject, date_of(item.at.occurred));
  if (declared == nullptr) return world_.owner_of(type, subject, at);
  if (declared->episode_of != kNoSymbol) {
    const std::uint32_t spell = world_.owner_of(type, subject, at);
    const Symbol life = facts_.values().words.find("life_state");
    if (spell != kNoNumber && facts_.facts().of(spell, life).before(at.until).empty()) return spell;
  }
  std::uint32_t parent =
      declared->parent == kNoSymbol ? subject : world_.owner_of(declared->parent, subject, at);
  if (parent == kNoNumber) parent = subject;
  const SubjectId id =
      derived_id(event_of(item).digest, item.at.part, facts_.values().words.word(type));
  const std::uint32_t made = values().subjects.of(id);
  make(made, type, parent, when, out_.effects);
  opened.emplace(type, made);
  collect(made);
  return made;
}

void RootRun::open(const Item& item, const pg::Form& form,
                   std::map<Symbol, std::uint32_t>& opened) {
  const Date day = date_of(item.at.occurred);
  for (const pg::Procedure* procedure : world_.catalogue(day).opened_by(form.id)) {
    const std::uint32_t subject =
        case_subject(*procedure, item.subject, item, item.at.when(), opened);
    if (subject == kNoNumber) continue;
    When when = item.at.when();
    if (form.judged_by == pg::JudgedBy::Received) when.occurred = item.received;
    open_case(*procedure, subject, item, when);
  }
}

void RootRun::open_case(const pg::Procedure& procedure, std::uint32_t subject, const Item& item,
                        const When& when) {
  const Date day = date_of(when.occurred);
  if (procedure.one_per != pg::Period::None) {
    const std::string key = pg::key_of(procedure.one_per, day);
    const std::uint32_t parent = facts_.parent_of(subject);
    for (const auto& other : runners_) {
      const CaseRun& run = other->run();
      const bool same = run.subject == subject ||
                        (parent != kNoNumber && facts_.parent_of(run.subject) == parent);
      if (run.procedure->id != procedure.id || !same) continue;
      if (pg::key_of(procedure.one_per, date_of(run.opened.occurred)) != key) continue;
      out_.listed.push_back(
          {.event = item.at.event, .part = item.at.part, .why = Why::SecondOfPeriod});
      return;
    }
  }
  if (procedure.opens_when.is_set()) {
    At at = At::end_of_day(subject, day);
    at.form = item.said;
    if (world_.holds(procedure.opens_when, at) != Truth::Yes) return;
  }
  CaseRun run{.procedure = &procedure,
              .subject = subject,
              .opener_subject = item.subject,
              .opened = when,
              .received = item.received};
  run.id = derived_id(event_of(item).digest, item.at.part,
                      "case " + facts_.values().words.word(procedure.id));
  runners_.push_back(std::make_unique<CaseRunner>(*this, std::move(run), item));
  running_.push_back(&runners_.back()->run());
  CaseRunner& runner = *runners_.back();
  const std::uint32_t number = values().subjects.of(runner.run().id);
  make(number, values().words.of("case"), root_, unique(when), out_.effects);
  collect(number);
  runner.start();
  const std::vector<Item> before(taken_.begin(), taken_.end());
  for (const Item& each : before)
    if (&each != &before.back()) offer(runner, each);
}

void RootRun::close_cases(Symbol procedure, std::uint32_t subject, const When& when) {
  for (const auto& runner : runners_) {
    CaseRun& run = runner->run();
    if (run.procedure->id != procedure || run.closed) continue;
    bool under = run.subject == subject;
    for (std::uint32_t up = run.subject; up != kNoNumber && !under; up = facts_.parent_of(up))
      under = up == subject;
    if (under) runner->end(when);
  }
}

Val RootRun::as_fact(const pg::Fact& fact, const Val& said, Symbol word) {
  if (word == kNoSymbol) return said;
  const std::string& text = values().words.word(word);
  switch (fact.type) {
    case pg::Type::YesNo: return yes_val(text == "yes");
    case pg::Type::Text: return {Val::Kind::Text, word};
    case pg::Type::Date:
      if (const auto date = parse_date(text)) return date_val(*date);
      return {};
    default: return code_val(word);
  }
}

static Symbol key_in(const pg::Fact& fact, Date day, Values& values) {
  if (fact.keyed_by == pg::Period::None) return kNoSymbol;
  return values.words.of(pg::key_of(fact.keyed_by, day));
}

void RootRun::apply(const pg::Effect& effect, const Item& item, const At& at, const When& when,
                    CaseEffects& to) {
  std::vector<std::uint32_t> subjects{at.subject};
  if (effect.on != kNoSymbol) subjects = world_.go(effect.on, at);
  Val val;
  if (effect.field != kNoSymbol && item.said != nullptr) val = item.said->answer(effect.field);
  if (effect.how == pg::Effect::How::FromValue) val = world_.read(effect.value, at).val;
  for (const std::uint32_t subject : subjects) {
    if (effect.fact != kNoSymbol) {
      const pg::Fact* fact = world_.catalogue(at.day).facts.find(effect.fact);
      const std::uint32_t owner =
          fact == nullptr ? kNoNumber : world_.owner_of(fact->subject, subject, at);
      const Val set = fact == nullptr ? Val{} : as_fact(*fact, val, effect.code);
      if (owner != kNoNumber && set.is_set())
        add_fact(owner,
                 {.when = unique(when),
                  .fact = fact->id,
                  .key = key_in(*fact, at.day, values()),
                  .reported = effect.standing == pg::Standing::Reported,
                  .val = set},
                 to);
    }
    for (const Symbol relation : {effect.link, effect.unlink}) {
      if (relation == kNoSymbol || val.kind != Val::Kind::Subject) continue;
      const auto other = static_cast<std::uint32_t>(val.number);
      const pg::Relation* declared = world_.catalogue(at.day).relations.find(relation);
      const bool forward = declared == nullptr || world_.type_of(subject) == declared->from;
      Assigned said{.relation = relation,
                    .from = forward ? subject : other,
                    .to = forward ? other : subject,
                    .since = at.day};
      if (relation == effect.unlink) {
        const auto since = facts_.linked_since(relation, said.from, said.to, at.day);
        if (!since) continue;
        said.since = *since;
        said.until = at.day;
      }
      const When unique_when = unique(when);
      facts_.add(unique_when, said);
      to.links.push_back({unique_when, said});
    }
    if (effect.life == pg::Life::Move && val.kind == Val::Kind::Subject) {
      const auto division = facts_.division_of(static_cast<std::uint32_t>(val.number));
      if (division) {
        const When unique_when = unique(when);
        const Symbol type = facts_.type_of(subject);
        facts_.add_subject(unique_when, *division, subject, type, kNoNumber);
        to.made.push_back({unique_when, *division, subject, type, kNoNumber});
      }
    }
    if (effect.life == pg::Life::Close || effect.life == pg::Life::Merge)
      add_fact(subject,
               {.when = unique(when),
                .fact = values().words.of("life_state"),
                .val = code_val(
                    values().words.of(effect.life == pg::Life::Merge ? "merged" : "closed"))},
               to);
    if (effect.open != kNoSymbol) {
      if (const pg::Procedure* procedure = world_.catalogue(at.day).procedures.find(effect.open)) {
        std::map<Symbol, std::uint32_t> opened;
        const std::uint32_t of = case_subject(*procedure, subject, item, when, opened);
        if (of != kNoNumber) open_case(*procedure, of, item, when);
      }
    }
    if (effect.close != kNoSymbol) close_cases(effect.close, subject, when);
  }
}

void RootRun::undo(CaseEffects& effects) {
  take_back(effects, events_);
  effects = {};
}

// Of the form's subject, of a case that the part opened, or of what the subject belongs to.
void RootRun::write_field(const pg::Field& field, const Val& val, const Item& item,
                          std::uint32_t subject, const std::map<Symbol, std::uint32_t>& opened,
                          Symbol source) {
  const Date day = date_of(item.at.occurred);
  const pg::Fact* fact = world_.catalogue(day).facts.find(field.fact);
  if (fact == nullptr || !val.is_set()) return;
  const auto made = opened.find(fact->subject);
  const std::uint32_t owner =
      made != opened.end() ? made->second
                           : world_.owner_of(fact->subject, subject, At::end_of_day(subject, day));
  if (owner == kNoNumber) return;
  add_fact(owner,
           {.when = unique(item.at.when()),
            .fact = fact->id,
            .key = key_in(*fact, day, values()),
            .source = source,
            .val = val},
           out_.effects);
}

void RootRun::part_effects(const Item& item, const pg::Form& form, std::uint32_t subject,
                           const std::map<Symbol, std::uint32_t>& opened) {
  for (const pg::Field& field : form.fields) {
    if (field.type != pg::Type::Rows) {
      if (field.fact != kNoSymbol)
        write_field(field, item.said->answer(field.key), item, subject, opened, form.source);
      continue;
    }
    const auto rows = std::find_if(item.said->rows.begin(), item.said->rows.end(),
                                   [&](const RowAnswers& each) { return each.field == field.key; });
    if (rows == item.said->rows.end() || field.row_subject == kNoSymbol) continue;
    for (std::size_t i = 0; i < rows->rows.size(); ++i) {
      const SubjectId id =
          derived_id(event_of(item).digest, item.at.part,
                     "row " + values().words.word(field.key) + " " + std::to_string(i));
      const std::uint32_t row = values().subjects.of(id);
      make(row, field.row_subject, subject, unique(item.at.when()), out_.effects);
      for (const pg::Field& column : field.row) {
        const auto cell =
            std::find_if(rows->rows[i].begin(), rows->rows[i].end(),
                         [&](const FieldAnswer& each) { return each.field == column.key; });
        if (column.fact != kNoSymbol && cell != rows->rows[i].end())
          write_field(column, cell->val, item, row, {}, form.source);
      }
      collect(row);
    }
  }
  At at = At::end_of_day(subject, date_of(item.at.occurred));
  at.form = item.said;
  for (const pg::Effect& effect : form.effects) {
    if (!effect.when.is_set() || world_.holds(effect.when, at) == Truth::Yes)
      apply(effect, item, at, item.at.when(), out_.effects);
  }
}
}  // namespace cunji::state
