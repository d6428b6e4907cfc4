#pragma once
// The events held, and which of their parts have an effect (D7, D8, D13). Whether one has depends
// on later events (corrections, endorsements, revocations), so each is kept with what it says, and
// is judged again when something about it changes. The result depends on the set of events only.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "shared/event/entry_view.h"
#include "shared/event/parts.h"
#include "shared/state/form_said.h"
#include "shared/state/gathered.h"
#include "shared/state/listed_forms.h"
#include "shared/state/numbering.h"
#include "shared/state/occurrences.h"
#include "shared/state/register.h"
#include "shared/state/time_interval.h"

namespace cunji::state {
// What a part says, as far as the fold has a use for it; monostate: nothing.
struct Presence {
  bool visit = false;  // Else a check-in alone.
  event::VisitOutcome outcome = event::VisitOutcome::Unspecified;
  // Where others took part, or acted.
  std::shared_ptr<const event::Part> frame{};
};
struct Naming {  // A correction, an endorsement or a receipt of other events.
  std::vector<Digest> events{};
  std::uint32_t part = 0;                              // Corrections: 0 all.
  std::optional<event::EndorsementPurpose> purpose{};  // Nothing: a correction or a receipt.
  bool receipt = false;
};
using Said =
    std::variant<std::monostate, Presence, std::shared_ptr<event::RegistrationPart>,
                 event::AssignmentPart, Naming, std::shared_ptr<event::Part>, event::StatementPart>;

// A part as it is read.
struct SaidPart {
  std::uint32_t number = 0;  // From 1.
  std::size_t form = 0;      // Which alternative of event::PartContent it was.
  SubjectId subject{};
  std::optional<TimePoint> occurred{};
  Said said{};
};
// What the fold reads of an event: its parts with content that its kind may carry, put into `out`,
// whose memory is used again.
void read_parts(const event::Header& header, std::span<const event::PartView> body,
                std::vector<SaidPart>& out);
// Whether an event of this kind may have held a part of this form and of no other kind's: what an
// erased part can have been. Never of a correction, which may hold anything.
bool may_have_held(std::uint16_t kind, std::size_t form);

// An event as it comes.
struct NewEvent {
  std::uint64_t index = 0;
  const event::SignedEvent& event;
  event::Verdict verdict = event::Verdict::Accepted;
  TimeInterval time{};
  std::uint32_t author = 0;     // Its number.
  std::vector<SaidPart>& said;  // Taken from.
  event::PartSet erased{};      // Parts of which nothing but the commitment is left (D20).
};

// A part as it is kept: 20 bytes.
enum class ContentKind : std::uint8_t {
  Visit,
  CheckIn,
  Registration,
  Assignment,
  Naming,
  Form,
  Statement
};
struct PartRecord {
  // When it happened, effective, where it stands in the lists that follow; or no effect.
  Halves happened = halves_of(kNoTime);
  std::uint32_t subject = 0;          // Its number.
  std::uint32_t content = kNoNumber;  // Place among the registrations, assignments, namings, forms.
  std::uint8_t number = 0;            // From 1.
  std::uint8_t form = 0;              // Which alternative of event::PartContent it was.
  ContentKind kind = ContentKind::Visit;
  std::uint8_t outcome : 7 = 0;  // Of a visit or check-in.
  bool says_when : 1 = false;    // Else it happened when it was recorded (Events::said_when).

  TimePoint applied() const { return time_of(happened); }
  void apply(TimePoint at) { happened = halves_of(at); }
  bool is_effective() const { return applied() != kNoTime; }
};

// An event as it is kept: 96 bytes.
struct EventRecord {
  Digest digest{};
  TimeInterval time{};
  std::uint64_t index = 0, sequence = 0;
  std::uint32_t author = 0, division = 0;  // Their numbers.
  std::uint32_t first_part = 0;            // Of those with content.
  std::uint16_t kind = 0;
  event::Verdict verdict : 8 = event::Verdict::Accepted;
  std::uint8_t parts : 6 = 0;
  bool withdrawn : 1 = false;  // Signed after what the person vouches for (D8, compromised).
  bool in_effect : 1 = false;  // It has authority, of its own or by endorsement.
};
static_assert(sizeof(EventRecord) == 96 && sizeof(PartRecord) == 20 && event::kPartsMax < 64);

class Events {
 public:
  // Takes the next event and puts into effect what it changes.
  void add(const NewEvent& event);
  // Whose the keys of number `author` are, from the first credential that names them; zero is
  // nobody. `new_here`: there are no events of it yet.
  void know(std::uint32_t author, const PersonId& person, bool new_here);
  // These parts are gone: what they did is taken back, as if the event had come without them. An
  // event that is not held is passed over.
  void erase(const Digest& event, const event::PartSet& erased);
  // The key, of number `author`, vouches for events up to `sequence` only.
  void withdraw_after(const PublicKey& key, std::uint32_t author, std::uint64_t sequence);
  // Takes back whatever events not yet received have changed.
  void drop_pending();

  const Register& facts() const { return register_; }
  // For what cases do to it (cases.h), who take it back before they change it.
  Register& facts_to_change() { return register_; }
  // Of a part with ContentKind::Form, or of a visit with others there; else null.
  const FormSaid* form_said(const Occurrence& one) const;
  // What was answered beside a visit: a part of its event about the same subject; null without one.
  const FormSaid* answers_at(const Occurrence& visit) const;
  // What its part is about.
  std::uint32_t subject_of(const Occurrence& one) const;
  // Of a case's number, those that name the case.
  std::span<const Occurrence> occurrences(std::uint32_t subject) const {
    return occurrences_.of(subject);
  }
  // Visits that an author recorded, in the order in which they happened.
  std::span<const Occurrence> visits_by(std::uint32_t author) const {
    return visits_by_.of(author);
  }
  // Effective forms that the keys of an office recorded, of each key in the order in which they
  // happened.
  std::vector<std::span<const Occurrence>> forms_by_office(Symbol office) const;
  void list_forms(const std::set<Symbol>& forms);  // As ListedForms::choose().
  std::span<const Occurrence> listed_forms(Symbol form) const { return listed_forms_.of(form); }
  // Effective statements of a report, in log order.
  struct Statement {
    When when;
    std::uint32_t subject = kNoNumber;  // Of the part: whose statement it is.
    const StatementSaid* said = nullptr;
  };
  // Those about a subject: an office's, a town's own.
  std::vector<Statement> statements_by(std::uint32_t subject) const;
  // Those that list a subject.
  std::vector<Statement> statements_with(std::uint32_t subject) const;
  std::uint32_t place_of(const EventRecord& record) const {
    return static_cast<std::uint32_t>(&record - records_.data());
  }
  // Subjects about which something was added or taken back since the last call, and those among
  // them whose facts or relations a desk itself has set.
  std::vector<std::uint32_t> take_touched() { return touched_.take(); }
  std::vector<std::uint32_t> take_changed() { return changed_.take(); }
  // Of those touched, and of others: about which anything but a form or statement of the newest
  // event has come or gone.
  std::vector<std::uint32_t> take_disturbed() { return disturbed_.take(); }
  // Visits and attempts of the newest event: about whom, and when.
  using Seen = std::vector<std::pair<std::uint32_t, TimePoint>>;
  Seen take_visited() { return std::exchange(visited_, {}); }
  // Counted up when something changes that a run of cases reads without saying of whom: divisions,
  // when earlier events were received, what earlier corrections stand for.
  std::uint64_t generation() const { return generation_ + register_.divisions_generation(); }
  // Counted up when answers of an author that had come before are taken back, or take effect.
  std::uint32_t revision_of(std::uint32_t author) const {
    const auto found = revisions_.find(author);
    return found == revisions_.end() ? 0 : found->second;
  }
  // Every subject of which a form or a statement speaks counts as touched.
  void touch_all();
  // Who signed the event, as its key's first credential says.
  const Acting& author_of(const EventRecord& record) const;
  bool set_acting(std::uint32_t author, const Acting& acting);  // Whether that is news.
  // When the county received it; when it was recorded, for what it has not.
  static TimePoint received_of(const EventRecord& record) {
    return record.time.upper ? *record.time.upper : record.time.recorded;
  }
  // Empty where there are none.
  std::span<const Occurrence> occurrences_of(const SubjectId& subject) const {
    const std::uint32_t number = register_.values().subjects.find(subject);
    return number == kNoNumber ? std::span<const Occurrence>{} : occurrences_.of(number);
  }
  const EventRecord& at(std::uint32_t place) const { return records_[place]; }
  std::span<const PartRecord> parts_of(const EventRecord& record) const {
    return {parts_.data() + record.first_part, record.parts};
  }
  const DivisionCode& division_of(const EventRecord& record) const {
    return divisions_[record.division];
  }
  // What a part stands for: itself; of a correction, the part that was said first, so that what
  // hangs on it goes on (P10), and when the county received that.
  struct Origin {
    Digest event;
    std::uint32_t part = 0;
    TimePoint received{};
    std::uint32_t place = 0;  // Of the first that is held.
  };
  Origin origin_of(const Occurrence& one) const;
  // Null for an event that is not held.
  const EventRecord* find(const Digest& event) const {
    const std::uint32_t found = place(event);
    return found == kNoNumber ? nullptr : &records_[found];
  }
  // The events whose receipts, in effect, name this one, in log order; it need not be held.
  std::vector<const EventRecord*> receipts_of(const Digest& event) const;
  event::PartSet erased(const EventRecord& record) const;
  // Places of events without authority, endorsed by nobody, and of withdrawn ones.
  const std::set<std::uint32_t>& without_effect() const { return without_effect_; }
  // Places of events in effect whose time is doubtful.
  const std::set<std::uint32_t>& doubtful() const { return doubtful_; }
  // All but the events not yet received; after drop_pending() the whole is as if they never came.
  void write(DigestWriter& out) const;

 private:
  friend struct SnapshotAccess;
  using Place = std::uint32_t;
  using Places = std::vector<Place>;
  Place place(const Digest& event) const;  // Or kNoNumber.
  // Those of the corrections, endorsements and receipts that name an event; ascending.
  const Places& naming(const Digest& event) const;
  bool is_endorsed(const EventRecord& record, const Places& naming,
                   event::EndorsementPurpose purpose) const;
  bool is_corrected(const EventRecord& record, const Places& naming, std::uint32_t part) const;
  bool may_endorse(const EventRecord& by, const EventRecord& what) const;
  bool may_replace(const EventRecord& correction, const PartRecord& part) const;
  bool is_like(const PartRecord& a, const PartRecord& b) const;
  bool has_authority(const EventRecord& record, const Places& naming) const;
  const Naming* naming_of(const PartRecord& part,
                          std::optional<event::EndorsementPurpose> purpose) const;
  std::span<PartRecord> parts_to_change(const EventRecord& record) {
    return {parts_.data() + record.first_part, record.parts};
  }
  // Receipts (receipts.cc).
  bool is_receipt_of(const PartRecord& part, const Digest& event) const;
  bool is_receipted(const Digest& event) const;
  TimePoint received(Place place) const;
  TimePoint proven_by(Place place) const;
  void bring_forward(Place place);
  void note_receipted(Place place);
  void queue_covered(Place named);
  void keep_part(Place place, SaidPart& part);
  std::optional<TimePoint> said_when(const PartRecord& part) const;
  void move_said_when(std::span<const PartRecord> parts, const event::PartSet& erased);
  void keep_naming(const Digest& event, Place place);
  void forget_content(const PartRecord& part);
  void forget_naming(const std::set<Digest>& events, Place place);
  void queue(Place place);
  void queue(const Places& places);
  void refresh_queued();
  void refresh(Place place);
  void refresh_part(Place place, PartRecord& part, bool effective);
  std::uint32_t case_of(const PartRecord& part) const;
  void touch(const PartRecord& part, bool comes_last = false);
  void note_change(Place place, const PartRecord& part, bool put);
  bool is_newest(Place place) const { return place + 1 == records_.size(); }
  bool has_office(std::uint32_t author) const {
    return author < acting_.size() && acting_[author].office != kNoSymbol;
  }
  void touch_later_visits(std::uint32_t author, const Occurrence& visit);
  void put(Place place, const PartRecord& part);
  void take_back(Place place, const PartRecord& part);
  static When when_of(Place place, const PartRecord& part) {
    return {part.applied(), place, part.number};
  }
  void write_occurrences(DigestWriter& out) const;
  Numbering<SubjectId>& subjects() { return register_.values().subjects; }
  Occurrence occurrence_of(Place place, const PartRecord& part) const;
  auto index_at() const {
    return [this](Place place) { return records_[place].index; };
  }
  auto digest_at() const {
    return [this](Place place) -> const Digest& { return records_[place].digest; };
  }

  Register register_;
  Occurrences occurrences_;
  Occurrences visits_by_;       // Of authors.
  Occurrences forms_by_desks_;  // Of authors with an office.
  ListedForms listed_forms_;
  // By subject of a row: when, whose, and which of the statements.
  std::map<std::uint32_t, std::map<When, std::pair<std::uint32_t, std::uint32_t>>> listed_in_;
  std::map<std::uint32_t, std::map<When, std::uint32_t>> stated_by_;  // By whose it is.
  Gathered<std::uint32_t> touched_, changed_, disturbed_;
  Seen visited_;
  std::uint64_t generation_ = 0;
  std::map<std::uint32_t, std::uint32_t> revisions_;  // By author.
  std::vector<Acting> acting_;                        // By author.
  Numbering<DivisionCode> divisions_;
  std::vector<EventRecord> records_;  // In log order.
  std::vector<PartRecord> parts_;     // Of one event after the other.
  // Those that say when it happened, which few do: by place among the parts, ascending.
  std::vector<std::pair<std::uint32_t, TimePoint>> said_when_;
  std::vector<Registered> registrations_;
  std::vector<Assigned> assignments_;
  std::vector<Naming> namings_;
  std::vector<FormSaid> forms_;
  std::vector<StatementSaid> statements_;
  NumberTable place_of_;
  Numbering<Digest> named_;       // Events that are named by others, held or not.
  std::vector<Places> named_by_;  // For each of them: naming().
  std::map<PublicKey, std::uint64_t> vouched_;
  std::map<std::uint32_t, PersonId> persons_;  // By author.
  // By author: the events that receipts name, each of which stands for all before it in its chain.
  std::map<std::uint32_t, std::set<Place>> receipted_;
  std::map<Place, TimePoint> received_;  // Of those whose `upper` a receipt has brought forward.
  std::set<Place> without_effect_, doubtful_;
  std::map<Place, event::PartSet> erased_;  // Of events that have such parts.
  Places queue_;  // To be judged again, a heap, largest first; empty between calls.
  bool pending_dropped_ = false;
};
}  // namespace cunji::state
