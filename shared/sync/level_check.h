#pragma once
// Whether a checkpoint that the server shows goes on from the one that the node trusts (D6).
#include <optional>
#include <string>

#include "shared/log/checkpoint.h"
#include "shared/log/proof.h"
#include "shared/sync/node_session.h"

namespace cunji::sync {
// A checkpoint with its signed note.
struct Trusted {
  log::Checkpoint checkpoint;
  std::string note;
};

struct Advance {
  Trusted shown;                        // To be trusted from now on, unless:
  std::optional<SplitView> split_view;  // it contradicts the trusted one, by valid signatures.
};

// Errc::Malformed or Errc::Forged for a note that the county's log key did not sign, or of an empty
// log; `trusted` is empty at first contact, when any genuine note will do.
Result<Advance> check_checkpoint(const std::string& note, const log::Proof& consistency,
                                 const std::optional<Trusted>& trusted, const std::string& origin,
                                 const PublicKey& log_key);
}  // namespace cunji::sync
