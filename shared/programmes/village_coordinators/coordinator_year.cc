#include "shared/programmes/village_coordinators/coordinator_year.h"

#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/programmes/days.h"
#include "shared/programmes/exact.h"

namespace cunji::village_coordinators {
using programme::Amount;
using programmes::Exact;

// Full months of the year of `on`, in which the last day of service counts.
static Amount service_months(const Amount& posts_held, const Amount& first_appointed_on,
                             const Amount& last_left_on, Date on) {
  const auto appointed = programmes::day_of(first_appointed_on);
  if (!appointed || !posts_held.has_number()) return programme::missing();
  const Date from =
      std::max(*appointed, Date{on.year(), std::chrono::January, std::chrono::day{1}});
  Date last = on;
  if (posts_held.number == 0) {
    const auto left = programmes::day_of(last_left_on);
    if (!left) return programme::missing();
    last = std::min(*left, on);
  }
  const auto months = programme::elapsed(from, next_day(last), programme::Unit::Months);
  return programme::number(std::max<std::int64_t>(months, 0));
}

std::vector<Amount> coordinator_year(std::span<const Amount, 9> in, Date on) {
  const Exact posts(in[0]);
  const Amount& two_villages = in[8];
  std::vector<Amount> out;
  for (std::size_t i = 4; i < 8; ++i) {
    if (two_villages.kind == Amount::Kind::Word && two_villages.word == "average") {
      out.push_back(half_up(Exact(in[i]), posts).amount());
    } else {
      out.push_back(two_villages.kind == Amount::Kind::Unset ? programme::unset()
                                                             : programme::missing());
    }
  }
  out.push_back(service_months(in[1], in[2], in[3], on));
  return out;
}
}  // namespace cunji::village_coordinators
