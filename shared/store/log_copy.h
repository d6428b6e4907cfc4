#pragma once
// A copy of a county log for a backup, made while its server writes. Native only.
#include <cstdint>
#include <functional>
#include <string>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::store {
struct LogCopy {
  std::uint64_t size = 0;  // Entries of the copy.
  Digest root;
  std::uint64_t already = 0;  // Of them, those that an earlier copying had brought over.
};
using CopyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Brings the copy at `to` level with the county log at `from`, which its writer may go on with: the
// copy holds what was committed when the last step began. Entries go over in chunks, each durable,
// so that an interrupted copying goes on where it was; only the last step, with counter and heads,
// makes it a log that opens. A copy that is there already gets what is new. Errc::Conflict when the
// copy holds entries that are not `from`'s; Errc::Corrupt when either is no sound county log (the
// copy's newest entry and root are proven at the end); Errc::Io with the reason.
Result<LogCopy> copy_county_log(const std::string& from, const std::string& to,
                                const CopyProgress& progress = {});
}  // namespace cunji::store
