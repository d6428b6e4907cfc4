#pragma once
// lead_in_time@1: whether a lead was verified by the day of the month that followed its arrival in
// the village (MON-R16, MON-A02, GEN-02).
#include "shared/programme/calculation.h"

namespace cunji::monitoring {
// in: lead_at_village_on, lead_verified_on, verification_day. out: yes or no.
std::vector<programme::Amount> lead_in_time(std::span<const programme::Amount, 3> in, Date on);
}  // namespace cunji::monitoring
