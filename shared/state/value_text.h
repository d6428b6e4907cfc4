#pragma once
// How a value is written for people: money and points with two decimals, places in degrees.
#include <string>

#include "shared/event/parts.h"
#include "shared/programme/model.h"

namespace cunji::state {
// -1250 is "-12.50".
std::string hundredths(std::int64_t number);
// Degrees × 10^7 as "33.4512345".
std::string degrees(std::int32_t e7);
// As it would be typed again, so without labels: "1200.50", "yes", "2022-02-10", "a,b". Empty for
// rows.
std::string typed_text(const event::Value& value, programme::Type type);
}  // namespace cunji::state
