#pragma once
// income_sheet@1: a household's income and rigid expense, against the reference line and against
// the sheet before (MON-R13, MON-A13, MON-W11). Formulas: README.md.
#include "shared/programme/calculation.h"

namespace cunji::monitoring {
// in: the five incomes and costs, the four rigid expenses, income_members, income_before,
// income_members_before, income_reference, income_drop.
// out: income_screening, income_per_capita (half up: to show), expense_rigid, income_after_rigid,
// income_below_reference, income_fallen.
std::vector<programme::Amount> income_sheet(std::span<const programme::Amount, 14> in, Date on);
}  // namespace cunji::monitoring
