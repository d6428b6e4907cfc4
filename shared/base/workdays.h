#pragma once
// Working days by the yearly national calendar (GEN-04): public holidays and make-up workdays are
// data, from the notices of the State Council.
#include "shared/base/calendar.h"

namespace cunji {
// Of years that the table does not have: Monday to Friday.
bool is_workday(Date date);
// Whether the table has the year; else is_workday() is a guess, and who shows it says so.
bool has_workdays(std::chrono::year year);
}  // namespace cunji
