#pragma once
// How a root's cases are run: RootRun takes the parts in the order of the log, opens cases and does
// what forms do; a CaseRunner takes a case from step to step. Only run_cases() uses these.
//
// Field parts fall into place by when they happened, desk steps stand where the log has them (S1):
// all that rests on field parts alone is *loose* and worked out anew with each further part; once a
// desk step was taken, what it rested on is *frozen*.
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "shared/state/cases.h"
#include "shared/state/world.h"

namespace cunji::state {
// A part of a form, or a statement, that a case may take as a step.
struct Item {
  Occurrence at;
  const FormSaid* said = nullptr;  // Null for a statement.
  const StatementSaid* statement = nullptr;
  std::uint32_t subject = kNoNumber;
  TimePoint received{};
  bool own = true;  // Of this root; else it is about something else, and names a case.
};

class CaseRunner;

class RootRun {
 public:
  RootRun(std::uint32_t root, Events& events, const CaseSources& from);
  RootRun(const RootRun&) = delete;
  RootRun& operator=(const RootRun&) = delete;
  Cases::Root run();

  // For CaseRunner.
  const World& world() const { return world_; }
  Values& values() { return facts_.values(); }
  void add_fact(std::uint32_t subject, const FactVersion& version, CaseEffects& to) {
    facts_.add(subject, version);
    to.facts.push_back({subject, version});
  }
  // `when`: since when it holds.
  void apply(const programme::Effect& effect, const Item& item, const At& at, const When& when,
             CaseEffects& to);
  void undo(CaseEffects& effects);
  bool may_act(const std::vector<programme::Actor>& actors, const Item& item, const At& at) const;
  const EventRecord& event_of(const Item& item) const { return events_.at(item.at.event); }

 private:
  void collect(std::uint32_t subject);
  void take(const Item& item);
  void offer(CaseRunner& runner, const Item& item);
  void open(const Item& item, const programme::Form& form, std::map<Symbol, std::uint32_t>& opened);
  void open_case(const programme::Procedure& procedure, std::uint32_t subject, const Item& item,
                 const When& when);
  std::uint32_t case_subject(const programme::Procedure& procedure, std::uint32_t subject,
                             const Item& item, const When& when,
                             std::map<Symbol, std::uint32_t>& opened);
  void close_cases(Symbol procedure, std::uint32_t subject, const When& when);
  When unique(const When& when) { return {when.occurred, when.place, when.part | ++effects_ << 6}; }
  Val as_fact(const programme::Fact& fact, const Val& said, Symbol word);
  void part_effects(const Item& item, const programme::Form& form, std::uint32_t subject,
                    const std::map<Symbol, std::uint32_t>& opened);
  void write_field(const programme::Field& field, const Val& val, const Item& item,
                   std::uint32_t subject, const std::map<Symbol, std::uint32_t>& opened,
                   Symbol source);
  void make(std::uint32_t subject, Symbol type, std::uint32_t parent, const When& when,
            CaseEffects& to);
  bool acting_is(const programme::Actor& actor, const Acting& who) const;
  bool is_of_kind(const Item& item, const programme::Form& form) const;

  std::uint32_t root_;
  Events& events_;
  Register& facts_;
  World world_;
  Cases::Root out_;
  std::vector<std::unique_ptr<CaseRunner>> runners_;
  std::set<std::uint32_t> collected_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Item> queue_;  // By place and part: to take.
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;         // Of all that were queued.
  std::vector<Item> taken_;
  const programme::Catalogue* catalogue_ = nullptr;  // Of the day of the part at hand.
  std::vector<const CaseRun*> running_;              // What world_ is shown.
  std::uint32_t effects_ = 0;
};

// Runs one case over the items that come in, in the order of the log.
class CaseRunner {
 public:
  CaseRunner(RootRun& root, CaseRun run, const Item& opener) : root_(root), run_(std::move(run)) {
    opener_ = opener;
    base_ = run_;
  }
  CaseRun& run() { return run_; }
  CaseEffects& frozen_effects() { return frozen_; }
  CaseEffects& loose_effects() { return loose_; }

  // Whether the item is about this case, and if so as what.
  bool concerns(const Item& item) const;
  void start() { advance(); }
  void offer(const Item& item);
  void end(const When& when);  // Closed from without.
  void finish();               // Lists what still waits.

 private:
  struct Pooled {
    Item item;
    std::size_t stage = 0;  // Or the number of stages: an exit.
    const programme::Exit* exit = nullptr;
    bool happened = false;
    bool frozen = false, used = false;  // Consumed: for good, or in this run over the loose ones.
  };

  const programme::Procedure& procedure() const { return *run_.procedure; }
  const programme::Stage& stage(std::size_t i) const { return procedure().stages[i]; }
  TimePoint time_of(const Pooled& pooled) const {
    return pooled.happened ? pooled.item.at.occurred : pooled.item.received;
  }
  void advance();
  void arrive();  // At every stage that waits now.
  bool waits(std::size_t i) const;
  StageRun* current(std::size_t i);
  const StageRun* current(std::size_t i) const { return const_cast<CaseRunner*>(this)->current(i); }
  bool reached(Symbol id) const;
  bool needs_goto(std::size_t i) const;
  bool was_sent_to(std::size_t i) const;
  bool step(bool happened);
  enum class Answer { Taken, Not, Waits };
  Answer try_take(Pooled& pooled);
  Answer take_notice(Pooled& pooled, StageRun& at);
  void reach(Pooled& pooled, StageRun& at, Symbol outcome);
  void go_on(const programme::Stage& from, const Pooled& pooled, Symbol outcome, const When& when);
  void send_back(std::size_t to, const When& when);
  void close(const When& when, std::uint32_t place, Symbol exit);
  void list(const Pooled& pooled, ListedStep::Why why, std::string rule = {},
            programme::Label label = {});
  At at(const Pooled& pooled, const StageRun* stage_run) const;
  void freeze();
  When when_of(const Pooled& pooled, const StageRun& at) const;

  RootRun& root_;
  CaseRun run_, base_;
  Item opener_;
  std::vector<Pooled> pool_;
  CaseEffects frozen_, loose_;
  std::vector<Symbol> sent_to_, base_sent_to_;  // Stages that an outcome named.
};
}  // namespace cunji::state
