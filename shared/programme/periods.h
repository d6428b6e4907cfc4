#pragma once
// Periods and distances in the county's calendar (GEN-02, GEN-04, GEN-10, GEN-13).
#include <string>

#include "shared/base/calendar.h"
#include "shared/programme/model.h"

namespace cunji::programme {
struct Span {
  Date first{}, last{};
};
// The period that holds `on`; of Period::None the day itself.
Span span_of(Period period, Date on);
// The key of a fact kept by period: "2022-03", "2022-Q1", "PY2022" by the year in which it ends.
// Empty for Period::None.
std::string key_of(Period period, Date on);
// The first day of the period `count` periods after (before, where negative) that of `on`.
Date shifted(Period period, Date on, std::int64_t count);

// `count` units after `from`, or before it. Months and years keep the day, clamped to the month's
// end; working days do not count `from` itself (GEN-04).
Date plus(Date from, std::int64_t count, Unit unit);
// Whole units from `from` to `to`, negative where `to` is earlier: of months and years those whose
// day has come (GEN-17).
std::int64_t elapsed(Date from, Date to, Unit unit);

// The last day of a month is day `day` of a shorter one.
Date day_in(Month month, unsigned day);
}  // namespace cunji::programme
