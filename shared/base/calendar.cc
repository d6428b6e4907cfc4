#include "shared/base/calendar.h"

#include <cstdio>

#include "shared/base/ids.h"

namespace cunji {
using std::chrono::days;
using std::chrono::floor;
using std::chrono::sys_days;

Date date_of(TimePoint t) { return Date{floor<days>(t + kCountyOffset)}; }

TimePoint start_of(Date date) { return TimePoint{sys_days{date}} - kCountyOffset; }

Date next_day(Date date) { return Date{sys_days{date} + days{1}}; }

// Digits at [at, at + n) of `text` as a number; -1 where there is anything else.
static int number_at(std::string_view text, std::size_t at, std::size_t n) {
  if (text.size() < at + n || !is_digits(text.substr(at, n))) return -1;
  int out = 0;
  for (const char c : text.substr(at, n)) out = out * 10 + (c - '0');
  return out;
}

Result<Date> parse_date(std::string_view text) {
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  // Whoever is counted today was born after 1900; times, unlike days, begin with 1970.
  if (!shaped || year < 1900 || month < 0 || day < 0)
    return Error{Errc::Malformed, "a date is written like 2022-02-10"};
  const Date date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                  std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return Error{Errc::Malformed, "there is no such day"};
  return date;
}

std::string format_date(Date date) {
  char out[40];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out;
}

std::string format_time(TimePoint t) {
  const Date date = date_of(t);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t - start_of(date)).count();
  char out[40];
  std::snprintf(out, sizeof out, " %02d:%02d:%02d", static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  return format_date(date) + out;
}

Result<TimePoint> parse_time(std::string_view text) {
  const Error bad{Errc::Malformed, "a time is written like 2022-02-10T08:15"};
  if (text.size() != 16 && text.size() != 19) return bad;
  if (text[10] != 'T' && text[10] != ' ') return bad;
  TRY_AS(date, parse_date(text.substr(0, 10)));
  const bool with_seconds = text.size() == 19;
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = with_seconds ? number_at(text, 17, 2) : 0;
  if (text[13] != ':' || (with_seconds && text[16] != ':')) return bad;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return bad;
  const TimePoint out = start_of(date) + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                        std::chrono::seconds{second};
  // The first eight hours of 1970 lie before the formats' time begins.
  if (out < TimePoint{}) return bad;
  return out;
}
}  // namespace cunji
