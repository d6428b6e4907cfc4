#include "shared/programme/periods.h"

#include <algorithm>
#include <cstdio>

#include "shared/base/workdays.h"

namespace cunji::programme {
using std::chrono::days;
using std::chrono::months;
using std::chrono::sys_days;

Date day_in(Month month, unsigned day) {
  const Date last{month / std::chrono::last};
  return std::min(Date{month / std::chrono::day{day}}, last);
}

static Date first_of(Month month) { return month / std::chrono::day{1}; }
static Date last_of(Month month) { return Date{month / std::chrono::last}; }

// The periods that are so many months long, one after the other.
static int months_in(Period period) {
  switch (period) {
    case Period::Quarter: return 3;
    case Period::Half:
    case Period::Semester: return 6;
    case Period::Year:
    case Period::PovertyYear:
    case Period::SchoolYear: return 12;
    case Period::None:
    case Period::Day:
    case Period::Month: return 1;
  }
  return 1;
}

// The month with which a first period of a year begins.
static unsigned begin_month(Period period) {
  switch (period) {
    case Period::Semester: return 2;  // February to July, August to January.
    case Period::PovertyYear: return 10;
    case Period::SchoolYear: return 9;
    default: return 1;
  }
}

Span span_of(Period period, Date on) {
  if (period == Period::None || period == Period::Day) return {on, on};
  const int length = months_in(period);
  const int begin = static_cast<int>(begin_month(period)) - 1;
  const int month = static_cast<int>(static_cast<unsigned>(on.month())) - 1;
  const int into = ((month - begin) % length + length) % length;
  const Month first = month_of(on) - months{into};
  return {first_of(first), last_of(first + months{length - 1})};
}

std::string key_of(Period period, Date on) {
  const Span span = span_of(period, on);
  const int year = static_cast<int>(span.first.year());
  const unsigned month = static_cast<unsigned>(span.first.month());
  char out[40];
  switch (period) {
    case Period::None: return {};
    case Period::Day: return format_date(on);
    case Period::Month: std::snprintf(out, sizeof out, "%04d-%02u", year, month); break;
    case Period::Quarter:
      std::snprintf(out, sizeof out, "%04d-Q%u", year, (month - 1) / 3 + 1);
      break;
    case Period::Half: std::snprintf(out, sizeof out, "%04d-H%u", year, month / 6 + 1); break;
    case Period::Semester:
      std::snprintf(out, sizeof out, "%04d-S%u", year, month == 2 ? 1U : 2U);
      break;
    case Period::Year: std::snprintf(out, sizeof out, "%04d", year); break;
    case Period::PovertyYear: std::snprintf(out, sizeof out, "PY%04d", year + 1); break;
    case Period::SchoolYear: std::snprintf(out, sizeof out, "SY%04d", year); break;
  }
  return out;
}

Date shifted(Period period, Date on, std::int64_t count) {
  if (period == Period::None) return on;
  if (period == Period::Day) return Date{sys_days{on} + days{count}};
  const Month first = month_of(span_of(period, on).first);
  return first_of(first + months{count * months_in(period)});
}

static Date plus_workdays(Date from, std::int64_t count) {
  // Bounded: nothing in a policy counts years in working days.
  sys_days day{from};
  const days step{count < 0 ? -1 : 1};
  for (std::int64_t left = std::min<std::int64_t>(count < 0 ? -count : count, 2'000); left > 0;) {
    day += step;
    if (is_workday(Date{day})) --left;
  }
  return Date{day};
}

Date plus(Date from, std::int64_t count, Unit unit) {
  switch (unit) {
    case Unit::None:
    case Unit::Days:
    case Unit::Minutes: return Date{sys_days{from} + days{count}};
    case Unit::WorkingDays:
    case Unit::SchoolDays: return plus_workdays(from, count);
    case Unit::Months: return day_in(month_of(from) + months{count}, unsigned{from.day()});
    case Unit::Years: return day_in(month_of(from) + months{12 * count}, unsigned{from.day()});
  }
  return from;
}

std::int64_t elapsed(Date from, Date to, Unit unit) {
  if (to < from) return -elapsed(to, from, unit);
  switch (unit) {
    case Unit::None:
    case Unit::Days:
    case Unit::Minutes: return (sys_days{to} - sys_days{from}).count();
    case Unit::WorkingDays:
    case Unit::SchoolDays: {
      std::int64_t out = 0;
      for (sys_days day = sys_days{from} + days{1}; day <= sys_days{to} && out < 2'000;
           day += days{1})
        out += is_workday(Date{day}) ? 1 : 0;
      return out;
    }
    case Unit::Months:
    case Unit::Years: {
      const std::int64_t whole = (month_of(to) - month_of(from)).count();
      // Three months from 30 November are over on 28 February (GEN-13).
      const std::int64_t out = plus(from, whole, Unit::Months) <= to ? whole : whole - 1;
      return unit == Unit::Months ? out : out / 12;
    }
  }
  return 0;
}
}  // namespace cunji::programme
