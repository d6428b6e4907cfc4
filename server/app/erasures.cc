#include "server/app/erasures.h"

#include <set>

#include "server/app/blob_store.h"
#include "shared/event/parts.h"

namespace cunji::server {
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
    const std::vector<event::Attachment> photos = event::attachments_of(logged->body, parts);
    if (!event::erase_parts(logged->body, parts)) continue;
    out.what.push_back({.index = index, .parts = parts});
    out.events.push_back(event);
    for (const event::Attachment& photo : photos) out.blobs.push_back(photo.digest);
    out.after.push_back(std::move(*logged));
  }
  return out;
}

Result<void> erase_blobs(const Folder& folder, const std::vector<Digest>& blobs) {
  if (blobs.empty()) return {};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(store, BlobStore::open(folder, std::move(log)));
  for (const Digest& digest : blobs) TRY(store->erase(digest));
  return {};
}

// The log last, as Keeper::erase_if_due() has it.
Result<std::uint64_t> erase_due(const Folder& apart) {
  TRY_AS(log, open_log(apart));
  TRY_AS(head, log->head());
  TRY_AS(governance, read_governance(*log));
  TRY_AS(due, find_due(*log, governance, head.received));
  for (const Digest& digest : due.blobs) TRY(remove_blob_file(apart, digest));
  TRY_AS(side, open_side(apart));
  TRY(side->forget(due.events));
  TRY(log->erase(due.what));
  return std::uint64_t{due.what.size()};
}
}  // namespace cunji::server
