#pragma once
// Bounds of the stores.
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "shared/base/time.h"

namespace cunji::store {
// Rows are numbered county × 2^40 + index, so that every key carries the county and entries lie in
// log order: more entries than a county can make, and the largest county code still fits 63 bits.
inline constexpr int kIndexBits = 40;
inline constexpr std::uint64_t kCountyEntriesMax = std::uint64_t{1} << kIndexBits;

// A scan reads so much before it hands it over: few queries, bounded memory, and no read
// transaction stays open while the visitor works.
inline constexpr std::size_t kScanEntries = 256;
inline constexpr std::size_t kScanBytes = 1'048'576;

// A backup copies so many entries in one transaction: some 10 MiB, a second of work to repeat after
// an interruption.
inline constexpr std::uint64_t kCopyEntries = 20'000;

// How long a connection waits where several may write (the side store, readers at a checkpoint).
inline constexpr int kBusyMillis = 5'000;
// The write-ahead log is moved into the database after so many pages of 4 KiB: one more flush per
// some thousand events. Its file is cut back to this size then.
inline constexpr int kWalPages = 4'000;
inline constexpr int kWalBytes = 16'777'216;
// Up to this size SQLite's own quick_check runs on every opening (a second or less); a larger
// county log checks its newest entry and its root only.
inline constexpr std::int64_t kQuickCheckBytesMax = 67'108'864;

// Blobs of a node that no event names (yet): as many as one part can name, at their largest.
inline constexpr std::uint64_t kUnnamedBlobBytesMax = 67'108'864;
// Copies that a node keeps of blobs which the county holds, to show them: some hundred photos.
inline constexpr std::uint64_t kHeldBlobBytesMax = 67'108'864;

// Blobs that have arrived in part. A node sends one after another, so what else lies there of its
// key was left: the oldest goes.
inline constexpr std::uint64_t kPartialBytesPerKeyMax = 8'388'608;
// Of all keys: every coordinator of a county cut in the middle of a largest one, with room. Above
// it no further one is begun until some are finished or expire.
inline constexpr std::uint64_t kPartialBytesMax = 1'073'741'824;
// Longer than a village is without a line; the rest is sent again from its beginning.
inline constexpr Duration kPartialAgeMax{14 * 86'400'000LL};

// Quarantine is evidence for a person to look at, not an archive (D21): thousands of events.
inline constexpr std::uint64_t kQuarantineBytesMax = 67'108'864;
// … and of one sender: a broken phone's week, so that one who sends rubbish leaves room for
// others'.
inline constexpr std::uint64_t kQuarantineBytesPerSenderMax = 4'194'304;
// Parked events wait for their key's credential: weeks of one coordinator's work offline …
inline constexpr std::uint64_t kParkedEventsPerKeyMax = 10'000;
inline constexpr std::uint64_t kParkedBytesPerKeyMax = 33'554'432;
// … and of a whole county's coordinators, on any server's disk.
inline constexpr std::uint64_t kParkedBytesMax = 1'073'741'824;

// A node drops the entries of its villages after so long without unlocking (D16): longer than any
// leave, shorter than a forgotten device goes unnoticed.
inline constexpr std::chrono::days kUnlockedDaysMax{30};
// Colleagues' events on their way to the county: the unsent work of a township.
inline constexpr std::uint64_t kCarriedEventsMax = 100'000;
// Forms begun at doors: days of them, each with its long remarks.
inline constexpr std::uint64_t kDraftsMax = 1'000;
inline constexpr std::size_t kDraftBytesMax = 1'048'576;
}  // namespace cunji::store
