#pragma once
// household_size@1: how many people a household has, for whatever counts per head (GEN-06).
#include "shared/programme/calculation.h"

namespace cunji::household_register {
// in: members (registered), persons_stated. out: the registered ones where there are any, else what
// was stated.
std::vector<programme::Amount> household_size(std::span<const programme::Amount, 2> in, Date on);
}  // namespace cunji::household_register
