// What a part or a step does to the register: facts, relations, the life of subjects.
#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/state/case_runner.h"
#include "shared/state/form_rules.h"

namespace cunji::state {
namespace pg = programme;
using Why = ListedStep::Why;

void RootRun::make(std::uint32_t subject, Symbol type, std::uint32_t parent, const When& when,
                   CaseEffects& to, std::optional<DivisionCode> division) {
  if (!division)
    division = world_.division_of(parent == kNoNumber ? subject : parent, date_of(when.occurred));
  const DivisionCode where = division.value_or(DivisionCode{});
  // Another root's part may have made it, where a correction is about something else than what was
  // wrong: whose it is changes when that one is taken back.
  if (facts_.type_of(subject) != kNoSymbol) world_.note(subject);
  facts_.add_subject(when, where, subject, type, parent);
  to.made.push_back({when, where, subject, type, parent});
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

Symbol RootRun::key_in(const pg::Fact& fact, const Item& item, Date otherwise) {
  if (fact.keyed_by == pg::Period::None) return kNoSymbol;
  return values().words.of(pg::key_of(fact.keyed_by, period_day(item, otherwise)));
}

static Date day_before(Date date) {
  return Date{std::chrono::sys_days{date} - std::chrono::days{1}};
}

std::vector<const pg::Effect*> RootRun::holding(const std::vector<pg::Effect>& effects,
                                                const At& at) const {
  std::vector<const pg::Effect*> out;
  for (const pg::Effect& effect : effects)
    if (!effect.when.is_set() || world_.holds(effect.when, at) == Truth::Yes)
      out.push_back(&effect);
  return out;
}

// What an effect takes from the answers, or reads.
Val RootRun::taken(const pg::Effect& effect, const Item& item, const At& at) const {
  if (effect.how == pg::Effect::How::FromValue) return world_.read(effect.value, at).val;
  if (effect.field == kNoSymbol || item.said == nullptr) return {};
  return item.said->answer(effect.field);
}

std::optional<RootRun::Linking> RootRun::linking(const pg::Effect& effect, Symbol relation,
                                                 std::uint32_t subject, const Item& item,
                                                 const At& at) const {
  const Val val = taken(effect, item, at);
  if (relation == kNoSymbol || val.kind != Val::Kind::Subject) return std::nullopt;
  const auto other = static_cast<std::uint32_t>(val.number);
  Linking out{.relation = world_.catalogue(at.day).relations.find(relation), .said = {}};
  const bool forward = out.relation == nullptr || world_.type_of(subject) == out.relation->from;
  out.said.relation = relation;
  out.said.from = forward ? subject : other;
  out.said.to = forward ? other : subject;
  out.said.since = at.day;
  const Val since = world_.read(effect.since, at).val, until = world_.read(effect.until, at).val;
  if (since.kind == Val::Kind::Date) out.said.since = date_in(since);
  if (until.kind == Val::Kind::Date) out.said.until = date_in(until);
  return out;
}

// By what stood in the log before `place`; a move ends what was there itself.
bool RootRun::is_over_limit(const Linking& link, std::uint32_t place, bool replaces) const {
  if (link.relation == nullptr) return false;
  const auto others = [&](bool forward, std::uint32_t most) {
    if (most == 0) return false;
    const std::uint32_t end = forward ? link.said.from : link.said.to;
    world_.note(end);
    auto there = facts_.linked_within(link.said, forward, place);
    std::erase(there, forward ? link.said.to : link.said.from);
    if (replaces) {
      for (const std::uint32_t each :
           facts_.linked(link.said.relation, end, forward, link.said.since))
        std::erase(there, each);
    }
    return there.size() >= most;
  };
  return others(true, link.relation->from_max) || others(false, link.relation->to_max);
}

bool RootRun::closes_circle(const Linking& link, Date on, std::uint32_t place) const {
  std::uint32_t at = link.said.to;
  for (std::set<std::uint32_t> seen; at != kNoNumber && seen.insert(at).second;) {
    if (at == link.said.from) return true;
    world_.note(at);
    Assigned from{.relation = link.said.relation, .from = at, .since = on, .until = on};
    const auto next = facts_.linked_within(from, /*forward=*/true, place);
    at = next.empty() ? kNoNumber : next.back();
  }
  return false;
}

std::optional<Why> RootRun::objection(const std::vector<const pg::Effect*>& effects,
                                      const Item& item, const At& at) const {
  for (const pg::Effect* effect : effects) {
    if (effect->link == kNoSymbol && effect->life != pg::Life::Split) continue;
    std::vector<std::uint32_t> subjects{at.subject};
    if (effect->on != kNoSymbol) subjects = world_.go(effect->on, at);
    for (const std::uint32_t subject : subjects) {
      if (effect->life == pg::Life::Split) {
        for (const std::uint32_t person : leaving(at)) {
          // Nobody leaves a household that is not his.
          const Symbol member = facts_.values().words.find("member_of");
          const auto homes = facts_.linked(member, person, /*forward=*/true, at.day);
          world_.note(person);
          if (!homes.empty() && std::find(homes.begin(), homes.end(), subject) == homes.end())
            return Why::OverLimit;
        }
        continue;
      }
      const auto link = linking(*effect, effect->link, subject, item, at);
      if (!link || effect->life == pg::Life::Move) continue;
      if (effect->life == pg::Life::Merge && closes_circle(*link, at.day, item.at.event))
        return Why::Circle;
      if (is_over_limit(*link, item.at.event, effect->replaces)) return Why::OverLimit;
    }
  }
  return std::nullopt;
}

void RootRun::link(const pg::Effect& effect, const Linking& link, const When& when,
                   CaseEffects& to) {
  const auto replace = [&](bool forward) {
    const std::uint32_t end = forward ? link.said.from : link.said.to;
    for (const std::uint32_t before :
         facts_.linked(link.said.relation, end, forward, link.said.since)) {
      if (before == (forward ? link.said.to : link.said.from)) continue;
      Linking old = link;
      (forward ? old.said.to : old.said.from) = before;
      unlink(old, link.said.since, day_before(link.said.since), when, to);
    }
  };
  if (effect.life == pg::Life::Move) replace(true);
  if (effect.replaces && link.relation != nullptr) {
    if (link.relation->from_max == 1) replace(true);
    if (link.relation->to_max == 1) replace(false);
  }
  // Said again of what is in force already, it only says when that ends.
  Assigned said = link.said;
  if (const auto known = facts_.linked_since(said.relation, said.from, said.to, said.since)) {
    if (!said.until) return;
    said.since = *known;
  }
  const When unique_when = unique(when);
  facts_.add(unique_when, said);
  to.links.push_back({unique_when, said});
}

// What is in force on the day `on` ends with the day `until`.
void RootRun::unlink(const Linking& link, Date on, Date until, const When& when, CaseEffects& to) {
  Assigned said = link.said;
  const auto since = facts_.linked_since(said.relation, said.from, said.to, on);
  if (!since) return;
  said.since = *since;
  said.until = until;
  const When unique_when = unique(when);
  facts_.add(unique_when, said);
  to.links.push_back({unique_when, said});
}

// Who leaves with a split: the persons of the change's rows, and the head of the new household.
std::vector<std::uint32_t> RootRun::leaving(const At& at) const {
  std::vector<std::uint32_t> out;
  const pg::Catalogue& catalogue = world_.catalogue(at.day);
  const auto add = [&](const char* name, std::uint32_t of) {
    const pg::Fact* fact = catalogue.facts.find(facts_.values().words.find(name));
    if (fact == nullptr) return;
    const Val person = world_.fact(*fact, of, at).val;
    if (person.kind != Val::Kind::Subject) return;
    const auto number = static_cast<std::uint32_t>(person.number);
    if (std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
  };
  add("change_head", at.subject);
  const Symbol row = facts_.values().words.find("leaving_member");
  for (const std::uint32_t child : facts_.children_of(at.subject))
    if (facts_.type_of(child) == row) add("leaving_person", child);
  return out;
}

// A new household beside the old one, with those who leave (register/README.md, "Upkeep").
void RootRun::split(std::uint32_t household, const Item& item, const At& at, const When& when,
                    CaseEffects& to) {
  Symbols& words = values().words;
  const auto origin = origin_of(item);
  const std::uint32_t made =
      values().subjects.of(derived_id(origin.event, origin.part, "household"));
  make(made, words.of("household"), kNoNumber, unique(when), to,
       world_.division_of(household, at.day));
  const auto say = [&](const char* fact, const Val& val) {
    add_fact(made, {.when = unique(when), .fact = words.of(fact), .val = val}, to);
  };
  say("household_state", code_val(words.of("registered")));
  const std::vector<std::uint32_t> people = leaving(at);
  const pg::Catalogue& catalogue = world_.catalogue(at.day);
  if (!people.empty()) {
    say("head", subject_val(people.front()));
    const pg::Fact* name = catalogue.facts.find(words.of("name"));
    const Val said = name == nullptr ? Val{} : world_.fact(*name, people.front(), at).val;
    if (said.is_set()) say("head_name", said);
  }
  const pg::Effect plain{};
  const auto put = [&](const char* relation, std::uint32_t from, std::uint32_t other, bool moves) {
    const Linking made_link{
        .relation = catalogue.relations.find(words.of(relation)),
        .said = {.relation = words.of(relation), .from = from, .to = other, .since = at.day}};
    pg::Effect as = plain;
    if (moves) as.life = pg::Life::Move;
    link(as, made_link, when, to);
  };
  put("split_from", made, household, false);
  for (const std::uint32_t person : people) put("member_of", person, made, true);
}

void RootRun::end_spell(std::uint32_t subject, const When& when, CaseEffects& to) {
  const pg::SubjectType* type =
      world_.catalogue(date_of(when.occurred)).subjects.find(world_.type_of(subject));
  if (type == nullptr || type->episode_of == kNoSymbol) return;
  add_fact(subject,
           {.when = unique(when),
            .fact = values().words.of("life_state"),
            .val = code_val(values().words.of("closed"))},
           to);
}

void RootRun::live(const pg::Effect& effect, std::uint32_t subject, const Item& item, const At& at,
                   const When& when, CaseEffects& to) {
  switch (effect.life) {
    case pg::Life::Move: {
      const Val village = taken(effect, item, at);
      if (village.kind != Val::Kind::Subject) return;
      const auto division = facts_.division_of(static_cast<std::uint32_t>(village.number));
      if (division) make(subject, facts_.type_of(subject), kNoNumber, unique(when), to, *division);
      return;
    }
    case pg::Life::Close:
    case pg::Life::Merge:
      add_fact(subject,
               {.when = unique(when),
                .fact = values().words.of("life_state"),
                .val = code_val(
                    values().words.of(effect.life == pg::Life::Merge ? "merged" : "closed"))},
               to);
      return;
    case pg::Life::Split: split(subject, item, at, when, to); return;
    case pg::Life::Create:
    case pg::Life::None: return;
  }
}

void RootRun::apply(const pg::Effect& effect, const Item& item, const At& at, const When& when,
                    CaseEffects& to, std::map<Symbol, std::uint32_t>* opened) {
  std::vector<std::uint32_t> subjects{at.subject};
  if (effect.on != kNoSymbol) subjects = world_.go(effect.on, at);
  const Val val = taken(effect, item, at);
  for (const std::uint32_t subject : subjects) {
    if (effect.open != kNoSymbol) {
      std::map<Symbol, std::uint32_t> none;
      if (const pg::Procedure* procedure = world_.catalogue(at.day).procedures.find(effect.open))
        open_for(*procedure, subject, item, when, opened == nullptr ? none : *opened);
    }
    if (item.handed) continue;
    if (effect.fact != kNoSymbol) {
      const pg::Fact* fact = world_.catalogue(at.day).facts.find(effect.fact);
      const std::uint32_t owner =
          fact == nullptr ? kNoNumber : world_.owner_of(fact->subject, subject, at);
      const Val set = fact == nullptr ? Val{} : as_fact(*fact, val, effect.code);
      if (owner != kNoNumber && set.is_set())
        add_fact(owner,
                 {.when = unique(when),
                  .fact = fact->id,
                  .key = key_in(*fact, item, at.day),
                  .reported = effect.standing == pg::Standing::Reported,
                  .val = set},
                 to);
    }
    if (const auto made = linking(effect, effect.link, subject, item, at))
      link(effect, *made, when, to);
    if (const auto ended = linking(effect, effect.unlink, subject, item, at))
      unlink(*ended, ended->said.until.value_or(at.day), ended->said.until.value_or(at.day), when,
             to);
    live(effect, subject, item, at, when, to);
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
                          Symbol source, const At& at, const When& when, CaseEffects& to) {
  const pg::Fact* fact = world_.catalogue(at.day).facts.find(field.fact);
  if (fact == nullptr || !val.is_set()) return;
  const auto made = opened.find(fact->subject);
  const std::uint32_t owner =
      made != opened.end() ? made->second : world_.owner_of(fact->subject, subject, at);
  if (owner == kNoNumber) return;
  add_fact(owner,
           {.when = unique(when),
            .fact = fact->id,
            .key = key_in(*fact, item, at.day),
            .source = source,
            .val = val},
           to);
}

void RootRun::write_rows(const pg::Field& field, const Item& item, std::uint32_t subject,
                         Symbol source, const At& at, const When& when, CaseEffects& to) {
  const auto rows = std::find_if(item.said->more().rows.begin(), item.said->more().rows.end(),
                                 [&](const RowAnswers& each) { return each.field == field.key; });
  if (rows == item.said->more().rows.end() || field.row_subject == kNoSymbol) return;
  const auto origin = origin_of(item);
  for (std::size_t i = 0; i < rows->rows.size(); ++i) {
    const SubjectId id =
        derived_id(origin.event, origin.part,
                   "row " + values().words.word(field.key) + " " + std::to_string(i));
    const std::uint32_t row = values().subjects.of(id);
    make(row, field.row_subject, subject, unique(when), to);
    for (const pg::Field& column : field.row) {
      const auto cell =
          std::find_if(rows->rows[i].begin(), rows->rows[i].end(),
                       [&](const FieldAnswer& each) { return each.field == column.key; });
      if (column.fact != kNoSymbol && cell != rows->rows[i].end())
        write_field(column, cell->val, item, row, {}, source, at, when, to);
    }
    collect(row);
  }
}

// What it opens comes first, so that its answers are known of that.
void RootRun::part_effects(const Item& item, const pg::Form& form, std::uint32_t subject,
                           std::map<Symbol, std::uint32_t>& opened, const When& when,
                           CaseEffects& to) {
  At at = At::end_of_day(subject, date_of(item.at.occurred));
  at.form = item.said;
  const auto all = holding(form.effects, at);
  for (const pg::Effect* effect : all)
    if (effect->open != kNoSymbol) apply(*effect, item, at, when, to, &opened);
  if (item.handed) return;
  for (const pg::Field& field : form.fields) {
    if (!is_visible(world_, field, at)) continue;
    if (field.type == pg::Type::Rows) {
      write_rows(field, item, subject, form.source, at, when, to);
    } else if (field.fact != kNoSymbol) {
      write_field(field, item.said->answer(field.key), item, subject, opened, form.source, at, when,
                  to);
    }
  }
  for (const pg::Effect* effect : holding(form.effects, at))
    if (effect->open == kNoSymbol) apply(*effect, item, at, when, to);
}

// A desk's form that some stage or exit takes, and that opens nothing.
bool RootRun::is_step(const Item& item, const pg::Form& form) const {
  if (form.kind != event::Kind::Step && form.kind != event::Kind::Notice) return false;
  const pg::Catalogue& catalogue = world_.catalogue(date_of(item.at.occurred));
  return !catalogue.taken_by(form.id).empty() && catalogue.opened_by(form.id).empty();
}

// What it says counts once a case of this root takes it; of another's case, at once.
bool RootRun::is_deferred(const Item& item, const pg::Form& form) const {
  const std::uint32_t named = item.said->more().case_id;
  if (!is_step(item, form)) return false;
  if (named == kNoNumber || root_of(facts_, named) == root_) return true;
  world_.note_unknown();
  return false;
}

void RootRun::write_step(const Item& item, const When& when, CaseEffects& to) {
  if (item.said == nullptr || !item.own || item.said->form == kNoSymbol) return;
  const pg::Form* form = world_.catalogue(date_of(item.at.occurred)).forms.find(item.said->form);
  if (form == nullptr || !is_deferred(item, *form)) return;
  std::map<Symbol, std::uint32_t> none;
  part_effects(item, *form, item.subject, none, when, to);
}
}  // namespace cunji::state
