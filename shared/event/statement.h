#pragma once
// The digest of what was filed (protocol/README.md, "Statement"): it stands in the statement itself
// and on the printed sheet, so that paper and log can be compared by sixty-four characters.
#include "shared/base/ids.h"
#include "shared/event/parts.h"

namespace cunji::event {
// Of all that is filed; signer, post and `digest` itself do not count.
Digest digest_of(const StatementPart& statement);
}  // namespace cunji::event
