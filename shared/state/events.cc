#include "shared/state/events.h"

#include <algorithm>

#include "shared/event/kinds.h"

namespace cunji::state {
using event::EndorsementPurpose;

// The county's own division is CCCCCC000000.
static bool is_county(const DivisionCode& division) {
  return division.view().substr(CountyCode::kSize) == "000000";
}

static const Naming* naming_of(const PartRecord& part, std::optional<EndorsementPurpose> purpose) {
  const auto* naming = std::get_if<Naming>(&part.content);
  return naming != nullptr && naming->purpose == purpose ? naming : nullptr;
}

static bool names(const Naming& naming, const Digest& event) {
  return std::find(naming.events.begin(), naming.events.end(), event) != naming.events.end();
}

// By an accepted event of another key, in the same division or the county's.
static bool may_endorse(const EventRecord& by, const EventRecord& what) {
  return event::is_accepted(by.verdict) && by.author != what.author &&
         (by.division == what.division || is_county(by.division));
}

// The author his own; a desk any in its division.
static bool may_correct(const EventRecord& by, const EventRecord& what) {
  return by.division == what.division && !event::is_governance(what.kind) &&
         (by.author == what.author || event::is_accepted(by.verdict));
}

bool Events::is_endorsed(const EventRecord& record, EndorsementPurpose purpose) const {
  const auto found = named_by_.find(record.digest);
  if (found == named_by_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](Place place) {
    const EventRecord& by = records_[place];
    if (!may_endorse(by, record)) return false;
    return std::any_of(by.parts.begin(), by.parts.end(), [&](const PartRecord& part) {
      const Naming* naming = naming_of(part, purpose);
      return part.applied && naming != nullptr && names(*naming, record.digest);
    });
  });
}

bool Events::is_corrected(const EventRecord& record, std::uint32_t number) const {
  const auto found = named_by_.find(record.digest);
  if (found == named_by_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](Place place) {
    const EventRecord& by = records_[place];
    if (!may_correct(by, record)) return false;
    return std::any_of(by.parts.begin(), by.parts.end(), [&](const PartRecord& part) {
      const Naming* naming = naming_of(part, std::nullopt);
      return part.applied && naming != nullptr && names(*naming, record.digest) &&
             (naming->part == 0 || naming->part == number);
    });
  });
}

// Whether a part of a correction event stands for one that the event corrects: like for like, and
// only where the wrong one had authority. Else a correction would be a way round the kinds.
bool Events::may_replace(const EventRecord& correction, const PartRecord& part) const {
  return std::any_of(correction.parts.begin(), correction.parts.end(), [&](const PartRecord& by) {
    const Naming* naming = naming_of(by, std::nullopt);
    if (!by.applied || naming == nullptr) return false;
    const auto found = place_of_.find(naming->events.front());
    if (found == place_of_.end()) return false;
    const EventRecord& wrong = records_[found->second];
    if (!wrong.in_effect || !may_correct(correction, wrong)) return false;
    return std::any_of(wrong.parts.begin(), wrong.parts.end(), [&](const PartRecord& old) {
      return old.form == part.form && (naming->part == 0 || naming->part == old.number);
    });
  });
}

bool Events::has_authority(const EventRecord& record) const {
  const bool pending = !record.time.upper;
  if (event::is_governance(record.kind) || (pending && pending_dropped_)) return false;
  return (event::is_accepted(record.verdict) && !record.withdrawn) ||
         is_endorsed(record, EndorsementPurpose::Effect);
}

void Events::add(EventRecord record) {
  const auto place = static_cast<Place>(records_.size());
  const auto vouched = vouched_.find(record.author);
  record.withdrawn = vouched != vouched_.end() && record.sequence > vouched->second;
  place_of_.emplace(record.digest, place);
  of_key_[record.author].push_back(place);
  for (const PartRecord& part : record.parts) {
    if (const auto* naming = std::get_if<Naming>(&part.content)) {
      for (const Digest& event : naming->events) named_by_[event].insert(place);
    }
  }
  records_.push_back(std::move(record));
  queue_.insert(place);
  refresh_queued();
}

void Events::withdraw_after(const PublicKey& key, std::uint64_t sequence) {
  const auto [known, added] = vouched_.emplace(key, sequence);
  if (!added && known->second == sequence) return;
  known->second = sequence;
  for (const Place place : of_key_[key]) {
    records_[place].withdrawn = records_[place].sequence > sequence;
    queue_.insert(place);
  }
  refresh_queued();
}

void Events::drop_pending() {
  pending_dropped_ = true;
  for (Place place = 0; place < records_.size(); ++place) {
    if (!records_[place].time.upper) queue_.insert(place);
  }
  refresh_queued();
}

// An event names only events that were made before it, mostly logged before it too: from the newest
// down, each is judged once. It ends, since no digest can name a later event.
void Events::refresh_queued() {
  while (!queue_.empty()) {
    const Place place = *queue_.rbegin();
    queue_.erase(place);
    refresh(place);
  }
}

void Events::queue_those_naming(const Digest& event) {
  const auto found = named_by_.find(event);
  if (found != named_by_.end()) queue_.insert(found->second.begin(), found->second.end());
}

static void keep(std::set<std::uint32_t>& places, std::uint32_t place, bool in) {
  if (in) {
    places.insert(place);
  } else {
    places.erase(place);
  }
}

void Events::refresh(Place place) {
  EventRecord& record = records_[place];
  const bool had_effect = record.in_effect;
  record.in_effect = has_authority(record);
  record.time.confirmed = is_endorsed(record, EndorsementPurpose::Time);
  // Corrections first: whether the event's other parts replace something hangs on them.
  const bool is_correction = record.kind == static_cast<std::uint16_t>(event::Kind::Correction);
  for (const bool naming : {true, false}) {
    for (PartRecord& part : record.parts) {
      if (std::holds_alternative<Naming>(part.content) != naming) continue;
      const bool effective = record.in_effect && !is_corrected(record, part.number) &&
                             (naming || !is_correction || may_replace(record, part));
      refresh_part(place, part, effective);
    }
  }
  const bool pending = !record.time.upper;
  keep(without_effect_, place, !record.in_effect && !pending);
  keep(doubtful_, place, record.in_effect && record.time.doubtful());
  if (record.in_effect != had_effect) queue_those_naming(record.digest);
}

void Events::refresh_part(Place place, PartRecord& part, bool effective) {
  const EventRecord& record = records_[place];
  std::optional<When> when;
  if (effective)
    when = When{record.time.effective_occurred(part.occurred), record.index, part.number};
  if (when == part.applied) return;
  if (part.applied) take_back(record, part);
  part.applied = when;
  if (part.applied) put(place, part);
  if (const auto* naming = std::get_if<Naming>(&part.content)) {
    for (const Digest& event : naming->events) {
      const auto found = place_of_.find(event);
      if (found != place_of_.end()) queue_.insert(found->second);
    }
  }
}

void Events::put(Place place, const PartRecord& part) {
  const EventRecord& record = records_[place];
  if (const auto* presence = std::get_if<Presence>(&part.content)) {
    visits_.add(part.subject, *part.applied, {place, record.division, presence->met});
  } else if (const auto* said = std::get_if<2>(&part.content)) {
    register_.add(*part.applied, {record.division, part.subject, *said});
  } else if (const auto* seat = std::get_if<event::AssignmentPart>(&part.content)) {
    register_.add(*part.applied, *seat);
  }
}

void Events::take_back(const EventRecord& record, const PartRecord& part) {
  if (std::holds_alternative<Presence>(part.content)) {
    visits_.remove(part.subject, *part.applied);
  } else if (const auto* said = std::get_if<2>(&part.content)) {
    register_.remove(*part.applied, {record.division, part.subject, *said});
  } else if (const auto* seat = std::get_if<event::AssignmentPart>(&part.content)) {
    register_.remove(*part.applied, *seat);
  }
}

void Events::write(DigestWriter& out) const {
  for (const EventRecord& record : records_) {
    if (!record.time.upper) break;  // Those not yet received come last.
    out.u64(record.index).text(record.digest.view());
    out.u64(static_cast<std::uint64_t>(record.verdict)).flag(record.in_effect);
    out.time(record.time.lower).flag(record.time.confirmed).u64(record.parts.size());
    for (const PartRecord& part : record.parts) {
      out.u64(part.number).flag(part.applied.has_value());
      if (part.applied) out.when(*part.applied);
    }
  }
  out.u64(vouched_.size());
  for (const auto& [key, sequence] : vouched_) out.text(key.view()).u64(sequence);
  register_.write(out);
  visits_.write(out);
}
}  // namespace cunji::state
