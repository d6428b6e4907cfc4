#pragma once
// The county's calendar (domain/README.md, GEN-02): local dates in UTC+8, without daylight saving.
// Month by month for now; working days arrive with the yearly holiday tables.
#include <chrono>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji {
using Date = std::chrono::year_month_day;
using Month = std::chrono::year_month;

inline constexpr Duration kCountyOffset = std::chrono::hours{8};  // China Standard Time.

// The local day that contains `t`.
Date date_of(TimePoint t);
// 00:00 local time at the start of `date`. "By day N" ends at start_of(day after N), exclusive.
TimePoint start_of(Date date);
Date next_day(Date date);
// The month that contains `date`.
inline Month month_of(Date date) { return {date.year(), date.month()}; }

// "2022-02-10", strictly, from 1900 on; Errc::Malformed for anything else, a day that does not
// exist included.
Result<Date> parse_date(std::string_view text);
std::string format_date(Date date);
// "2022-02-10 08:15:00" in local time, for people.
std::string format_time(TimePoint t);
// "2022-02-10T08:15[:00]" or "2022-02-10 08:15[:00]", local time; Errc::Malformed otherwise.
Result<TimePoint> parse_time(std::string_view text);
}  // namespace cunji
