#pragma once
// Bounds of the running server, each with its reason.
#include <cstddef>

#include "shared/base/time.h"

namespace cunji::server {
// Events waiting for the writer; above it nodes are told to come again. A second or two of work.
inline constexpr std::size_t kQueueEventsMax = 20'000;
// Events of one group commit: one flush of the disk for many sessions, and still well under a
// second until the first of them is answered.
inline constexpr std::size_t kCommitEventsMax = 4'000;
// Events verified in one task: some milliseconds, so that a batch spreads over the cores.
inline constexpr std::size_t kVerifyEvents = 64;
// Connections at once: a county has some 300 coordinators and their offices.
inline constexpr std::size_t kConnectionsMax = 2'000;
// Frames that wait for a slow reader before its connection is closed.
inline constexpr std::size_t kSendQueueBytesMax = 16'777'216;
// Request head of a plain HTTP request.
inline constexpr std::size_t kRequestHeadBytesMax = 8'192;
// A connection that says nothing, not even to a ping.
inline constexpr Duration kIdleTimeout{300'000};
// At most one checkpoint a second (D9), an anchor at least hourly (D5).
inline constexpr Duration kCheckpointInterval{1'000};
inline constexpr Duration kAnchorInterval{3'600'000};
// How often the side store's queue is looked at: a command beside the server waits this long.
inline constexpr Duration kQueueLookInterval{200};
// How long a stopping server waits for its last answers to leave.
inline constexpr Duration kFarewell{2'000};

// Folding so many entries takes well under a second: no reason to write snapshots more often.
inline constexpr std::uint64_t kSnapshotEntriesMin = 100'000;
// At the end even a tail that folds in some milliseconds is kept.
inline constexpr std::uint64_t kSnapshotTailMin = 1'000;
// About 120 bytes an event: what a server of this design holds in memory is reached before.
inline constexpr std::size_t kSnapshotBytesMax = std::size_t{1} << 33;
}  // namespace cunji::server
