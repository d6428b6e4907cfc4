#include "shared/programmes/village_coordinators/file_score.h"

#include "shared/programmes/exact.h"

namespace cunji::village_coordinators {
using programme::Amount;
using programmes::Exact;

std::vector<Amount> file_score(std::span<const Amount, 6> in, Date) {
  const Exact items(in[0]), full(in[5]);
  const Exact marks = Exact(in[1]) + Exact(in[2]) + Exact(in[3]) + Exact(in[4]);
  return {half_up(full * marks, items * 4).amount()};
}
}  // namespace cunji::village_coordinators
