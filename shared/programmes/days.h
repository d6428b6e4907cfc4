#pragma once
// Days as calculations get and give them.
#include <optional>

#include "shared/programme/calculation.h"

namespace cunji::programmes {
// Nothing unless it is a day, of the year 1900 to 9999.
inline std::optional<Date> day_of(const programme::Amount& amount) {
  constexpr std::int64_t kDaysMin = -25'567, kDaysMax = 2'932'896;
  if (amount.kind != programme::Amount::Kind::Date) return std::nullopt;
  if (amount.number < kDaysMin || amount.number > kDaysMax) return std::nullopt;
  return Date{std::chrono::sys_days{std::chrono::days{amount.number}}};
}
inline programme::Amount day(Date date) {
  return {.kind = programme::Amount::Kind::Date,
          .number = std::chrono::sys_days{date}.time_since_epoch().count()};
}
}  // namespace cunji::programmes
