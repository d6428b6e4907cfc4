#pragma once
// The events held, and which of their parts have an effect (D7, D8, D13). Whether one has depends
// on later events (corrections, endorsements, revocations), so each is kept with what it says, and
// is judged again when something about it changes. The result depends on the set of events only.
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "shared/event/entry.h"
#include "shared/event/parts.h"
#include "shared/state/register.h"
#include "shared/state/time_interval.h"
#include "shared/state/visits.h"

namespace cunji::state {
// What a part says, as far as the fold has a use for it; monostate: nothing.
struct Presence {
  bool met = false;
};
struct Naming {  // A correction or an endorsement of other events.
  std::vector<Digest> events;
  std::uint32_t part = 0;                            // Corrections: 0 all.
  std::optional<event::EndorsementPurpose> purpose;  // Nothing: a correction.
};
using Content =
    std::variant<std::monostate, Presence, std::shared_ptr<const event::RegistrationPart>,
                 event::AssignmentPart, Naming>;

struct PartRecord {
  std::uint32_t number = 0;  // From 1.
  std::size_t form = 0;      // Which alternative of event::PartContent it was.
  SubjectId subject;
  std::optional<TimePoint> occurred;
  Content content;
  std::optional<When> applied;  // Where it stands in register or visits; nothing: no effect.
};

struct EventRecord {
  std::uint64_t index = 0;
  Digest digest;
  DivisionCode division;
  PublicKey author;
  std::uint64_t sequence = 0;
  std::uint16_t kind = 0;
  event::Verdict verdict = event::Verdict::Accepted;
  TimeInterval time;
  bool withdrawn = false;         // Signed after what the person vouches for (D8, compromised).
  bool in_effect = false;         // It has authority, of its own or by endorsement.
  std::vector<PartRecord> parts;  // Those with content.
};

class Events {
 public:
  // Takes the next event and puts into effect what it changes.
  void add(EventRecord record);
  // The key vouches for events up to `sequence` only.
  void withdraw_after(const PublicKey& key, std::uint64_t sequence);
  // Takes back whatever events not yet received have changed.
  void drop_pending();

  const Register& facts() const { return register_; }
  const Visits& visits() const { return visits_; }
  const EventRecord& at(std::uint32_t place) const { return records_[place]; }
  // Null for an event that is not held.
  const EventRecord* find(const Digest& event) const {
    const auto found = place_of_.find(event);
    return found == place_of_.end() ? nullptr : &records_[found->second];
  }
  // Places of events without authority, endorsed by nobody, and of withdrawn ones.
  const std::set<std::uint32_t>& without_effect() const { return without_effect_; }
  // Places of events in effect whose time is doubtful.
  const std::set<std::uint32_t>& doubtful() const { return doubtful_; }
  // All but the events not yet received; after drop_pending() the whole is as if they never came.
  void write(DigestWriter& out) const;

 private:
  friend struct SnapshotAccess;
  using Place = std::uint32_t;
  bool is_endorsed(const EventRecord& record, event::EndorsementPurpose purpose) const;
  bool is_corrected(const EventRecord& record, std::uint32_t part) const;
  bool may_replace(const EventRecord& correction, const PartRecord& part) const;
  bool has_authority(const EventRecord& record) const;
  void refresh_queued();
  void refresh(Place place);
  void refresh_part(Place place, PartRecord& part, bool effective);
  void put(Place place, const PartRecord& part);
  void take_back(const EventRecord& record, const PartRecord& part);
  void queue_those_naming(const Digest& event);

  Register register_;
  Visits visits_;
  std::vector<EventRecord> records_;  // In log order.
  std::map<Digest, Place> place_of_;
  std::map<Digest, std::set<Place>> named_by_;  // Corrections and endorsements of an event.
  std::map<PublicKey, std::vector<Place>> of_key_;
  std::map<PublicKey, std::uint64_t> vouched_;
  std::set<Place> without_effect_, doubtful_;
  std::set<Place> queue_;  // To be judged again; empty between calls.
  bool pending_dropped_ = false;
};

// What the fold reads of an event: its parts with content that its kind may carry.
std::vector<PartRecord> read_parts(const event::Header& header, const event::Body& body);
}  // namespace cunji::state
