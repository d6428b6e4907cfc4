#pragma once
// Whether a log still is what its last published checkpoint says (D9): asked before anything is
// signed, on opening and whenever in doubt.
#include "shared/base/result.h"
#include "shared/log/checkpoint.h"
#include "shared/log/event_log.h"

namespace cunji::log {
// Errc::Corrupt, "the log was changed or rolled back: refuse to sign", when the log is smaller than
// the published checkpoint or its tree of that size has another root. Size 0 must have the empty
// root. The checkpoint must have been opened (its signature is not looked at).
Result<void> check_consistent(const HashReader& hashes, const LogHead& head,
                              const Checkpoint& published);
}  // namespace cunji::log
