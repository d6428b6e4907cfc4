#include <algorithm>
#include <atomic>

#include "shared/programme/periods.h"
#include "shared/state/case_runner.h"
#include "shared/state/form_rules.h"

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
  world_.set_running(root_, &running_, &grounds_);
}

Cases::Root RootRun::run() {
  for (const Cases::Root::Handed& each : world_.cases().handed_to(root_)) {
    if (const FormSaid* said = events_.form_said(each.part))
      queue({.at = each.part,
             .said = said,
             .subject = each.subject,
             .received = events_.origin_of(each.part).received,
             .handed = true});
  }
  if (!queue_.empty()) world_.note_unknown();
  collect(root_);
  take_queued();
  return result();
}

void RootRun::take_queued() {
  while (!queue_.empty() && !must_run_anew_) {
    const Item item = queue_.begin()->second;
    queue_.erase(queue_.begin());
    take(item);
  }
}

Cases::Root RootRun::result() {
  pause();
  list_untaken();
  if (!grounds_.may_go_on()) out_.pause.reset();
  for (auto& runner : runners_) {
    runner->finish();
    out_.runs.push_back(std::move(runner->run()));
    for (CaseEffects* effects : {&runner->frozen_effects(), &runner->loose_effects()}) {
      const auto move_all = [](auto& list, auto& to) {
        to.insert(to.end(), list.begin(), list.end());
        list = std::decay_t<decltype(list)>{};  // And its room: a runner that rests needs none.
      };
      move_all(effects->facts, out_.effects.facts);
      move_all(effects->made, out_.effects.made);
      move_all(effects->links, out_.effects.links);
    }
  }
  for (auto& runner : runners_) {
    runner->rest();
    if (out_.pause) out_.pause->runners.push_back(std::move(runner));
  }
  grounds_.read.ordered();
  grounds_.whole = {};  // Whether there was any, the pause says.
  out_.handed.ordered();
  out_.grounds = std::move(grounds_);
  return std::move(out_);
}

// Notes where it stops, unless all must be read again each time.
void RootRun::pause() {
  out_.pause.reset();
  if (!grounds_.may_go_on() || !out_.handed.empty() || !out_.effects.links.empty()) return;
  for (const auto& runner : runners_)
    if (!runner->pause()) return;
  RootPause& made = out_.pause.emplace();
  made.event = last_.first;
  made.part = last_.second;
  made.effects = effects_;
  made.generation = events_.generation();
  for (const std::uint32_t author : grounds_.recorders.ordered())
    made.revisions.push_back(events_.revision_of(author));
  made.listed = static_cast<std::uint32_t>(out_.listed.size());
  made.made = static_cast<std::uint32_t>(out_.effects.made.size());
  made.links = static_cast<std::uint32_t>(out_.effects.links.size());
}

bool may_go_on(const Cases::Root& root, const Events& events) {
  if (!root.pause || root.pause->generation != events.generation()) return false;
  auto known = root.pause->revisions.begin();
  const std::vector<std::uint32_t>& recorders = root.grounds.recorders.list();
  return std::all_of(recorders.begin(), recorders.end(),
                     [&](std::uint32_t author) { return *known++ == events.revision_of(author); });
}

std::optional<std::set<std::uint32_t>> go_on_with(std::uint32_t root, Cases::Root& before,
                                                  Cases::Root& now, Events& events,
                                                  const CaseSources& from) {
  return RootRun(root, events, from).go_on(before, now);
}

// What came behind what the root itself had done before it rested.
CaseEffects RootRun::tail_of(const CaseEffects& effects) const {
  const auto tail = [](const auto& all, std::size_t from) {
    return std::vector(all.begin() + static_cast<std::ptrdiff_t>(from), all.end());
  };
  return {effects.facts, tail(effects.made, kept_made_), tail(effects.links, kept_links_)};
}

// Itself, unless a copy of the state has it too.
static std::shared_ptr<CaseRunner> own_of(std::shared_ptr<const CaseRunner> runner) {
  if (runner.use_count() > 1) return std::make_shared<CaseRunner>(*runner);
  std::atomic_thread_fence(std::memory_order_acquire);  // A copy may have ended on another thread.
  return std::const_pointer_cast<CaseRunner>(std::move(runner));
}

std::optional<std::set<std::uint32_t>> RootRun::go_on(Cases::Root& before, Cases::Root& now) {
  RootPause& from = *before.pause;
  after_ = last_ = {from.event, from.part};
  effects_ = from.effects;
  kept_made_ = from.made;
  kept_links_ = from.links;
  grounds_ = std::move(before.grounds);
  out_.listed.assign(before.listed.begin(),
                     before.listed.begin() + static_cast<std::ptrdiff_t>(from.listed));
  // What the root itself did stays as it is, and it only adds to it; its cases may do theirs anew.
  out_.effects = std::move(before.effects);
  CaseEffects ran = tail_of(out_.effects);
  cut_off(out_.effects);
  const bool said = std::any_of(from.runners.begin(), from.runners.end(),
                                [](const auto& each) { return each->has_facts(); });
  CaseRunner::Did did{said ? said_by(root_, before, facts_) : std::vector<CaseEffects::Fact>{},
                      ran.made, ran.links};
  for (std::size_t i = 0; i < from.runners.size(); ++i) {
    runners_.push_back(own_of(std::move(from.runners[i])));
    CaseRunner& runner = *runners_.back();
    runner.resume(*this, before.runs[i], did);
    for (const CaseEffects* effects : {&runner.frozen_effects(), &runner.loose_effects()})
      ran.facts.insert(ran.facts.end(), effects->facts.begin(), effects->facts.end());
    running_.push_back(&runner.run());
  }
  go_on_from_here();
  if (must_run_anew_) {
    put_back(ran);
    before.effects = std::move(out_.effects);
    return std::nullopt;
  }
  now = result();
  now.written = std::move(before.written);
  return changed_between(ran, tail_of(now.effects));
}

// What was there before stands again as it was: of what its cases did, some may have been changed.
void RootRun::put_back(const CaseEffects& ran) {
  for (const auto& runner : runners_) {
    undo(runner->loose_effects());
    undo(runner->frozen_effects());
  }
  take_back(tail_of(out_.effects), events_);
  cut_off(out_.effects);
  for (const auto& each : ran.made) {
    facts_.add_subject(each.when, each.division, each.subject, each.type, each.parent);
    out_.effects.made.push_back(each);
  }
  for (const auto& each : ran.facts) facts_.add(each.subject, each.version);
  for (const auto& each : ran.links) {
    facts_.add(each.when, each.said);
    out_.effects.links.push_back(each);
  }
}

void RootRun::cut_off(CaseEffects& effects) const {
  effects.facts.clear();
  effects.made.erase(effects.made.begin() + static_cast<std::ptrdiff_t>(kept_made_),
                     effects.made.end());
  effects.links.erase(effects.links.begin() + static_cast<std::ptrdiff_t>(kept_links_),
                      effects.links.end());
}

void RootRun::go_on_from_here() {
  collect(root_);
  all_collected_ = true;
  take_queued();
}

void RootRun::queue(const Item& item) {
  const std::pair key(item.at.event, std::uint32_t{item.at.part});
  if (all_collected_) must_run_anew_ = true;
  if (!seen_.insert(key).second) return;
  queue_.emplace(key, item);
  last_ = std::max(last_, key);
}

void RootRun::list(const Item& item, Why why, std::string rule, pg::Label label) {
  out_.listed.push_back({.event = item.at.event,
                         .part = item.at.part,
                         .why = why,
                         .rule = std::move(rule),
                         .label = std::move(label)});
}

// What forms and statements say about a subject, to be taken in the order of the log. Of a subject
// that has just been made, what stands in the log before its making is taken next.
void RootRun::collect(std::uint32_t subject) {
  if (!collected_.insert(subject).second) return;
  const auto is_taken = [&](std::uint32_t event, std::uint32_t part) {
    return after_ && std::pair(event, part) <= *after_;
  };
  for (const Occurrence& one : events_.occurrences(subject)) {
    if (is_taken(one.event, one.part) && !all_collected_) continue;
    const FormSaid* said = events_.form_said(one);
    if (said == nullptr) continue;
    queue({.at = one,
           .said = said,
           .subject = subject,
           .received = events_.origin_of(one).received,
           .own = events_.subject_of(one) == subject});
  }
  for (const Events::Statement& each : events_.statements_with(subject)) {
    if (is_taken(each.when.place, each.when.part) && !all_collected_) continue;
    queue({.at = {.occurred = each.when.occurred,
                  .event = each.when.place,
                  .part = static_cast<std::uint8_t>(each.when.part)},
           .statement = each.said,
           .subject = subject,
           .received = Events::received_of(events_.at(each.when.place))});
  }
  // Subjects first: what is about one of them and names a case is its own.
  std::vector<std::uint32_t> children = facts_.children_of(subject);
  if (children.size() > 1) {
    const Symbol named = values().words.find("case");
    std::stable_partition(children.begin(), children.end(),
                          [&](std::uint32_t child) { return facts_.type_of(child) != named; });
  }
  for (const std::uint32_t child : children) collect(child);
}

bool RootRun::is_one_of(const std::vector<pg::Actor>& actors, const Acting& who,
                        const At& at) const {
  return state::is_one_of(world_, actors, who, at);
}

Acting RootRun::acting_of(const Item& item) const {
  // For whom one may act is said by the form (is_allowed); a step without one is the author's own.
  const bool for_other = item.said != nullptr && item.said->form != kNoSymbol &&
                         item.said->more().acted_by.has_value();
  return for_other ? *item.said->more().acted_by : events_.author_of(event_of(item));
}

bool RootRun::may_act(const std::vector<pg::Actor>& actors, const Item& item, const At& at) const {
  return actors.empty() || is_one_of(actors, acting_of(item), at) ||
         is_one_of(actors, events_.author_of(event_of(item)), at);
}

bool RootRun::is_allowed(const Item& item, const pg::Form& form, const At& at) const {
  return may_record(world_, form, events_.author_of(event_of(item)), item.said->more().acted_by,
                    at);
}

std::optional<ListedStep> RootRun::breach(const Item& item, const pg::Form& form, const At& at) {
  for (const Breach& each : breaches(world_, form, at)) {
    ListedStep out{
        .event = item.at.event, .part = item.at.part, .rule = each.rule(), .label = each.label()};
    out.why = each.force() == pg::Force::Block    ? Why::Blocked
              : each.force() == pg::Force::Reason ? Why::NeedsReason
                                                  : Why::Warned;
    if (out.why == Why::Blocked) return out;
    if (out.why == Why::NeedsReason) {
      if (!item.said->answer(values().words.find("reason")).is_set()) return out;
    } else if (item.own && !item.handed) {
      out_.listed.push_back(out);
    }
  }
  return std::nullopt;
}

bool RootRun::is_of_kind(const Item& item, const pg::Form& form) const {
  const std::uint16_t kind = event_of(item).kind;
  return kind == static_cast<std::uint16_t>(form.kind) ||
         kind == static_cast<std::uint16_t>(event::Kind::Correction);
}

void RootRun::take(const Item& item) {
  const Date day = date_of(item.at.occurred);
  const pg::Catalogue& catalogue = world_.catalogue(day);
  if (item.said != nullptr && item.said->form != kNoSymbol) {
    const pg::Form* form = catalogue.forms.find(item.said->form);
    if (form == nullptr || !is_of_kind(item, *form)) return;  // Stored, and without effect.
    if (after_ &&
        std::any_of(catalogue.opened_by(form->id).begin(), catalogue.opened_by(form->id).end(),
                    [](const pg::Procedure* one) { return one->one_per != pg::Period::None; })) {
      must_run_anew_ = true;  // It may have happened before what opened the period's case.
      return;
    }
    At at = At::end_of_day(item.subject, day);
    at.form = item.said;
    const auto refuse = [&](const ListedStep& why) {
      if (item.own && !item.handed) out_.listed.push_back(why);
    };
    ListedStep why{.event = item.at.event, .part = item.at.part};
    if (!is_allowed(item, *form, at)) return refuse(why);
    if (const auto broken = breach(item, *form, at)) return refuse(*broken);
    auto effects = item.own ? holding(form->effects, at) : std::vector<const pg::Effect*>{};
    // What is only made has no relations yet.
    if (form->creates)
      std::erase_if(effects, [](const pg::Effect* one) { return one->on == kNoSymbol; });
    if (const auto objected = objection(effects, item, at)) {
      why.why = *objected;
      return refuse(why);
    }
    taken_.push_back(item);
    if (item.own) {
      std::map<Symbol, std::uint32_t> opened;
      const std::uint32_t subject = made_of(item, *form, opened);
      const bool second = open(item, *form, opened);
      if (!second && !is_deferred(item, *form))
        part_effects(item, *form, subject, opened, item.at.when(), out_.effects);
    }
  }
  if (item.handed) return;
  if (item.said == nullptr || item.said->form == kNoSymbol) taken_.push_back(item);
  for (std::size_t i = 0; i < runners_.size(); ++i)
    if (!offer(*runners_[i], item)) runners_[i]->look_again();
}

// What the part is about, or the new subject that its form creates: of a declared type under that,
// else a household or person of its own.
std::uint32_t RootRun::made_of(const Item& item, const pg::Form& form,
                               std::map<Symbol, std::uint32_t>& opened) {
  if (!form.creates) return item.subject;
  if (world_.catalogue(date_of(item.at.occurred)).subjects.find(form.subject) != nullptr) {
    pg::Procedure as{.id = kNoSymbol};
    as.subject = form.subject;
    return case_subject(as, item.subject, item, item.at.when(), opened);
  }
  const std::string& type = values().words.word(form.subject);
  if (type != "household" && type != "person" && type != "office") return item.subject;
  const Symbol known = world_.type_of(item.subject);
  if (known == form.subject) return item.subject;
  const auto origin = origin_of(item);
  const std::uint32_t made =
      known == kNoSymbol ? item.subject
                         : values().subjects.of(derived_id(origin.event, origin.part, type));
  if (!item.handed)
    make(made, form.subject, kNoNumber, item.at.when(), out_.effects,
         events_.division_of(event_of(item)));
  opened.emplace(form.subject, made);
  return made;
}

// Steps that no case takes: the one they are of has not come, or never will.
void RootRun::list_untaken() {
  for (const Item& item : taken_) {
    if (!item.own || item.handed || item.said == nullptr) continue;
    const auto is_key = [&](const ListedStep& step) {
      return step.event == item.at.event && step.part == item.at.part;
    };
    if (offered_.contains({item.at.event, item.at.part}) ||
        std::any_of(out_.listed.begin(), out_.listed.end(), is_key))
      continue;
    if (item.said->more().case_id != kNoNumber) {
      world_.note_unknown();
      grounds_.read.insert(item.said->more().case_id);
      if (facts_.type_of(item.said->more().case_id) != kNoSymbol) continue;
    }
    const Date day = date_of(item.at.occurred);
    const pg::Form* form = world_.catalogue(day).forms.find(item.said->form);
    const bool steps = item.said->form == kNoSymbol
                           ? item.said->more().stage != kNoSymbol
                           : form != nullptr && is_of_kind(item, *form) && is_step(item, *form);
    if (!steps) continue;
    world_.note_unknown();  // It may be taken yet.
    list(item, Why::WaitsForPredecessor);
  }
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
// Whether it may be a step of the case.
bool RootRun::offer(CaseRunner& runner, const Item& item) {
  if (!runner.concerns(item)) return false;
  const CaseRun& run = runner.run();
  if (item.said != nullptr && item.said->form != kNoSymbol &&
      item.said->more().case_id == kNoNumber && item.subject != run.subject) {
    const pg::Form* form = world_.catalogue(date_of(item.at.occurred)).forms.find(item.said->form);
    if (!takes_all(*run.procedure, *item.said, form)) {
      for (const auto& other : runners_) {
        const CaseRun& rival = other->run();
        if (other.get() != &runner && rival.procedure->id == run.procedure->id &&
            run.opened < rival.opened && rival.opened < item.at.when() && other->concerns(item))
          return false;
      }
    }
  }
  const bool taken = runner.offer(item);
  if (taken) offered_.insert({item.at.event, item.at.part});
  return taken;
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
  if (declared == nullptr && !item.handed) return world_.owner_of(type, subject, at);
  if (declared != nullptr && declared->episode_of != kNoSymbol) {
    const std::uint32_t spell = world_.owner_of(type, subject, at);
    const Symbol life = facts_.values().words.find("life_state");
    if (spell != kNoNumber && facts_.facts().of(spell, life).before(at.until).empty()) return spell;
  }
  const auto origin = origin_of(item);
  const SubjectId id = derived_id(origin.event, origin.part, facts_.values().words.word(type));
  const std::uint32_t made = values().subjects.of(id);
  if (item.handed) {  // The root that the part is of has made it.
    if (world_.type_of(made) == type) return made;
    return declared == nullptr ? world_.owner_of(type, subject, at) : kNoNumber;
  }
  std::uint32_t parent =
      declared->parent == kNoSymbol ? subject : world_.owner_of(declared->parent, subject, at);
  if (parent == kNoNumber) parent = subject;
  make(made, type, parent, when, out_.effects);
  opened.emplace(type, made);
  collect(made);
  return made;
}

// A subject under another root is for that root to go on with.
bool RootRun::has_root_elsewhere(std::uint32_t subject, const Item& item) {
  const std::uint32_t root = root_of(facts_, subject);
  if (root == root_) return false;
  if (!item.handed) out_.handed.insert({root, item.at, item.subject});
  return true;
}

// The newest of its type, which nothing has come of.
void RootRun::unmake(std::uint32_t subject, Symbol type, std::map<Symbol, std::uint32_t>& opened) {
  const auto made = std::find_if(out_.effects.made.begin(), out_.effects.made.end(),
                                 [&](const auto& each) { return each.subject == subject; });
  if (made == out_.effects.made.end()) return;
  if (after_ && made - out_.effects.made.begin() < static_cast<std::ptrdiff_t>(kept_made_)) {
    must_run_anew_ = true;
    return;
  }
  facts_.remove_subject(made->when, made->division, made->subject, made->type, made->parent);
  out_.effects.made.erase(made);
  opened.erase(type);
  // Nor is anything that is about it of this root.
  collected_.erase(subject);
  std::erase_if(queue_, [&](const auto& each) {
    const bool about = each.second.subject == subject;
    if (about) seen_.erase(each.first);
    if (about) world_.note_unknown();
    return about;
  });
}

RootRun::Opening RootRun::open_for(const pg::Procedure& procedure, std::uint32_t subject,
                                   const Item& item, const When& when,
                                   std::map<Symbol, std::uint32_t>& opened) {
  const bool had = opened.contains(procedure.subject);
  const std::uint32_t of = case_subject(procedure, subject, item, when, opened);
  if (of == kNoNumber || has_root_elsewhere(of, item)) return Opening::None;
  const bool is_new = !had && opened.contains(procedure.subject);
  const Opening out = open_case(procedure, of, item, when);
  if (out != Opening::Done && is_new) unmake(of, procedure.subject, opened);
  return out;
}

// Whether it is the second of something: then nothing of it has an effect.
bool RootRun::open(const Item& item, const pg::Form& form,
                   std::map<Symbol, std::uint32_t>& opened) {
  bool second = false;
  When when = item.at.when();
  if (form.judged_by == pg::JudgedBy::Received) when.occurred = item.received;
  for (const pg::Procedure* procedure :
       world_.catalogue(date_of(item.at.occurred)).opened_by(form.id))
    second = open_for(*procedure, item.subject, item, when, opened) == Opening::Refused || second;
  return second;
}

Date RootRun::period_day(const Item& item, Date otherwise) const {
  if (item.said == nullptr) return otherwise;
  return state::period_day(facts_.values(), *item.said, otherwise);
}

// Whether a part that is still to be taken, for it stands later in the log, opened the period's
// case before this one: of what happened, the earlier is the first, whichever arrived first.
bool RootRun::is_preceded(const pg::Procedure& procedure, std::uint32_t parent, const Item& item,
                          const std::string& key) const {
  return std::any_of(queue_.begin(), queue_.end(), [&](const auto& each) {
    const Item& other = each.second;
    if (other.said == nullptr || !other.own || !(other.at.when() < item.at.when())) return false;
    const Date day = date_of(other.at.occurred);
    const pg::Form* form = world_.catalogue(day).forms.find(other.said->form);
    const bool opens = form != nullptr && form->judged_by == pg::JudgedBy::Happened &&
                       std::find(procedure.opened_by.begin(), procedure.opened_by.end(),
                                 form->id) != procedure.opened_by.end();
    At at = At::end_of_day(other.subject, day);
    at.form = other.said;
    return opens && is_of_kind(other, *form) && is_allowed(other, *form, at) &&
           world_.owner_of(world_.type_of(parent), other.subject, at) == parent &&
           pg::key_of(procedure.one_per, period_day(other, day)) == key;
  });
}

RootRun::Opening RootRun::open_case(const pg::Procedure& procedure, std::uint32_t subject,
                                    const Item& item, const When& when) {
  const Date day = date_of(when.occurred), period = period_day(item, day);
  const auto origin = origin_of(item);
  const SubjectId id =
      derived_id(origin.event, origin.part, "case " + facts_.values().words.word(procedure.id));
  const std::string key =
      procedure.one_per == pg::Period::None ? std::string() : pg::key_of(procedure.one_per, period);
  const std::uint32_t parent = facts_.parent_of(subject);
  for (const auto& other : runners_) {
    const CaseRun& run = other->run();
    if (run.procedure->id != procedure.id) continue;
    if (run.id == id) {  // Two corrections of one part.
      list(item, Why::AlreadyDecided);
      return Opening::Refused;
    }
    if (!is_second(world_, procedure, subject, parent, period, run, day)) continue;
    list(item, Why::SecondOfPeriod);
    return Opening::Refused;
  }
  if (!key.empty() && is_preceded(procedure, parent == kNoNumber ? subject : parent, item, key)) {
    list(item, Why::SecondOfPeriod);
    return Opening::Refused;
  }
  if (procedure.opens_when.is_set()) {
    At at = At::end_of_day(subject, day);
    at.form = item.said;
    if (world_.holds(procedure.opens_when, at) != Truth::Yes) return Opening::None;
  }
  if (after_) {
    // Steps that came before it may be of this case.
    must_run_anew_ = true;
    return Opening::None;
  }
  CaseRun run{.procedure = &procedure,
              .id = id,
              .subject = subject,
              .opener_subject = item.subject,
              .opened = when,
              .received = item.received,
              .known_from = origin.place,
              .period = period};
  runners_.push_back(std::make_shared<CaseRunner>(*this, std::move(run)));
  running_.push_back(&runners_.back()->run());
  CaseRunner& runner = *runners_.back();
  const std::uint32_t number = values().subjects.of(runner.run().id);
  make(number, values().words.of("case"), root_, unique(when), out_.effects);
  collect(number);
  runner.start();
  const std::vector<Item> before(taken_.begin(), taken_.end());
  for (const Item& each : before)
    if (&each != &before.back() && !each.handed) offer(runner, each);
  return Opening::Done;
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

}  // namespace cunji::state
