#include "shared/programmes/monitoring/lead_in_time.h"

#include "shared/programme/periods.h"
#include "shared/programmes/days.h"

namespace cunji::monitoring {
using programme::Amount;

std::vector<Amount> lead_in_time(std::span<const Amount, 3> in, Date) {
  const auto arrived = programmes::day_of(in[0]), verified = programmes::day_of(in[1]);
  const Amount& day = in[2];
  if (!arrived || !verified) return {programme::missing()};
  if (day.kind == Amount::Kind::Unset) return {programme::unset()};
  if (!day.has_number() || day.number < 1 || day.number > 31) return {programme::missing()};
  const auto of_month = static_cast<unsigned>(day.number);
  Date due = programme::day_in(month_of(*arrived), of_month);
  if (due < *arrived)
    due = programme::day_in(month_of(*arrived) + std::chrono::months{1}, of_month);
  return {programme::yes(*verified <= due)};
}
}  // namespace cunji::monitoring
