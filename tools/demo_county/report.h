#pragma once
// What the demonstration shows at the end, read from the county's own log by the product's fold and
// verifier, beside the running server.
#include <string>

#include "tools/demo_county/run.h"

namespace cunji::demo {
// Prints progress by town, the due list of the worst village, disputed, doubtful and quarantined
// events, the log, the outcome of a full verification, and the time of each phase. Errc::Corrupt
// when the verification finds anything.
Result<void> print_report(Run& run, const std::string& folder);
}  // namespace cunji::demo
