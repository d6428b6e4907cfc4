#include "server/app/erasures.h"

#include <set>

#include "shared/event/parts.h"

namespace cunji::server {
// The attachments of the parts that are to go.
static void add_blobs(const event::Body& body, const event::PartSet& parts,
                      std::vector<Digest>& blobs) {
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    if (!parts[i] || body.parts[i].state != event::PartState::Present) continue;
    const auto part = event::parse_part(body.parts[i].padded);
    if (!part) continue;
    for (const event::Attachment& each : part->frame.attachments) blobs.push_back(each.digest);
  }
}

Result<DueErasures> find_due(const log::EventLog& log, const credential::Governance& governance,
                             TimePoint at) {
  DueErasures out;
  std::set<std::uint64_t> named;  // Several erasures may name one event.
  for (const credential::Erasure& erasure : governance.erasures()) {
    if (!erasure.in_effect(at)) continue;
    for (const event::ErasedEvent& each : erasure.events) named.insert(each.index);
  }
  for (const std::uint64_t index : named) {
    TRY_AS(logged, log.at(index));
    if (!logged) continue;
    const event::SignedEvent& event = logged->entry.event;
    const event::PartSet parts = governance.erased_parts(index, event, at);
    std::vector<Digest> blobs;
    add_blobs(logged->body, parts, blobs);
    if (!event::erase_parts(logged->body, parts)) continue;
    out.what.push_back({.index = index, .parts = parts});
    out.events.push_back(event);
    out.blobs.insert(out.blobs.end(), blobs.begin(), blobs.end());
    out.after.push_back(std::move(*logged));
  }
  return out;
}

// The log last, as Keeper::erase_if_due() has it.
Result<std::uint64_t> erase_due(const Folder& apart) {
  TRY_AS(log, open_log(apart));
  TRY_AS(head, log->head());
  TRY_AS(governance, read_governance(*log));
  TRY_AS(due, find_due(*log, governance, head.received));
  TRY_AS(side, open_side(apart));
  TRY(side->forget(due.events));
  TRY(log->erase(due.what));
  return std::uint64_t{due.what.size()};
}
}  // namespace cunji::server
