#pragma once
// Bounds of a simulation, each with its reason.
#include <cstddef>
#include <cstdint>

#include "shared/base/time.h"

namespace cunji::simulate {
// Steps of the faulty phase unless said otherwise: some hundred sessions, a second of real time.
inline constexpr std::uint64_t kStepsDefault = 2'000;
inline constexpr std::uint64_t kStepsMax = 1'000'000;
// Once faults stop, all must be level within so much virtual time and so many steps: hours of
// sessions every few minutes. Whoever is not level then never will be.
inline constexpr Duration kCalmMax = std::chrono::hours{6};
inline constexpr std::uint64_t kCalmStepsMax = 20'000;
// Sizes of the made-up county: large enough for divisions that are shared and that are not.
inline constexpr std::size_t kVillages = 3;
inline constexpr std::size_t kHouseholds = 4;  // Of each village.
inline constexpr std::size_t kDevicesMin = 3, kDevicesMax = 5;
inline constexpr std::size_t kCopiesMax = 2;  // Clones of a run: each doubles the sessions.
// Findings of one run that are printed: the first ones tell the cause.
inline constexpr std::size_t kFindingsMax = 12;
}  // namespace cunji::simulate
