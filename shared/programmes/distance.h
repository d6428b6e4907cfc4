#pragma once
// Distances on the ground in whole numbers: the same on every machine.
#include <cstdint>

#include "shared/programme/calculation.h"

namespace cunji::programmes {
// Millimetres along a great circle on a sphere of 6,371,008.8 m (the mean radius of WGS 84),
// rounded down. Accuracies do not count.
std::int64_t distance_mm(const event::Place& a, const event::Place& b);
}  // namespace cunji::programmes
