#include "shared/programmes/monitoring/income_sheet.h"

#include "shared/programmes/exact.h"

namespace cunji::monitoring {
using programme::Amount;
using programmes::Exact;

std::vector<Amount> income_sheet(std::span<const Amount, 14> in, Date) {
  const auto at = [&](std::size_t i) { return Exact(in[i]); };
  const Exact members = at(9), before = at(10), members_before = at(11);
  const Exact reference = at(12), drop = at(13);

  Exact screening = at(0) + at(1) - at(2) + at(3) + at(4);
  Exact rigid = at(5) + at(6) + at(7) + at(8);
  // A sheet counts as a whole, or not at all.
  if (!screening.is_known() || !rigid.is_known() || members.number() < 1)
    return std::vector<Amount>(6, programme::missing());

  Amount fallen = programme::yes(false);
  if (before.number() > 0 && members_before.number() >= 1)
    fallen =
        is_less(screening * members_before * 10'000, before * members * (Exact(10'000) - drop));
  return {screening.amount(),           half_up(screening, members).amount(),    rigid.amount(),
          (screening - rigid).amount(), is_less(screening, reference * members), fallen};
}
}  // namespace cunji::monitoring
