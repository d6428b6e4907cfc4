#pragma once
// A fold kept on disk, so that a restart reads it and replays only what was logged since (D14).
// Made of columns by cereal, which needs exceptions: native builds only. A cache and nothing more:
// it names the log it was made from, the fold's version and its own digest, is thrown away when
// anything disagrees, and no verifier reads it. Authority never comes from it: governance is folded
// from the log each time.
#include <cstdint>
#include <span>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/credential/governance.h"
#include "shared/state/state.h"

namespace cunji::state {
// The log that a fold was made from.
struct SnapshotMark {
  std::uint64_t size = 0;  // All its entries up to here.
  Digest root;             // Of its tree at that size.
};

// `state` holds all entries up to `mark.size` and nothing pending. The digest at its end is left to
// seal_snapshot(), so that another thread may spend the time.
Bytes encode_snapshot(const State& state, const SnapshotMark& mark);
void seal_snapshot(Bytes& snapshot);

// Which log it was made from. Errc::Corrupt for bytes that are no whole snapshot or do not match
// their digest, Errc::Conflict for one of another fold or format; the caller compares the mark with
// its log before it reads on.
Result<SnapshotMark> open_snapshot(BytesView snapshot);
// The fold in an opened snapshot. `governance` is that of the log's first mark.size entries.
// Errc::Corrupt when the content makes no sense after all.
// `calculations` as State takes them.
Result<State> read_snapshot(BytesView snapshot, const credential::Governance& governance,
                            std::span<const programme::NamedCalculation> calculations = {});
}  // namespace cunji::state
