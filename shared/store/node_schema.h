#pragma once
// The tables of a node's database, its versions, and what lies clear in it for a locked node:
// there, nobody has the key. Private to shared/store.
#include <memory>
#include <optional>
#include <string>

#include "shared/base/time.h"
#include "shared/store/database.h"
#include "shared/sync/limits.h"

namespace cunji::store {
// As Database::open. NodeSeals::settle() comes next, where there is a key.
Result<std::unique_ptr<Database>> open_node_database(const std::string& path,
                                                     const std::string& vfs);
// The name of a setting that a file of the first version gets: nothing of it is sealed yet.
inline constexpr std::string_view kUnsealedMark = "unsealed";

// Places of chunks that belong to one blob.
inline constexpr std::uint64_t kPlacesPerBlob = 256;
static_assert(sync::kBlobChunksMax <= kPlacesPerBlob);

// Clear values by name: the recovery key and what is sealed to it; when it was last unlocked.
inline constexpr std::string_view kClearRecovery = "recovery", kClearUnlocked = "unlocked";
Result<std::optional<Bytes>> clear_value(Database& db, std::string_view name);
Result<void> set_clear_value(Database& db, std::string_view name, BytesView value);

Result<std::optional<TimePoint>> last_unlocked(Database& db);
// `now`, the device's clock, or the newest entry's receipt where that is later: a clock may be
// wrong.
Result<TimePoint> trusted_now(Database& db, TimePoint now);
// Deletes the entries of all divisions but the county's own, and where their feeds stood. Freed
// pages are overwritten, and the write-ahead log is emptied into the file.
Result<void> drop_entries(Database& db);
// Does so if the last unlocking is more than kUnlockedDaysMax ago (D16). True when it did.
Result<bool> drop_when_long_locked(Database& db, TimePoint now);
}  // namespace cunji::store
