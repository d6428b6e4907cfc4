#pragma once
// Bounds of the running server, each with its reason.
#include <cstddef>
#include <cstdint>

#include "server/app/fair_queue.h"
#include "shared/base/time.h"

namespace cunji::server {
// Events waiting for the writer, and as much again for the verifying pool: a second or two of work,
// and with the pool's a memory that a small machine has; see FairQueue for the half of it that is
// kept for those who have nothing waiting. A sender may have what the protocol lets one session
// have under way, 4 batches of 1,000.
inline constexpr LoadBounds kQueueBounds{.all = {.events = 40'000, .bytes = 201'326'592},
                                         .sender = {.events = 4'000, .bytes = 25'165'824}};
// Enrolments waiting for the writer, each a signature and a commit of its own: a second of work.
inline constexpr std::size_t kAsksWaitingMax = 64;
// Events of one group commit: one flush of the disk for many sessions, and still well under a
// second until the first of them is answered.
inline constexpr std::size_t kCommitEventsMax = 4'000;
// Chunks of blobs in one flush: four megabytes, well under a second.
inline constexpr std::size_t kCommitChunksMax = 256;
// Bytes of blobs that a key may send on a day of the county's calendar (D21), resent ones included:
// a thousand photos of 200 kB. Apart from its events' quota, so that photos never use that up.
inline constexpr std::uint64_t kBlobBytesADayMax = 209'715'200;
// Events verified in one task: some milliseconds, so that a batch spreads over the cores.
inline constexpr std::size_t kVerifyEvents = 64;
// Connections at once: a county has some 300 coordinators and their offices.
inline constexpr std::size_t kConnectionsMax = 2'000;
// From one address: a town, or the county behind a proxy, may stand behind one, and still it can't
// take every place.
inline constexpr std::size_t kConnectionsPerAddressMax = 1'000;
// Connections that have not shown a key which the county knows: anybody can open them, so they
// never take the places of those who have. After a power cut 300 devices may come at once.
inline constexpr std::size_t kStrangersMax = 800;
inline constexpr std::size_t kStrangersPerAddressMax = 400;
// Sessions with one key: a device has one, and one or two that a cut line left behind.
inline constexpr std::size_t kSessionsPerKeyMax = 3;
// A key that the county does not know may ask to be enrolled, and no more: a minute does.
inline constexpr Duration kStrangerTimeout{120'000};
// A request's head, and the TLS handshake before it: 8 KiB take half a second on 20 kB/s; slower
// is a slow-loris.
inline constexpr Duration kRequestHeadTimeout{20'000};
// A frame from its first byte to its last: the largest takes 53 s on 20 kB/s, and lines
// get slower.
inline constexpr Duration kFrameTimeout{150'000};
// Addresses, keys, codes whose pace is remembered, some 150 bytes each; beyond, strangers share.
inline constexpr std::size_t kRateNamesMax = 10'000;
// The paces themselves are in http/gates.h. By address, a whole county must pass that stands behind
// one. New connections: all places at once, then a tenth of a core's handshakes. Requests: an
// office of thirty that opens a page of twenty requests each. Enrolments: of a code, typing errors;
// of an address, 300 coordinators on their training day; of all, 600 a minute, which leave the
// writer nearly idle. By key, frames: a desk's first sync of a whole county is some thousand feeds
// of some milliseconds. Refused events: what one session may have under way goes through, then a
// thousandth of a core. Frames that wait for a slow reader before its connection is closed.
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
// How often photos are looked for that a recovery left: nobody waits for them.
inline constexpr Duration kRecoveredLookInterval{1'000};
// How long a stopping server waits for its last answers to leave.
inline constexpr Duration kFarewell{2'000};

// How long before its end a certificate is spoken of: authorities renew a month before.
inline constexpr Duration kCertificateRenewal{14 * 86'400'000LL};
inline constexpr Duration kCertificateLookInterval{86'400'000};

// Lines of the operator's log in a second: what strangers cause must not fill a disk. And the bytes
// of a text in one.
inline constexpr std::size_t kLogLinesMax = 200;
inline constexpr std::size_t kLogTextBytesMax = 1'000;

// A backup may hold what has been erased since: so long it may live (D20).
inline constexpr std::chrono::days kBackupLife{90};

// Folding so many entries takes well under a second: no reason to write snapshots more often.
inline constexpr std::uint64_t kSnapshotEntriesMin = 100'000;
// At the end even a tail that folds in some milliseconds is kept.
inline constexpr std::uint64_t kSnapshotTailMin = 1'000;
// About 120 bytes an event: what a server of this design holds in memory is reached before.
inline constexpr std::size_t kSnapshotBytesMax = std::size_t{1} << 33;
}  // namespace cunji::server
