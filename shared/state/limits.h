#pragma once
// Numbers that the fold rests on.
#include "shared/base/time.h"

namespace cunji::state {
// A device clock may be off by so much before its times are doubted (D5, D13).
inline constexpr Duration kClockTolerance = std::chrono::minutes{10};
}  // namespace cunji::state
