#pragma once
// Cases: what the forms about a subject and what lies under it have opened, and how far each came.
// A root's cases are a function of its parts (S1–S3); when one of these changes, they are run anew.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "shared/programme/calculation.h"
#include "shared/programme/model.h"
#include "shared/state/events.h"
#include "shared/state/gathered.h"

namespace cunji::state {
class World;
class Rules;

// A stage as a case went through it.
struct StageRun {
  std::size_t stage = 0;          // Place in the procedure.
  std::uint32_t round = 0;        // Counted up each time the case was sent back.
  When arrived{};                 // When it began to wait here, and by which event;
  std::optional<When> reached{};  // when the step happened or was received, and by which event.
  TimePoint effective{};          // With `reached`: when it took effect, not before `arrived`.
  std::uint32_t effective_place =
      0;  // Where in the log: the later of the step and its predecessor.
  Symbol outcome = kNoSymbol;
  std::optional<When> withdrawn{};  // The case was sent back behind it, then.
  bool happened = false;            // Counts by when it happened, not by its receipt.
  std::optional<Date> due{};        // Nothing: no deadline, or it can't be said.
  // Notices: when it was put up, and whether an objection is open.
  std::optional<Date> posted_on{};
  std::uint32_t objections = 0;       // Not yet answered.
  std::vector<Symbol> answered_by{};  // Offices of `each_of` that have answered.
};

// A step that has no effect, or is questionable, and why.
struct ListedStep {
  std::uint32_t event = 0;  // Place.
  std::uint32_t part = 0;
  Symbol stage = kNoSymbol;
  enum class Why : std::uint8_t {
    WaitsForPredecessor,
    NotAllowed,
    Blocked,
    NeedsReason,
    Warned,
    Outdated,
    AlreadyDecided,
    Closed,
    TooEarly,
    CannotBeJudged,
    SecondOfPeriod,
    VoteWithoutQuorum,
    NoticeTooShort,
    OverLimit,
    Circle
  };
  Why why = Why::NotAllowed;
  std::string rule{};  // Where a rule says so.
  programme::Label label{};
};

struct CaseRun {
  const programme::Procedure* procedure = nullptr;  // As it was in force when the case opened (S5).
  SubjectId id{};                                   // By which steps name it.
  std::uint32_t subject = kNoNumber;
  std::uint32_t opener_subject = kNoNumber;  // What the opening part was about.
  When opened{};
  TimePoint received{};            // Of the opening event, by the county.
  std::uint32_t known_from = 0;    // Where in the log it was opened first.
  Date period{};                   // A day of the period that the opening part names.
  std::vector<StageRun> stages{};  // In the order in which the case came to them.
  std::optional<When> closed{};    // When, and by which event.
  std::uint32_t closed_place = 0;
  Symbol exit = kNoSymbol;
  std::vector<ListedStep> listed{};

  bool is_closed(const When& until, std::uint32_t known) const {
    return closed && *closed < until && closed_place < known;
  }
  bool is_reached(const StageRun& run, const When& until, std::uint32_t known) const {
    return run.reached && run.effective < until.occurred && run.effective_place < known;
  }
  bool is_withdrawn(const StageRun& run, const When& until, std::uint32_t known) const {
    return run.withdrawn && *run.withdrawn < until && run.withdrawn->place < known;
  }
  // The newest run of a stage that was reached by then and not taken back; null where there is
  // none.
  const StageRun* reached(std::size_t stage, const When& until, std::uint32_t known) const;
  bool waits_at(std::size_t stage, const When& until, std::uint32_t known) const;
};

// What a case did to the register: taken back when its root is run anew.
//
// Facts are listed while the root runs. Once it rests they stand in the register alone, marked with
// the root, and each with a number of its own (effect_of): there are many of them.
struct CaseEffects {
  struct Fact {
    std::uint32_t subject = 0;
    FactVersion version;
    bool operator==(const Fact&) const = default;
  };
  struct Made {
    When when;
    DivisionCode division;
    std::uint32_t subject = 0;
    Symbol type = kNoSymbol;
    std::uint32_t parent = kNoNumber;
    bool operator==(const Made&) const = default;
  };
  struct Link {
    When when;
    Assigned said;
    bool operator==(const Link&) const = default;
  };
  std::vector<Fact> facts;
  std::vector<Made> made;
  std::vector<Link> links;
};

// What a run of a root's cases has read beside the root itself: whether it may go on where it
// stopped once more of the root has come, or must be run anew.
struct RunGrounds {
  // Subjects of other roots, on whose facts or cases it rests.
  Gathered<std::uint32_t> read;
  // Divisions, and roots, of which anything that lies under them may have been looked at: their
  // cases and duties, who lives there.
  Gathered<std::uint32_t> whole;
  // All else is read again whenever it changes: else nobody says when it does.
  bool known = true;
  TimePoint visits_before = kNoTime;    // The root's own visits before this,
  Gathered<std::uint32_t> recorders{};  // and what these authors answered at theirs.
  bool may_go_on() const { return known && whole.empty(); }
};

class CaseRunner;

// Where a run stopped, so that parts that come last need no other to be taken again (README.md,
// "Cases").
struct RootPause {
  std::uint32_t event = 0, part = 0;       // The last part that was looked at.
  std::uint32_t effects = 0;               // Numbered so far.
  std::uint32_t listed = 0;                // Before what still waited was listed.
  std::uint32_t made = 0, links = 0;       // How far these are its own, not of one of its cases.
  std::uint64_t generation = 0;            // Events::generation() at it.
  std::vector<std::uint32_t> revisions{};  // Of RunGrounds::recorders.
  // Shared by copies of a state; nobody changes them.
  std::vector<std::shared_ptr<const CaseRunner>> runners{};
};

class Cases {
 public:
  struct Root {
    std::vector<CaseRun> runs;       // In the order of the log.
    std::vector<ListedStep> listed;  // Parts that opened nothing, or belong to no case.
    CaseEffects effects;
    std::vector<std::uint32_t> written;  // Subjects of which it has said facts, ascending.
    // What lies under other roots and opened a case there: those roots take these parts too.
    struct Handed {
      std::uint32_t root = 0;
      Occurrence part;
      std::uint32_t subject = 0;  // Of the part.
      auto key() const { return std::tuple(root, part.event, part.part); }
      bool operator<(const Handed& other) const { return key() < other.key(); }
    };
    Gathered<Handed> handed;
    RunGrounds grounds;
    std::optional<RootPause> pause{};  // Nothing where all must be run anew.
  };
  // Null where nothing was opened.
  const Root* of(std::uint32_t root) const {
    const std::uint32_t place = place_of(root);
    return place == kNoNumber ? nullptr : &held_[place];
  }
  // Those with anything, ascending.
  std::vector<std::uint32_t> roots() const;
  Root take(std::uint32_t root);           // What is there, until put() comes.
  void put(std::uint32_t root, Root now);  // Of its facts, whom they are about.
  // All of the root's parts must be taken anew when it is run again.
  void forget_pause(std::uint32_t root) {
    if (Root* held = to_change(root); held != nullptr) held->pause.reset();
  }
  // The same where it rests on the root's visits of later times, too.
  void forget_pause(std::uint32_t root, TimePoint visited) {
    Root* held = to_change(root);
    if (held != nullptr && visited < held->grounds.visits_before) held->pause.reset();
  }
  // Roots that rest on what is known of a subject of another one.
  const std::set<std::uint32_t>& readers(std::uint32_t subject) const;
  // Parts that other roots handed to this one, in the order of the log.
  std::set<Root::Handed> handed_to(std::uint32_t root) const;

 private:
  std::uint32_t place_of(std::uint32_t root) const {
    return root < places_.size() ? places_[root] : kNoNumber;
  }
  Root* to_change(std::uint32_t root) {
    const std::uint32_t place = place_of(root);
    return place == kNoNumber ? nullptr : &held_[place];
  }

  std::deque<Root> held_;                     // Each at a place of its own; free ones are empty.
  std::vector<std::uint32_t> places_, free_;  // By root; places in held_.
  std::map<std::uint32_t, std::set<std::uint32_t>> readers_;
  std::map<std::uint32_t, std::map<Root::Handed, std::uint32_t>> handed_;  // By how many roots.
};

// What a run reads beside the root's parts.
struct CaseSources {
  const Rules& rules;
  const Cases& cases;
  std::span<const programme::NamedCalculation> calculations;
};
// What a subject of a declared type belongs to in the end: a household, person, division or office.
std::uint32_t root_of(const Register& facts, std::uint32_t subject);
// The cases of a root as its parts have it. Puts what they do into the register, where nothing of
// an earlier run may be left, and numbers new subjects.
Cases::Root run_cases(std::uint32_t root, Events& events, const CaseSources& from);
// Whether a run that stopped may go on with what has come since, which stands later in the log.
bool may_go_on(const Cases::Root& root, const Events& events);
// As if run_cases() had been called after what `before` did was taken back, where it may go on:
// gives the subjects whose facts or relations have changed. Nothing: all must be run anew after
// all, and what `before` did stands as it was.
std::optional<std::set<std::uint32_t>> go_on_with(std::uint32_t root, Cases::Root& before,
                                                  Cases::Root& now, Events& events,
                                                  const CaseSources& from);
// The number of an effect within its root's run, of those that have one.
inline std::uint32_t effect_of(const When& when) { return when.part >> 6; }
// The facts that a root has said, in the order in which it said them, from the register.
std::vector<CaseEffects::Fact> said_by(std::uint32_t root, const Cases::Root& resting,
                                       const Register& facts);
// The subjects with facts or relations from one run that are not from the other.
std::set<std::uint32_t> changed_between(const CaseEffects& before, const CaseEffects& now);
// Whether the cases came as far, in the same way.
bool has_same_course(const Cases::Root& before, const Cases::Root& now);
// Takes back what a run did.
void take_back(const CaseEffects& effects, Events& events);
// The id of what a part creates: SHA-256("cunji/subject/v1\n" ‖ event ‖ part ‖ what), first 16
// bytes.
SubjectId derived_id(const Digest& event, std::uint32_t part, std::string_view what);
}  // namespace cunji::state
