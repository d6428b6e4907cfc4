#pragma once
// Erasures carried out on a county's stores (D20): what is due, and still there.
#include <cstdint>
#include <vector>

#include "server/app/folder.h"
#include "shared/credential/governance.h"
#include "shared/log/event_log.h"

namespace cunji::server {
struct DueErasures {
  std::vector<log::Erasing> what;          // For EventLog::erase(), by index.
  std::vector<event::LoggedEvent> after;   // The same entries as they are then, for the fold.
  std::vector<event::SignedEvent> events;  // Whose copies elsewhere go, too.
  std::vector<Digest> blobs;               // Attachments that the parts name.
  bool empty() const { return what.empty(); }
};
// What the erasures that are in effect at the county's time `at` name, as far as the log holds it.
// Costs a read for each event that was ever erased.
Result<DueErasures> find_due(const log::EventLog& log, const credential::Governance& governance,
                             TimePoint at);

// Deletes these blobs in every form, for a county that does not serve yet: later its BlobDesk has
// their index.
Result<void> erase_blobs(const Folder& folder, const std::vector<Digest>& blobs);

// For a county that lies apart and nobody serves, a copy or one that is being restored: carries out
// in its log, side store and blobs/ what is in effect when its own newest entry was received. Gives
// how many entries were changed.
Result<std::uint64_t> erase_due(const Folder& apart);
}  // namespace cunji::server
