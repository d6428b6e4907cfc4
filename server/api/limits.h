#pragma once
// Bounds of the reading interface, each with its reason.
#include <cstddef>
#include <cstdint>

#include "shared/base/time.h"

namespace cunji::server {
// From the challenge to its proof: a person types a PIN meanwhile.
inline constexpr Duration kChallengeLife{60'000};
// A desk's page asks anew without its user; a forgotten screen closes (D18).
inline constexpr Duration kReadSessionLife{900'000};
// A person has a browser or two, and a command line.
inline constexpr std::size_t kSessionsOfKeyMax = 8;
// As many as connections: a county has some 300 coordinators and their offices.
inline constexpr std::size_t kReadSessionsMax = 2'000;
// Challenges that were proven in the last minute, kept so that none opens two sessions. 64 bytes
// each.
inline constexpr std::size_t kUsedNoncesMax = 20'000;

// The body of a request: a session's proof is some 400 bytes.
inline constexpr std::size_t kApiBodyBytesMax = 4'096;
// Rows of a page, by default and at most: a screen, and a village's households twice over.
inline constexpr std::size_t kPageRows = 50;
inline constexpr std::size_t kPageRowsMax = 200;
// Entries looked at for one page, some 40 ms; where they do not fill it, the cursor goes on.
inline constexpr std::size_t kPageScanMax = 20'000;
// Bodies in one answer; a page ends where they are more.
inline constexpr std::size_t kPageBodiesBytesMax = 4'194'304;
// Text of a parameter, and digits of a size.
inline constexpr std::size_t kParameterBytesMax = 512;

// States as of the past, kept for the next question. Each takes as much memory as the fold did
// then (0.8 GiB for 10^6 entries), so few are kept, and not for long.
inline constexpr std::size_t kPastStatesMax = 2;
inline constexpr std::uint64_t kPastEntriesMax = 1'000'000;  // Of all kept ones together.
inline constexpr Duration kPastStateLife{600'000};

// Threads that answer, and requests that wait for one. Signatures of pushed batches are verified by
// other threads.
inline constexpr std::size_t kApiThreads = 2;
inline constexpr std::size_t kApiWaitingMax = 64;
// What a client is told to wait for when too much is asked at once.
inline constexpr unsigned kRetryAfterSeconds = 5;

// A line of the access log: a page of households by their ids, and the question.
inline constexpr std::size_t kAccessLineBytesMax = 16'384;
}  // namespace cunji::server
