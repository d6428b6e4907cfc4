#pragma once
// The fold (D13, D14): register and visits, and what definitions make of them, rebuilt from entries
// in log order. In memory, integers, no order but that of the log and of ids; the same code on node
// and server. A node folds governance and its own divisions, so digests are compared per scope.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/event/entry.h"
#include "shared/event/entry_view.h"
#include "shared/event/event.h"
#include "shared/event/parts.h"
#include "shared/programme/calculation.h"

namespace cunji::credential {
class Governance;
}
namespace cunji::state {
inline constexpr std::uint32_t kFoldVersion = 6;  // Named in the digest: other rules, other digest.

// How sure the time of something is (D5, D13).
enum class TimeClass { ProvenInTime, ClaimedInTime, Contradicted };

struct HouseholdView {
  SubjectId id;
  DivisionCode division;
  std::string number, head_name;        // From the register; may be empty.
  std::vector<std::string> categories;  // household_category, risk_status …: codes of glossary.md.
  bool must_be_visited = false;         // kMonthlyVisit is there for it, as it is on the day.
  std::optional<TimePoint> last_visit;  // Effective occurred of the newest effective visit.
  std::optional<std::uint64_t> last_visit_index;  // Nothing: own event, not yet received.
};

// A household's fact in force on a day, with the event that said so.
struct FactView {
  std::string name, key;
  event::Value value;
  TimePoint since{};        // Effective occurred of that event.
  std::uint64_t index = 0;  // Of that event.
};

// What came of an event: whether it counts, and when it is held to have happened.
struct EventStanding {
  struct Part {
    std::uint32_t number = 0;  // From 1; those that the fold has a use for.
    bool effective = false;    // False in an effective event: corrected, or no replacement.
    std::optional<TimePoint> occurred;  // Effective; of effective parts.
  };
  // A part that was deleted by law (D20): "erased by …, on …".
  struct ErasedPart {
    std::uint32_t number = 0;
    // Nothing of these where no erasure that is held says why: then somebody took it away.
    std::optional<Digest> erasure{};  // The erasure event,
    std::uint64_t index = 0;          // its place,
    PublicKey by{}, second{};         // who signed it, and second (zero where one was enough),
    std::string basis{};              // on what ground, and
    TimePoint on{};                   // when it took effect.
  };
  std::uint64_t index = 0;
  bool in_effect = false;  // It has authority, of its own or by endorsement.
  bool withdrawn = false;  // Signed after what the person vouches for.
  bool doubtful = false;   // In effect, its time clamped by more than ten minutes.
  TimePoint lower{};       // It was recorded after this; the epoch where nothing shows it.
  std::vector<Part> parts;
  std::vector<ErasedPart> erased;
};

// A receipt that names an event (D5): who signed it; nothing where the county has not received it.
struct ReceiptView {
  Digest receipt;
  PublicKey by;
  std::optional<TimePoint> received;
};

// How a duty or a step stands (README.md, "The duty").
enum class DutyStatus { Done, Late, Missing, Open, Contradicted };
// The coordinators' monthly visit (VCO-R09), by the id under which document 18's definition
// declares it. Whom it is about and what counts stands there, and nowhere else.
inline constexpr std::string_view kMonthlyVisit = "monthly_visit";

// An event that has no effect, or a doubtful one, with the reason people read.
struct Remark {
  std::uint64_t index = 0;
  Digest event;
  DivisionCode division;
  event::Verdict verdict = event::Verdict::Accepted;
  std::string reason_zh, reason_en;
};

struct DivisionView {
  DivisionCode code;
  std::string name, level;  // "county", "town", "village".
  std::string parent;       // Code, or empty.
};
struct CoordinatorView {
  SubjectId person;
  std::string name;
  DivisionCode village;
  Date since{}, until{};  // `until` of an open seat is not ok().
};

struct EventRecord;

class State {
 public:
  // `calculations`: the arithmetic that definitions may name; it must outlive the state.
  explicit State(std::span<const programme::NamedCalculation> calculations = {});
  ~State();
  State(const State& other);
  State& operator=(const State& other);
  State(State&&) noexcept;
  State& operator=(State&&) noexcept;

  // Takes the next entry held; indexes ascend, gaps are entries of other divisions.
  void apply(const event::EntryView& logged);
  void apply(const event::LoggedEvent& logged);
  // `logged`, an entry that was applied, has lost parts by an erasure since: what they did is taken
  // back. The state is then the fold of the entries as they are now (D14).
  void erase(const event::LoggedEvent& logged);
  // Own events that the county has not yet received: shown, marked, never in the digest. Apply to a
  // copy; more entries must not follow.
  void apply_pending(const event::Event& event);

  std::uint64_t next_index() const;  // Index after the newest applied.
  // Who may do what, by the entries applied so far.
  const credential::Governance& governance() const;

  // Brings the warnings to a day: those of that day are then read where Inquiry is asked for them,
  // as long as nothing more comes, and otherwise judged one by one. What changed since the last
  // call is judged anew, and what may turn with time.
  void judge_warnings(Date on);

  // SHA-256 over fold version and all that the fold holds, in one defined order (D14).
  Digest digest() const;

  // Divisions are named by code prefix: 6, 9 or 12 digits. All answers ordered by code, then id.
  std::vector<HouseholdView> households(std::string_view prefix, Date on) const;
  // One household where it lives on the day; nothing where the register has none.
  std::optional<HouseholdView> household(const SubjectId& id, Date on) const;
  // Its facts in force at the end of the day, by name, then key.
  std::vector<FactView> household_facts(const SubjectId& id, Date on) const;
  // Every division in which it was ever registered, by code.
  std::vector<DivisionCode> residences(const SubjectId& household) const;
  // Subjects to which `person` has `relation` on the day (D18, assigned scope), by id.
  std::vector<SubjectId> assigned(std::string_view relation, const PersonId& person, Date on) const;
  // Nothing for an event that is not held, and for governance.
  std::optional<EventStanding> standing(const Digest& event) const;
  // Receipts in effect that name this very event, which need not be held; in log order.
  std::vector<ReceiptView> receipts_of(const Digest& event) const;
  std::vector<Remark> disputed(std::string_view prefix) const;  // Verdict not accepted, no effect.
  std::vector<Remark> doubtful_times(std::string_view prefix) const;  // Clamped by > 10 minutes.
  std::vector<DivisionView> divisions(std::string_view prefix) const;
  std::vector<CoordinatorView> coordinators(std::string_view prefix) const;

 private:
  friend struct SnapshotAccess;
  friend class Inquiry;   // inquiry.h: what definitions make of it.
  friend class FormDesk;  // form_desk.h: what a form may be answered with.
  void settle();
  void run_root(std::uint32_t root, std::set<std::uint32_t>& next);
  void update_rules();
  bool know_author(std::uint32_t author);  // As its credentials have it; whether that is news.
  struct Data;
  void add_erased(const EventRecord& record, EventStanding& out) const;
  std::unique_ptr<Data> data_;
};
}  // namespace cunji::state
