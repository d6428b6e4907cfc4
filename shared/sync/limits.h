#pragma once
// Bounds of a session. Fixed in version 1 where both sides must agree (protocol/README.md).
#include <cstddef>
#include <cstdint>

#include "shared/base/time.h"
#include "shared/event/limits.h"

namespace cunji::sync {
// A frame on the wire, sealed. Holds a whole largest event; on a 20 kB/s line it takes a minute.
inline constexpr std::size_t kFrameBytesMax = 1'048'576;
// What a batch may become when decompressed, checked before: bounds a receiver's memory.
inline constexpr std::size_t kBatchBytesMax = 4'194'304;
// Events in a batch: one group commit and one acknowledgement, seconds on a slow line.
inline constexpr std::size_t kBatchEventsMax = 1'000;
// A sender closes a batch at this many body bytes, or at the events above, whichever is first.
inline constexpr std::size_t kBatchBodyBytesTarget = 262'144;
// What a sender lets a batch be before compression, so that it fits a frame even where nothing
// compresses: one largest body above the target, and a thousand headers.
inline constexpr std::size_t kBatchRawBytesMax = 1'015'808;
// What an event takes in a batch beside its parts, at most: signature, run, table rows, numbers.
inline constexpr std::size_t kBatchEventOverheadBytes = 320;
// Events read from a store at a time while a batch is filled: bounds memory where bodies are large.
inline constexpr std::size_t kReadEventsMax = 64;
// Handshake messages and all frames without a batch or results: 512 divisions, a note and proofs
// take 40 kB. Bounds what a stranger makes us parse.
inline constexpr std::size_t kSmallFrameBytesMax = 65'536;
// Pushes under way without acknowledgement: hides the round trip and bounds the server's queue.
inline constexpr std::size_t kPushesInFlightMax = 4;
// Chains and divisions in an offer: a desk with a whole county has 316 divisions. What a county
// names as covered counts with what was offered, so that a node can offer all that it was named; of
// more, those with the highest codes are left out: so wide a scope is not for one device.
inline constexpr std::size_t kOfferChainsMax = 64;
inline constexpr std::size_t kOfferDivisionsMax = 512;
// Wants under way: hides the round trip for a desk with many villages.
inline constexpr std::size_t kWantsInFlightMax = 4;
// A line for people in a refusal.
inline constexpr std::size_t kReasonBytesMax = 200;
// Prefixes in an enrolment's answer.
inline constexpr std::size_t kScopeDivisionsMax = 512;
// How long a server lets a poll wait for a checkpoint; it publishes about once a second.
inline constexpr Duration kPollWait{1'000};
// Polls in a row for one checkpoint; beyond, the server logs but does not publish.
inline constexpr int kWaitPollsMax = 10;
// A bundle is carried on a stick or through a chat app: a village's season with room.
inline constexpr std::size_t kBundleBytesMax = 67'108'864;
inline constexpr std::size_t kBundleBatchesMax = 1'024;
// Chains in it: a node's own, one a succession.
inline constexpr std::size_t kBundleChainsMax = 64;
// A chunk of a blob. A line of 20 kB/s that is cut every ten seconds loses the chunk it was at: of
// 200 kB half of one, 4 %. Smaller ones would cost more in frames and in flushes at the server.
inline constexpr std::size_t kBlobChunkBytes = 16'384;
inline constexpr std::size_t kBlobChunksMax =
    (event::kBlobBytesMax + kBlobChunkBytes - 1) / kBlobChunkBytes;
// Chunks under way without acknowledgement: hides the round trip. An event recorded meanwhile waits
// for as many to leave: under two seconds on that line.
inline constexpr std::size_t kChunksInFlightMax = 2;
// Blobs in an offer: a day's photos in one round trip, and an answer far below a small frame.
inline constexpr std::size_t kOfferBlobsMax = 64;
// A rescue holds all that one device has not sent, and its county's desk reads it whole: far more
// than a season, less than any desk's memory.
inline constexpr std::size_t kRescueBytesMax = 268'435'456;
// A peer that says nothing for so long while something is due is gone: longer than one frame takes
// on a slow rural line.
inline constexpr Duration kReplyTimeout{90'000};
// The handshake is a few kilobytes; slower is a slow-loris.
inline constexpr Duration kHandshakeTimeout{30'000};
}  // namespace cunji::sync
