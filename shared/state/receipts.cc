// What receipts prove (D5). An event's digest can't be known before the event, so a receipt that
// names it, or a later one of its chain, was signed after it: when the county received the receipt,
// the event was there. README.md, "Times".
#include <algorithm>

#include "shared/state/events.h"

namespace cunji::state {
void Events::know(std::uint32_t author, const PersonId& person, bool new_here) {
  if (person.is_zero() || !persons_.emplace(author, person).second || new_here) return;
  // A look at every event, as rare as keys that sign before anybody knows them.
  for (Place place = 0; place < records_.size(); ++place) {
    if (records_[place].author != author) continue;
    queue(place);
    for (const PartRecord& part : parts_of(records_[place])) {
      if (part.kind != ContentKind::Naming || !namings_[part.content].receipt) continue;
      for (const Digest& event : namings_[part.content].events)
        if (const Place named = this->place(event); named != kNoNumber) queue_covered(named);
    }
  }
  refresh_queued();
}

bool Events::is_receipt_of(const PartRecord& part, const Digest& event) const {
  if (part.kind != ContentKind::Naming) return false;
  const Naming& naming = namings_[part.content];
  return naming.receipt &&
         std::find(naming.events.begin(), naming.events.end(), event) != naming.events.end();
}

bool Events::is_receipted(const Digest& event) const {
  const Places& by = naming(event);
  return std::any_of(by.begin(), by.end(), [&](Place place) {
    const auto parts = parts_of(records_[place]);
    return std::any_of(parts.begin(), parts.end(),
                       [&](const PartRecord& part) { return is_receipt_of(part, event); });
  });
}

std::vector<const EventRecord*> Events::receipts_of(const Digest& event) const {
  std::vector<const EventRecord*> out;
  for (const Place place : naming(event)) {
    const auto parts = parts_of(records_[place]);
    if (std::any_of(parts.begin(), parts.end(), [&](const PartRecord& part) {
          return part.is_effective() && is_receipt_of(part, event);
        }))
      out.push_back(&records_[place]);
  }
  return out;
}

TimePoint Events::received(Place place) const {
  const auto found = received_.find(place);
  return found == received_.end() ? *records_[place].time.upper : found->second;
}

// The earliest proof that a received event was there: its own receipt by the county, or that of an
// effective receipt by another person which covers it.
TimePoint Events::proven_by(Place place) const {
  const EventRecord& record = records_[place];
  TimePoint out = received(place);
  const auto chain = receipted_.find(record.author);
  const auto person = persons_.find(record.author);
  if (chain == receipted_.end() || person == persons_.end()) return out;
  for (const Place named : chain->second) {
    const Digest& digest = records_[named].digest;
    if (records_[named].sequence < record.sequence) continue;
    for (const Place by : naming(digest)) {
      const EventRecord& receipt = records_[by];
      const auto other = persons_.find(receipt.author);
      const bool counts =
          receipt.time.upper && other != persons_.end() && other->second != person->second;
      if (!counts) continue;
      const auto parts = parts_of(receipt);
      if (std::any_of(parts.begin(), parts.end(), [&](const PartRecord& part) {
            return part.is_effective() && is_receipt_of(part, digest);
          }))
        out = std::min(out, received(by));
    }
  }
  return out;
}

void Events::bring_forward(Place place) {
  EventRecord& record = records_[place];
  if (!record.time.upper || receipted_.empty()) return;
  const TimePoint own = received(place), proven = proven_by(place);
  if (proven < own) {
    received_[place] = own;
  } else {
    received_.erase(place);
  }
  if (*record.time.upper != proven && !is_newest(place)) ++generation_;
  record.time.upper = proven;
}

// A receipt names this event, which is held.
void Events::note_receipted(Place place) {
  receipted_[records_[place].author].insert(place);
  queue_covered(place);
}

// Those that a receipt of `named` covers and that came after it: no others gain.
void Events::queue_covered(Place named) {
  const EventRecord& newest = records_[named];
  const Places& by = naming(newest.digest);
  for (std::size_t place = records_.size(); !by.empty() && place-- > by.front() + 1U;) {
    const EventRecord& record = records_[place];
    if (record.author == newest.author && record.sequence <= newest.sequence)
      queue(static_cast<Place>(place));
  }
}
}  // namespace cunji::state
