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
#include <span>
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
  bool own = true;      // Of this root; else it is about something else, and names a case.
  bool handed = false;  // Of another root: it opens cases here, and nothing more.
};

class CaseRunner;

class RootRun {
 public:
  RootRun(std::uint32_t root, Events& events, const CaseSources& from);
  RootRun(const RootRun&) = delete;
  RootRun& operator=(const RootRun&) = delete;
  Cases::Root run();
  // go_on_with(), cases.h.
  std::optional<std::set<std::uint32_t>> go_on(Cases::Root& before, Cases::Root& now);

  // For CaseRunner.
  const World& world() const { return world_; }
  Values& values() { return facts_.values(); }
  void add_fact(std::uint32_t subject, FactVersion version, CaseEffects& to) {
    version.root = root_;
    facts_.add(subject, version);
    to.facts.push_back({subject, version});
  }
  // `when`: since when it holds; `opened`: what the part has opened so far.
  void apply(const programme::Effect& effect, const Item& item, const At& at, const When& when,
             CaseEffects& to, std::map<Symbol, std::uint32_t>* opened = nullptr);
  void undo(CaseEffects& effects);
  bool may_act(const std::vector<programme::Actor>& actors, const Item& item, const At& at) const;
  // What a desk's step says, and does by its form: nothing before a case takes it.
  void write_step(const Item& item, const When& when, CaseEffects& to);
  // Where the subject is one of several spells.
  void end_spell(std::uint32_t subject, const When& when, CaseEffects& to);
  // The effects whose condition holds, and why they can't be: a relation would be over its limit,
  // or a merge close a circle.
  std::vector<const programme::Effect*> holding(const std::vector<programme::Effect>& effects,
                                                const At& at) const;
  std::optional<ListedStep::Why> objection(const std::vector<const programme::Effect*>& effects,
                                           const Item& item, const At& at) const;
  // Of a part with acting office: that, else the author.
  Acting acting_of(const Item& item) const;
  Events::Origin origin_of(const Item& item) const { return events_.origin_of(item.at); }
  const EventRecord& event_of(const Item& item) const { return events_.at(item.at.event); }
  const FormSaid* said_at(const Occurrence& one) const { return events_.form_said(one); }

 private:
  // What a part says of a relation on a day.
  struct Linking {
    const programme::Relation* relation = nullptr;
    Assigned said;
  };
  std::optional<Linking> linking(const programme::Effect& effect, Symbol relation,
                                 std::uint32_t subject, const Item& item, const At& at) const;
  Val taken(const programme::Effect& effect, const Item& item, const At& at) const;
  bool is_over_limit(const Linking& link, std::uint32_t place, bool replaces) const;
  bool closes_circle(const Linking& link, Date on, std::uint32_t place) const;
  void link(const programme::Effect& effect, const Linking& link, const When& when,
            CaseEffects& to);
  void unlink(const Linking& link, Date on, Date until, const When& when, CaseEffects& to);
  void live(const programme::Effect& effect, std::uint32_t subject, const Item& item, const At& at,
            const When& when, CaseEffects& to);
  void split(std::uint32_t household, const Item& item, const At& at, const When& when,
             CaseEffects& to);
  std::vector<std::uint32_t> leaving(const At& at) const;
  bool is_allowed(const Item& item, const programme::Form& form, const At& at) const;
  // What of the form's ranges and checks the part breaks: BLOCK or REASON; warnings are listed.
  std::optional<ListedStep> breach(const Item& item, const programme::Form& form, const At& at);
  void list(const Item& item, ListedStep::Why why, std::string rule = {},
            programme::Label label = {});
  void queue(const Item& item);
  void take_queued();
  void go_on_from_here();
  Cases::Root result();
  CaseEffects tail_of(const CaseEffects& effects) const;
  void cut_off(CaseEffects& effects) const;
  void put_back(const CaseEffects& ran);
  void pause();
  void list_untaken();
  bool is_one_of(const std::vector<programme::Actor>& actors, const Acting& who,
                 const At& at) const;
  Date period_day(const Item& item, Date otherwise) const;
  Symbol key_in(const programme::Fact& fact, const Item& item, Date otherwise);
  bool is_preceded(const programme::Procedure& procedure, std::uint32_t parent, const Item& item,
                   const std::string& key) const;
  std::uint32_t made_of(const Item& item, const programme::Form& form,
                        std::map<Symbol, std::uint32_t>& opened);
  bool has_root_elsewhere(std::uint32_t subject, const Item& item);
  void unmake(std::uint32_t subject, Symbol type, std::map<Symbol, std::uint32_t>& opened);
  void collect(std::uint32_t subject);
  void take(const Item& item);
  bool offer(CaseRunner& runner, const Item& item);
  enum class Opening { None, Done, Refused };
  bool open(const Item& item, const programme::Form& form, std::map<Symbol, std::uint32_t>& opened);
  Opening open_case(const programme::Procedure& procedure, std::uint32_t subject, const Item& item,
                    const When& when);
  Opening open_for(const programme::Procedure& procedure, std::uint32_t subject, const Item& item,
                   const When& when, std::map<Symbol, std::uint32_t>& opened);
  std::uint32_t case_subject(const programme::Procedure& procedure, std::uint32_t subject,
                             const Item& item, const When& when,
                             std::map<Symbol, std::uint32_t>& opened);
  void close_cases(Symbol procedure, std::uint32_t subject, const When& when);
  When unique(const When& when) { return {when.occurred, when.place, when.part | ++effects_ << 6}; }
  Val as_fact(const programme::Fact& fact, const Val& said, Symbol word);
  void part_effects(const Item& item, const programme::Form& form, std::uint32_t subject,
                    std::map<Symbol, std::uint32_t>& opened, const When& when, CaseEffects& to);
  void write_field(const programme::Field& field, const Val& val, const Item& item,
                   std::uint32_t subject, const std::map<Symbol, std::uint32_t>& opened,
                   Symbol source, const At& at, const When& when, CaseEffects& to);
  void write_rows(const programme::Field& field, const Item& item, std::uint32_t subject,
                  Symbol source, const At& at, const When& when, CaseEffects& to);
  bool is_step(const Item& item, const programme::Form& form) const;
  bool is_deferred(const Item& item, const programme::Form& form) const;
  void make(std::uint32_t subject, Symbol type, std::uint32_t parent, const When& when,
            CaseEffects& to, std::optional<DivisionCode> division = std::nullopt);
  bool is_of_kind(const Item& item, const programme::Form& form) const;

  std::uint32_t root_;
  Events& events_;
  Register& facts_;
  RunGrounds grounds_;
  World world_;
  Cases::Root out_;
  std::vector<std::shared_ptr<CaseRunner>> runners_;
  std::set<std::uint32_t> collected_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Item> queue_;  // By place and part: to take.
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_;         // Of all that were queued.
  std::set<std::pair<std::uint32_t, std::uint32_t>> offered_;  // That some case takes as a step.
  std::vector<Item> taken_;
  std::vector<const CaseRun*> running_;  // What world_ is shown.
  std::uint32_t effects_ = 0;
  std::pair<std::uint32_t, std::uint32_t> last_{0,
                                                0};  // Of all that were queued; parts are from 1.
  // Where it goes on: parts up to there are taken already, and nothing may turn up among them.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> after_;
  std::uint32_t kept_made_ = 0, kept_links_ = 0;  // What it had done by then.
  bool all_collected_ = false, must_run_anew_ = false;
};

// Runs one case over the items that come in, in the order of the log.
class CaseRunner {
 public:
  CaseRunner(RootRun& root, CaseRun run)
      : root_(&root), base_(std::move(run)), work_(std::make_shared<Work>()) {
    work_->run = base_;
  }
  CaseRun& run() { return work_->run; }
  const CaseRun& run() const { return work_->run; }
  CaseEffects& frozen_effects() { return work_->frozen; }
  CaseEffects& loose_effects() { return work_->loose; }

  bool concerns(const Item& item) const;  // Whether the item is about this case.
  void start() { advance(); }
  bool offer(const Item& item);  // Whether it may be a step of the case.
  void look_again();             // Something else of the root has changed.
  void end(const When& when);    // Closed from without.
  void finish();                 // Lists what still waits.
  // Before a run stops: whether it may go on later. What the case did, and it itself, are kept by
  // the root.
  bool pause();
  // What a case did before its root rested; of `made` and `links` it takes its own off the front.
  struct Did {
    std::vector<CaseEffects::Fact> facts;  // All of the root's, by number.
    std::span<const CaseEffects::Made> made;
    std::span<const CaseEffects::Link> links;
  };
  void resume(RootRun& root, CaseRun run, Did& did);
  void rest() { work_ = nullptr; }  // What the root keeps has been taken out.
  bool has_facts() const { return !frozen_count_.facts.empty() || !loose_count_.facts.empty(); }

 private:
  struct Pooled {
    Item item;
    std::vector<std::size_t> stages{};  // That it may be a step of; of one at most it is.
    const programme::Exit* exit = nullptr;
    bool happened = false;
    std::size_t stage = 0;              // Which one is tried.
    bool frozen = false, used = false;  // Consumed: for good, or in this run over the loose ones.
    bool refused = false;               // With `used`: without effect.
  };

  const programme::Procedure& procedure() const { return *run().procedure; }
  const programme::Stage& stage(std::size_t i) const { return procedure().stages[i]; }
  TimePoint time_of(const Pooled& pooled) const {
    return pooled.happened ? pooled.item.at.occurred : pooled.item.received;
  }
  bool names_this(const Item& item) const;
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
  void choose(Pooled& pooled) const;
  void freeze();
  When when_of(const Pooled& pooled, const StageRun& at) const;

  RootRun* root_;
  CaseRun base_;
  std::vector<Pooled> pool_;
  // Null while the root rests.
  struct Work {
    CaseRun run;
    CaseEffects frozen, loose;
  };
  std::shared_ptr<Work> work_;
  std::vector<Symbol> sent_to_, base_sent_to_;  // Stages that an outcome named.
  // While paused: how many of the effects were whose, and what was listed before finish().
  struct Counts {
    std::vector<std::uint32_t> facts;  // Their numbers.
    std::uint32_t made = 0, links = 0;
  };
  Counts frozen_count_, loose_count_;
  std::uint32_t listed_ = 0;
};
}  // namespace cunji::state
