#pragma once
// The file of a county log: its mark, tables and versions. Private to shared/store.
#include "shared/store/database.h"

namespace cunji::store {
inline constexpr std::uint32_t kCountyLogApplicationId = 0x434a4c47;  // "CJLG"

// Every key carries the county (D10); `place` is county × 2^40 + index. An entry, its body and the
// subtree hashes that it completes lie in one row: an append writes at three right edges only. A
// chain is numbered by the place of its first event, so that no 32-byte key is repeated per event.
inline constexpr const char* kCountyLogSchema = R"sql(
  CREATE TABLE counter (county INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
                        received INTEGER NOT NULL);
  CREATE TABLE entry (place INTEGER PRIMARY KEY, hashes BLOB NOT NULL, entry BLOB NOT NULL,
                      body BLOB NOT NULL);
  CREATE TABLE chain (county INTEGER NOT NULL, key BLOB NOT NULL, first INTEGER NOT NULL,
                      sequence INTEGER NOT NULL, digest BLOB NOT NULL, seen INTEGER NOT NULL,
                      PRIMARY KEY (county, key)) WITHOUT ROWID;
  CREATE TABLE event (first INTEGER NOT NULL, sequence INTEGER NOT NULL, place INTEGER NOT NULL,
                      PRIMARY KEY (first, sequence)) WITHOUT ROWID;
  CREATE TABLE division (county INTEGER NOT NULL, division BLOB NOT NULL, place INTEGER NOT NULL,
                         leaf BLOB NOT NULL, count INTEGER NOT NULL,
                         PRIMARY KEY (county, division)) WITHOUT ROWID;
  CREATE TABLE division_entry (division BLOB NOT NULL, place INTEGER NOT NULL,
                               PRIMARY KEY (division, place)) WITHOUT ROWID;
)sql";

inline DatabaseOptions county_log_options(DatabaseOptions::Access access,
                                          const std::string& vfs = {}) {
  return {.vfs = vfs,
          .access = access,
          .kind = "county log",
          .application_id = kCountyLogApplicationId,
          .schema = kCountyLogSchema};
}
}  // namespace cunji::store
