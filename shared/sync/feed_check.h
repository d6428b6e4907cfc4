#pragma once
// Rebuilds the entries of a feed and proves them: division links, author signatures, bodies, and
// the last one's place in the trusted tree (D6). What passes is everything of the division up to
// there.
#include <optional>

#include "shared/log/checkpoint.h"
#include "shared/log/proof.h"
#include "shared/sync/node_session.h"

namespace cunji::sync {
struct FeedClaim {
  CountyCode county;
  Cursor cursor;  // Where the feed goes on.
  BytesView batch;
  log::Proof inclusion;         // Of the last entry in the trusted tree.
  std::size_t entries_max = 0;  // As asked for.
};

struct FeedVerdict {
  FeedCommit commit;
  // The feed leaves out an event of this own key that we don't hold, or hold damaged: nothing was
  // taken, ask again without claiming to hold the chain.
  std::optional<PublicKey> own_missing;
};

// Errc::Forged, with division and index, for anything left out, reordered, replaced or altered;
// Errc::Malformed and Errc::Limit as decode_feed. Log positions of entries before the last rest on
// the server's word: the tree proves their content and order (README.md).
Result<FeedVerdict> check_feed(const FeedClaim& claim, const log::Checkpoint& trusted,
                               const NodeSource& source, const VerifyAll& verify_all);
}  // namespace cunji::sync
