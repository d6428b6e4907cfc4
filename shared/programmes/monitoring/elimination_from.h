#pragma once
// elimination_from@1: the first day on which the elimination of a risk may be voted on, after more
// than so many months of help (MON-R21, MON-A03, MON-A17, GEN-13).
#include "shared/programme/calculation.h"

namespace cunji::monitoring {
// in: first_measure_on, first_help_on, help_months, reopened_help_counts_from. out: the day.
std::vector<programme::Amount> elimination_from(std::span<const programme::Amount, 4> in, Date on);
}  // namespace cunji::monitoring
