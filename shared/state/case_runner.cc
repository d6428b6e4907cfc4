#include "shared/state/case_runner.h"

#include <algorithm>

#include "shared/programme/periods.h"

namespace cunji::state {
namespace pg = programme;
using event::NoticeAct;
using Why = ListedStep::Why;

static bool contains(const std::vector<Symbol>& list, Symbol id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

bool CaseRunner::concerns(const Item& item) const {
  if (item.statement != nullptr) {
    // A list of households holds what lies under them.
    const auto& rows = item.statement->subjects;
    const Register& facts = root_->world().facts();
    for (std::uint32_t up = run().subject; up != kNoNumber; up = facts.parent_of(up))
      if (std::find(rows.begin(), rows.end(), up) != rows.end()) return true;
    return false;
  }
  const std::uint32_t own = root_->world().values().subjects.find(run().id);
  if (item.said->more().case_id != kNoNumber)
    return item.said->more().case_id == own && own != kNoNumber;
  if (item.said->form == kNoSymbol) {
    return item.said->more().procedure == procedure().id && item.subject == run().subject;
  }
  // About the case's subject, or what that belongs to.
  const Register& facts = root_->world().facts();
  for (std::uint32_t up = run().subject; up != kNoNumber; up = facts.parent_of(up))
    if (up == item.subject) return true;
  return false;
}

// Whether it is about this very case, and not about the house in which it is one of several.
bool CaseRunner::names_this(const Item& item) const {
  if (item.statement != nullptr) return false;
  return item.subject == run().subject || item.said->more().case_id != kNoNumber;
}

bool CaseRunner::offer(const Item& item) {
  const std::size_t before = pool_.size();
  const auto add = [&](std::size_t i, const pg::Exit* exit, pg::JudgedBy judged_by) {
    const bool happened = judged_by == pg::JudgedBy::Happened;
    // What happened before the case began is no step of it.
    if (happened && item.at.when() < run().opened) return;
    // Nor is a desk's that did not know of it (S1).
    if (!happened && !names_this(item) && item.at.event < run().known_from) return;
    const auto same = std::find_if(
        pool_.begin() + static_cast<std::ptrdiff_t>(before), pool_.end(),
        [&](const Pooled& each) { return each.happened == happened && each.exit == exit; });
    Pooled& pooled =
        same != pool_.end() ? *same : pool_.emplace_back(Pooled{.item = item, .exit = exit});
    pooled.happened = happened;
    if (exit == nullptr) pooled.stages.push_back(i);
  };
  for (std::size_t i = 0; i < procedure().stages.size(); ++i) {
    const pg::Stage& one = stage(i);
    bool takes = false;
    if (item.statement != nullptr) {
      takes = one.statement != kNoSymbol && one.statement == item.statement->of;
    } else if (item.said->form != kNoSymbol) {
      takes = one.form == item.said->form;
    } else {
      takes = one.id == item.said->more().stage;
    }
    if (takes) add(i, nullptr, one.judged_by);
  }
  for (const pg::Exit& exit : procedure().exits) {
    if (item.said == nullptr) continue;
    const bool takes = item.said->form != kNoSymbol ? exit.form == item.said->form
                                                    : exit.id == item.said->more().stage;
    if (takes) add(procedure().stages.size(), &exit, pg::JudgedBy::Received);
  }
  advance();
  return pool_.size() > before;
}

// Desk steps that were taken stand; of field parts, only what asks for facts may come out
// otherwise.
void CaseRunner::look_again() {
  const bool asks = std::any_of(pool_.begin(), pool_.end(), [&](const Pooled& each) {
    return each.happened && !each.frozen &&
           std::any_of(each.stages.begin(), each.stages.end(), [&](std::size_t i) {
             return !stage(i).guards.empty() || stage(i).opens.is_set() || stage(i).vote;
           });
  });
  if (asks) advance();
}

// Of the stages that take it, the one that waits; else one that is still to come.
void CaseRunner::choose(Pooled& pooled) const {
  if (pooled.exit != nullptr) return;
  pooled.stage = pooled.stages.front();
  for (const bool waiting : {false, true}) {
    for (const std::size_t i : pooled.stages) {
      const StageRun* here = current(i);
      if (waiting ? here != nullptr && !here->reached : here == nullptr) pooled.stage = i;
    }
  }
}

StageRun* CaseRunner::current(std::size_t i) {
  StageRun* out = nullptr;
  for (StageRun& run : run().stages)
    if (run.stage == i && !run.withdrawn) out = &run;
  return out;
}

bool CaseRunner::reached(Symbol id) const {
  const std::size_t i = procedure().place_of(id);
  const StageRun* run = i < procedure().stages.size() ? current(i) : nullptr;
  return run != nullptr && run->reached.has_value();
}

// Whether the stage waits only where an outcome sent the case to it: one of a stage before it names
// it, or nothing comes before it and it is not the first.
bool CaseRunner::needs_goto(std::size_t i) const {
  const pg::Stage& to = stage(i);
  if (!to.by_goto) return false;
  if (to.after.empty() && to.after_any.empty()) return i != 0;
  const auto names = [&](Symbol before) {
    const std::size_t from = procedure().place_of(before);
    if (from >= procedure().stages.size()) return false;
    return std::any_of(stage(from).outcomes.begin(), stage(from).outcomes.end(),
                       [&](const pg::Outcome& outcome) {
                         return contains(outcome.go, to.id) || contains(outcome.go_one_of, to.id);
                       });
  };
  return std::any_of(to.after.begin(), to.after.end(), names) ||
         std::any_of(to.after_any.begin(), to.after_any.end(), names);
}

bool CaseRunner::was_sent_to(std::size_t i) const { return contains(sent_to_, stage(i).id); }

bool CaseRunner::waits(std::size_t i) const {
  const pg::Stage& one = stage(i);
  if (one.while_at != kNoSymbol) {
    const std::size_t beside = procedure().place_of(one.while_at);
    const StageRun* run = beside < procedure().stages.size() ? current(beside) : nullptr;
    return run != nullptr && !run->reached;
  }
  const auto is_reached = [&](Symbol id) { return reached(id); };
  if (!std::all_of(one.after.begin(), one.after.end(), is_reached)) return false;
  if (!one.after_any.empty() &&
      std::none_of(one.after_any.begin(), one.after_any.end(), is_reached))
    return false;
  return !needs_goto(i) || was_sent_to(i);
}

// The later of what a stage waits for, else the opening.
void CaseRunner::arrive() {
  if (run().closed) return;
  for (std::size_t i = 0; i < procedure().stages.size(); ++i) {
    if (current(i) != nullptr || !waits(i)) continue;
    StageRun made{.stage = i, .arrived = run().opened};
    made.arrived.occurred = std::max(run().opened.occurred, TimePoint{});
    made.happened = stage(i).judged_by == pg::JudgedBy::Happened;
    for (const StageRun& before : run().stages) {
      if (before.stage == i) made.round = std::max(made.round, before.round + 1);
      if (before.withdrawn || !before.reached) continue;
      const pg::Stage& from = stage(before.stage);
      const bool counts =
          contains(stage(i).after, from.id) || contains(stage(i).after_any, from.id) ||
          (was_sent_to(i) &&
           std::any_of(from.outcomes.begin(), from.outcomes.end(), [&](const pg::Outcome& outcome) {
             return outcome.code == before.outcome &&
                    (contains(outcome.go, stage(i).id) || contains(outcome.go_one_of, stage(i).id));
           }));
      if (!counts) continue;
      // When the last of them had happened, and was known.
      made.arrived.place = std::max(made.arrived.place, before.effective_place);
      if (before.effective < made.arrived.occurred) continue;
      made.arrived.occurred = before.effective;
      made.arrived.part = before.reached->part;
    }
    At where = At::end_of_day(run().subject, date_of(made.arrived.occurred));
    where.run = &run();
    where.procedure = &procedure();
    where.arrived = date_of(made.arrived.occurred);
    made.due = root_->world().due(stage(i).due, where);
    run().stages.push_back(std::move(made));
  }
}

At CaseRunner::at(const Pooled& pooled, const StageRun* stage_run) const {
  const Date day = date_of(time_of(pooled));
  At out = At::end_of_day(run().subject, day);
  if (pooled.happened) {
    // What came later in the log but happened before counts; this part itself does not.
    out.until = When{pooled.item.at.occurred, pooled.item.at.event, pooled.item.at.part};
  } else {
    out.known = pooled.item.at.event;
    if (stage_run != nullptr) out.known = std::max(out.known, stage_run->arrived.place + 1);
  }
  out.form = pooled.item.said;
  out.run = &run();
  out.procedure = &procedure();
  if (stage_run != nullptr) out.arrived = date_of(stage_run->arrived.occurred);
  return out;
}

void CaseRunner::list(const Pooled& pooled, Why why, std::string rule, pg::Label label) {
  run().listed.push_back(
      {.event = pooled.item.at.event,
       .part = pooled.item.at.part,
       .stage = pooled.exit != nullptr ? pooled.exit->id : stage(pooled.stage).id,
       .why = why,
       .rule = std::move(rule),
       .label = std::move(label)});
}

When CaseRunner::when_of(const Pooled& pooled, const StageRun& at) const {
  return {std::max(time_of(pooled), at.arrived.occurred),
          std::max(pooled.item.at.event, at.arrived.place), pooled.item.at.part};
}

// What the step is, if it may be taken now.
CaseRunner::Answer CaseRunner::try_take(Pooled& pooled) {
  const World& world = root_->world();
  const auto refuse = [&](Why why, std::string rule = {}, pg::Label label = {}) {
    // A visit to the house is no step of a case that is over.
    const bool is_over = why == Why::Closed || why == Why::AlreadyDecided;
    if (!is_over || names_this(pooled.item)) list(pooled, why, std::move(rule), std::move(label));
    pooled.used = pooled.refused = true;
    return Answer::Not;
  };
  const At now = at(pooled, pooled.exit == nullptr ? current(pooled.stage) : nullptr);
  if (run().closed) return refuse(Why::Closed);
  if (pooled.exit != nullptr) {
    if (!root_->may_act(pooled.exit->by, pooled.item, now)) return refuse(Why::NotAllowed);
    const bool from_here =
        pooled.exit->from.empty() ||
        std::any_of(pooled.exit->from.begin(), pooled.exit->from.end(), [&](Symbol from) {
          const std::size_t i = procedure().place_of(from);
          return i < procedure().stages.size() && current(i) != nullptr && !current(i)->reached;
        });
    if (!from_here) return Answer::Waits;
    pooled.used = true;
    const When when{time_of(pooled), pooled.item.at.event, pooled.item.at.part};
    root_->write_step(pooled.item, when, loose_effects());
    root_->end_spell(run().subject, when, loose_effects());
    close(when, pooled.item.at.event, pooled.exit->id);
    return Answer::Taken;
  }
  const pg::Stage& one = stage(pooled.stage);
  StageRun* here = current(pooled.stage);
  if (!root_->may_act(one.by, pooled.item, now)) return refuse(Why::NotAllowed);
  if (here == nullptr) return Answer::Waits;
  if (here->round > 0 && !(here->arrived.place < pooled.item.at.event))
    return refuse(Why::Outdated);
  if (here->reached && !one.repeats) return refuse(Why::AlreadyDecided);
  if (!pooled.happened && pooled.item.said != nullptr && pooled.item.said->more().last_step) {
    // The author had not seen a step that the log already held.
    const EventRecord* seen = world.events().find(*pooled.item.said->more().last_step);
    if (seen == nullptr) world.note_unknown();
    const std::uint32_t seen_place = seen == nullptr ? 0 : world.events().place_of(*seen);
    for (const StageRun& other : run().stages) {
      if (other.reached && !other.happened && other.reached->place > seen_place &&
          other.reached->place < pooled.item.at.event)
        return refuse(Why::Outdated);
    }
  }
  if (one.opens.is_set()) {
    const auto opens = world.day_of(one.opens, now);
    if (!opens) return refuse(Why::CannotBeJudged);
    if (now.day < *opens)
      return refuse(Why::TooEarly, one.rules.empty() ? std::string() : one.rules.front());
  }
  for (const pg::Guard& guard : one.guards) {
    const Truth truth = world.holds(guard.condition, now);
    if (truth == Truth::Yes) continue;
    if (truth == Truth::Unset) return refuse(Why::CannotBeJudged, guard.rule, guard.label);
    if (guard.force == pg::Force::Block) return refuse(Why::Blocked, guard.rule, guard.label);
    if (guard.force == pg::Force::Reason && pooled.item.said != nullptr &&
        !pooled.item.said->answer(root_->values().words.find("reason")).is_set())
      return refuse(Why::NeedsReason, guard.rule, guard.label);
    list(pooled, Why::Warned, guard.rule, guard.label);
  }
  if (one.notice) return take_notice(pooled, *here);
  Symbol outcome = pooled.item.said == nullptr ? kNoSymbol : pooled.item.said->more().outcome;
  if (outcome == kNoSymbol && pooled.item.said != nullptr)
    outcome = pooled.item.said->answer(root_->values().words.find("outcome")).word();
  if (!one.vote && !one.outcomes.empty() &&
      std::none_of(one.outcomes.begin(), one.outcomes.end(),
                   [&](const pg::Outcome& each) { return each.code == outcome; }))
    return refuse(Why::CannotBeJudged);
  if (one.vote) {
    const auto number = [&](const char* field) {
      return pooled.item.said->answer(root_->values().words.find(field));
    };
    const World::Got of = world.read(one.vote->of, now), quorum = world.read(one.vote->quorum, now),
                     majority = world.read(one.vote->majority, now);
    const Val present = number("present"), agreed = number("agreed");
    if (of.unset || quorum.unset || majority.unset || !of.val.is_set() || !present.is_set() ||
        !agreed.is_set())
      return refuse(Why::CannotBeJudged);
    // By cross-multiplication (GEN-05): quorum at least, majority more than.
    if (present.number * 10'000 < quorum.val.number * of.val.number)
      return refuse(Why::VoteWithoutQuorum);
    const bool passed = agreed.number * 10'000 > majority.val.number * of.val.number;
    outcome = root_->values().words.of(passed ? "agreed" : "rejected");
  }
  if (!one.each_of.empty()) {
    const Acting who = root_->acting_of(pooled.item);
    if (!contains(one.each_of, who.office)) return refuse(Why::NotAllowed);
    if (contains(here->answered_by, who.office)) return refuse(Why::AlreadyDecided);
    here->answered_by.push_back(who.office);
    if (here->answered_by.size() < one.each_of.size()) {
      pooled.used = true;
      const When when = when_of(pooled, *here);
      root_->write_step(pooled.item, when, loose_effects());
      for (const pg::Effect* effect : root_->holding(one.effects, now))
        root_->apply(*effect, pooled.item, now, when, loose_effects());
      return Answer::Taken;
    }
  }
  if (const auto objected = root_->objection(root_->holding(one.effects, now), pooled.item, now))
    return refuse(*objected);
  reach(pooled, *here, outcome);
  return Answer::Taken;
}

// Which act it is: said by a step, or by the form's field and what the objection came to.
static NoticeAct act_of(const FormSaid& said, const Symbols& words) {
  const auto answer = [&](const char* field) -> std::string {
    const Val val = said.answer(words.find(field));
    return val.is_set() ? words.word(val.word()) : std::string();
  };
  const std::string act = answer("act");
  if (act == "posted") return NoticeAct::Posted;
  if (act == "objected") return NoticeAct::Objection;
  if (act == "answered")
    return answer("result") == "upheld" ? NoticeAct::Upheld : NoticeAct::Dismissed;
  if (act == "closed") return NoticeAct::Closed;
  return said.more().notice;
}

// A notice goes up, is objected to, answered, and closed (GEN-03).
CaseRunner::Answer CaseRunner::take_notice(Pooled& pooled, StageRun& here) {
  const World& world = root_->world();
  const pg::Notice& notice = *stage(pooled.stage).notice;
  // Days are as said, none later than the part itself.
  const auto day = [&](const char* field) {
    const Date happened = date_of(pooled.item.at.occurred);
    const Val said = pooled.item.said->answer(root_->values().words.find(field));
    return said.kind == Val::Kind::Date ? std::min(date_in(said), happened) : happened;
  };
  pooled.used = true;
  switch (act_of(*pooled.item.said, root_->values().words)) {
    case NoticeAct::Posted:
      if (!here.posted_on) here.posted_on = day("posted_on");
      return Answer::Taken;
    case NoticeAct::Objection:
      if (here.posted_on) ++here.objections;
      return Answer::Taken;
    case NoticeAct::Dismissed:
      if (here.objections > 0) --here.objections;
      return Answer::Taken;
    case NoticeAct::Upheld:
      here.objections = 0;
      here.posted_on.reset();  // The full period starts again.
      if (notice.upheld_goto != kNoSymbol) {
        const std::size_t to = procedure().place_of(notice.upheld_goto);
        if (to < procedure().stages.size())
          send_back(to, {time_of(pooled), pooled.item.at.event, pooled.item.at.part});
      }
      return Answer::Taken;
    case NoticeAct::None:
    case NoticeAct::Closed: break;
  }
  const World::Got days = world.read(notice.days, at(pooled, &here));
  if (days.unset || !here.posted_on) {
    list(pooled, Why::CannotBeJudged);
    return Answer::Not;
  }
  if (here.objections > 0 ||
      pg::elapsed(*here.posted_on, day("closed_on"), pg::Unit::Days) < days.val.number) {
    list(pooled, Why::NoticeTooShort, "GEN-03");
    return Answer::Not;
  }
  reach(pooled, here, kNoSymbol);
  return Answer::Taken;
}

void CaseRunner::reach(Pooled& pooled, StageRun& here, Symbol outcome) {
  const pg::Stage& one = stage(pooled.stage);
  const When when = when_of(pooled, here);
  const At now = at(pooled, &here);
  pooled.used = true;
  here.reached = When{time_of(pooled), pooled.item.at.event, pooled.item.at.part};
  here.effective = when.occurred;
  here.effective_place = when.place;
  here.outcome = outcome;
  At then = now;  // What reads the stage's own day finds it.
  then.until = {when.occurred + Duration{1}, 0, 0};
  then.known = kNoNumber;
  root_->write_step(pooled.item, when, loose_effects());
  const std::vector<const pg::Effect*> holding = root_->holding(one.effects, now);
  for (const pg::Effect* effect : holding)
    root_->apply(*effect, pooled.item, then, when, loose_effects());
  for (const pg::Effect* effect : holding)
    if (effect->life == pg::Life::Close && effect->on == kNoSymbol && one.outcomes.empty())
      close(when, when.place, kNoSymbol);
  go_on(one, pooled, outcome, when);
}

void CaseRunner::go_on(const pg::Stage& from, const Pooled& pooled, Symbol outcome,
                       const When& when) {
  const auto taken = std::find_if(from.outcomes.begin(), from.outcomes.end(),
                                  [&](const pg::Outcome& each) { return each.code == outcome; });
  if (taken == from.outcomes.end()) return;
  std::vector<Symbol> to = taken->go;
  if (pooled.item.said != nullptr) {
    for (const Symbol one : pooled.item.said->more().go)
      if (contains(taken->go_one_of, one)) to.push_back(one);
  }
  for (const Symbol id : to) {
    if (root_->values().words.word(id) == "closed") {
      close(when, when.place, kNoSymbol);
      continue;
    }
    const std::size_t i = procedure().place_of(id);
    if (i >= procedure().stages.size()) continue;
    if (current(i) != nullptr && current(i)->reached) send_back(i, when);
    if (!contains(sent_to_, id)) sent_to_.push_back(id);
  }
}

// The stage begins anew, and with it all that comes after it.
void CaseRunner::send_back(std::size_t to, const When& when) {
  std::vector<Symbol> behind{stage(to).id};
  for (std::size_t done = 0; done < behind.size(); ++done) {
    for (const pg::Stage& each : procedure().stages) {
      const bool follows =
          contains(each.after, behind[done]) || contains(each.after_any, behind[done]);
      if (follows && !contains(behind, each.id)) behind.push_back(each.id);
    }
  }
  for (StageRun& run : run().stages)
    if (contains(behind, stage(run.stage).id) && !run.withdrawn) run.withdrawn = when;
  std::erase_if(sent_to_, [&](Symbol id) { return contains(behind, id) && id != stage(to).id; });
  StageRun again{.stage = to, .arrived = when};
  again.happened = stage(to).judged_by == pg::JudgedBy::Happened;
  for (const StageRun& before : run().stages)
    if (before.stage == to) again.round = std::max(again.round, before.round + 1);
  At where = At::end_of_day(run().subject, date_of(when.occurred));
  where.run = &run();
  where.procedure = &procedure();
  where.arrived = date_of(when.occurred);
  again.due = root_->world().due(stage(to).due, where);
  run().stages.push_back(std::move(again));
}

void CaseRunner::close(const When& when, std::uint32_t place, Symbol exit) {
  run().closed = when;
  run().closed_place = place;
  run().exit = exit;
}

void CaseRunner::freeze() {
  base_ = run();
  base_sent_to_ = sent_to_;
  for (Pooled& pooled : pool_) {
    // What was refused for facts of the field may still be right when more of these have come, as
    // long as nothing else was right in its place.
    const StageRun* here = pooled.exit == nullptr ? current(pooled.stage) : nullptr;
    const bool retried = pooled.happened && pooled.refused && here != nullptr && !here->reached;
    pooled.frozen = pooled.used && !retried;
    if (retried)
      std::erase_if(base_.listed, [&](const ListedStep& each) {
        return each.event == pooled.item.at.event && each.part == pooled.item.at.part;
      });
  }
  const auto move_all = [](auto& from, auto& to) {
    to.insert(to.end(), from.begin(), from.end());
    from.clear();
  };
  move_all(loose_effects().facts, frozen_effects().facts);
  move_all(loose_effects().made, frozen_effects().made);
  move_all(loose_effects().links, frozen_effects().links);
}

// Takes the first step of its sort that may be taken; false where there is none.
bool CaseRunner::step(bool happened) {
  std::vector<Pooled*> ready;
  for (Pooled& pooled : pool_)
    if (!pooled.used && pooled.happened == happened) ready.push_back(&pooled);
  std::sort(ready.begin(), ready.end(), [&](const Pooled* a, const Pooled* b) {
    if (happened && a->item.at.occurred != b->item.at.occurred)
      return a->item.at.occurred < b->item.at.occurred;
    return std::pair(a->item.at.event, a->item.at.part) <
           std::pair(b->item.at.event, b->item.at.part);
  });
  for (Pooled* pooled : ready) {
    choose(*pooled);
    const Answer answer = try_take(*pooled);
    if (answer == Answer::Waits) continue;
    return true;
  }
  return false;
}

void CaseRunner::advance() {
  root_->undo(loose_effects());
  run() = base_;
  sent_to_ = base_sent_to_;
  for (Pooled& pooled : pool_) {
    pooled.used = pooled.frozen;
    pooled.refused = pooled.refused && pooled.frozen;
  }
  // Each round uses up a part; the bound is for definitions that go in circles.
  for (std::size_t rounds = 0; rounds <= 4 * pool_.size() + 4; ++rounds) {
    arrive();
    if (step(/*happened=*/true)) continue;
    if (!step(/*happened=*/false)) break;
    freeze();
  }
  if (run().closed || run().stages.empty()) return;
  // Nothing waits any more but what may be left out.
  const bool waits = std::any_of(run().stages.begin(), run().stages.end(), [&](const StageRun& at) {
    const pg::Stage& one = stage(at.stage);
    return !at.withdrawn && !at.reached && !one.optional && one.while_at == kNoSymbol;
  });
  if (waits) return;
  When last = run().opened;
  std::uint32_t place = run().opened.place;
  for (const StageRun& at : run().stages) {
    if (at.withdrawn || !at.reached) continue;
    if (last.occurred < at.effective) last = {at.effective, at.effective_place, at.reached->part};
    place = std::max(place, at.effective_place);
  }
  close(last, place, kNoSymbol);
}

void CaseRunner::end(const When& when) {
  freeze();
  close(when, when.place, kNoSymbol);
  base_ = run();
}

bool CaseRunner::pause() {
  const auto count = [](const CaseEffects& effects) {
    Counts out{.facts = {},
               .made = static_cast<std::uint32_t>(effects.made.size()),
               .links = static_cast<std::uint32_t>(effects.links.size())};
    out.facts.reserve(effects.facts.size());
    for (const auto& each : effects.facts) out.facts.push_back(effect_of(each.version.when));
    return out;
  };
  frozen_count_ = count(frozen_effects());
  loose_count_ = count(loose_effects());
  listed_ = static_cast<std::uint32_t>(run().listed.size());
  pool_.shrink_to_fit();
  base_.stages.shrink_to_fit();
  run().stages.shrink_to_fit();
  return std::none_of(pool_.begin(), pool_.end(),
                      [](const Pooled& each) { return each.item.statement != nullptr; });
}

void CaseRunner::resume(RootRun& root, CaseRun run, Did& did) {
  root_ = &root;
  work_ = std::make_shared<Work>();
  run.listed.erase(run.listed.begin() + static_cast<std::ptrdiff_t>(listed_), run.listed.end());
  work_->run = std::move(run);
  for (Pooled& pooled : pool_) pooled.item.said = root.said_at(pooled.item.at);
  const auto take = [](auto& from, std::size_t count, auto& to) {
    to.assign(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
    from = from.subspan(count);
  };
  const auto take_all = [&](const Counts& counts, CaseEffects& to) {
    for (const std::uint32_t number : counts.facts)
      to.facts.push_back(*std::lower_bound(
          did.facts.begin(), did.facts.end(), number,
          [](const auto& each, std::uint32_t n) { return effect_of(each.version.when) < n; }));
    take(did.made, counts.made, to.made);
    take(did.links, counts.links, to.links);
  };
  take_all(frozen_count_, frozen_effects());
  take_all(loose_count_, loose_effects());
}

void CaseRunner::finish() {
  for (Pooled& pooled : pool_) {
    if (pooled.used || (run().closed && !names_this(pooled.item))) continue;
    choose(pooled);
    list(pooled, Why::WaitsForPredecessor);
  }
}
}  // namespace cunji::state
