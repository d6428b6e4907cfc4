#include "shared/programmes/monitoring/elimination_from.h"

#include "shared/programme/periods.h"
#include "shared/programmes/days.h"

namespace cunji::monitoring {
using programme::Amount;

constexpr std::int64_t kMonthsMax = 1'200;  // A number of a policy; more is a slip of the pen.

std::vector<Amount> elimination_from(std::span<const Amount, 4> in, Date) {
  const Amount &months = in[2], &counts_from = in[3];
  if (counts_from.kind == Amount::Kind::Unset) return {programme::unset()};
  std::optional<Date> from;
  if (counts_from.kind == Amount::Kind::Word && counts_from.word == "new_spell")
    from = programmes::day_of(in[0]);
  if (counts_from.kind == Amount::Kind::Word && counts_from.word == "first_spell")
    from = programmes::day_of(in[1]);
  if (!from) return {programme::missing()};
  if (months.kind == Amount::Kind::Unset) return {programme::unset()};
  if (!months.has_number() || months.number < 0 || months.number > kMonthsMax)
    return {programme::missing()};
  // "More than": the day on which they are exactly over is still too early.
  return {
      programmes::day(next_day(programme::plus(*from, months.number, programme::Unit::Months)))};
}
}  // namespace cunji::monitoring
