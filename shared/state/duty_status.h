#pragma once
// How a duty or a step stands, as a word and counted.
#include <cstdint>
#include <string_view>

#include "shared/state/state.h"

namespace cunji::state {
std::string_view name_of(DutyStatus status);     // "missing"
std::string_view name_of(TimeClass time_class);  // "proven"

struct StatusCounts {
  std::uint64_t done = 0, late = 0, missing = 0, open = 0, contradicted = 0;
  void add(DutyStatus status);
};
}  // namespace cunji::state
