#include "shared/programmes/register/household_size.h"

namespace cunji::household_register {
using programme::Amount;

std::vector<Amount> household_size(std::span<const Amount, 2> in, Date) {
  const Amount &registered = in[0], &stated = in[1];
  if (registered.has_number() && registered.number > 0) return {registered};
  return {stated.has_number() ? stated : programme::missing()};
}
}  // namespace cunji::household_register
