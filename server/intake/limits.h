#pragma once
// Bounds of intake, each with its reason.
#include <cstddef>
#include <cstdint>

namespace cunji::server {
// Events of one commit beyond what its batches bring: parked events that a new credential lets in.
// The rest follows with the next commit, so that one key's backlog does not keep others waiting.
inline constexpr std::size_t kParkedTakenMax = 5'000;
// Seen sizes whose digest is remembered: nodes name the last few thousand checkpoints; recomputing
// one costs some twenty reads.
inline constexpr std::size_t kSeenCacheMax = 8'192;
// Entries of the newest day that are counted when the log is opened, for quotas: a third of a
// second at most, and several times what a county of 300 coordinators records in a day.
inline constexpr std::uint64_t kDayEntriesMax = 100'000;
}  // namespace cunji::server
