// Distances and periods in the county's calendar.
#include "shared/programme/periods.h"

#include <gtest/gtest.h>

namespace cunji::programme {
namespace {
Date date(std::string_view text) { return *parse_date(text); }
std::string plus(std::string_view from, std::int64_t count, Unit unit) {
  return format_date(plus(date(from), count, unit));
}
std::int64_t elapsed(std::string_view from, std::string_view to, Unit unit) {
  return elapsed(date(from), date(to), unit);
}
std::string span(Period period, std::string_view on) {
  const Span out = span_of(period, date(on));
  return format_date(out.first) + " " + format_date(out.last);
}

// GEN-02: "10日前" includes the 10th and ends at 24:00 of it in UTC+8; no shift for a day off.
TEST(Periods, Gen02ADeadlineIncludesItsDay) {
  const Date due = day_in(month_of(date("2022-04-03")), 10);  // A Sunday.
  EXPECT_EQ(format_date(due), "2022-04-10");
  const TimePoint end = start_of(next_day(due));
  EXPECT_EQ(date_of(end - Duration{1}), due) << "23:59:59.999";
  EXPECT_EQ(format_date(date_of(end)), "2022-04-11");
  EXPECT_EQ(format_time(end), "2022-04-11 00:00:00");
  EXPECT_EQ(end.time_since_epoch().count() % 86'400'000, 57'600'000) << "16:00 UTC";
}

// GEN-04: the day of receipt is not counted, public holidays are not, make-up days are.
TEST(Periods, Gen04CountsWorkingDaysByTheNationalCalendar) {
  EXPECT_EQ(plus("2022-03-07", 3, Unit::WorkingDays), "2022-03-10");
  EXPECT_EQ(plus("2022-03-11", 1, Unit::WorkingDays), "2022-03-14") << "over a weekend";
  EXPECT_EQ(plus("2022-03-12", 1, Unit::WorkingDays), "2022-03-14") << "received on a Saturday";
  // Spring Festival 2022: at work on the weekend before, then off for a week.
  EXPECT_EQ(plus("2022-01-28", 1, Unit::WorkingDays), "2022-01-29");
  EXPECT_EQ(plus("2022-01-28", 2, Unit::WorkingDays), "2022-01-30");
  EXPECT_EQ(plus("2022-01-28", 3, Unit::WorkingDays), "2022-02-07");
  EXPECT_EQ(plus("2022-02-03", 5, Unit::WorkingDays), "2022-02-11")
      << "received during the holiday";
  EXPECT_EQ(plus("2022-02-07", -1, Unit::WorkingDays), "2022-01-30");
  EXPECT_EQ(plus("2022-02-07", -3, Unit::WorkingDays), "2022-01-28");
  EXPECT_EQ(plus("2022-02-07", 0, Unit::WorkingDays), "2022-02-07");
  EXPECT_EQ(elapsed("2022-01-28", "2022-02-07", Unit::WorkingDays), 3);
  EXPECT_EQ(elapsed("2022-01-31", "2022-02-06", Unit::WorkingDays), 0);
  EXPECT_EQ(elapsed("2022-09-30", "2022-10-09", Unit::WorkingDays), 2) << "8 and 9 October";
}

TEST(Periods, WorkingDaysAgreeWithThemselves) {
  for (Date from = date("2022-01-01"); from < date("2022-12-01"); from = next_day(from)) {
    for (const std::int64_t count : {1, 3, 5, 15})
      ASSERT_EQ(elapsed(from, plus(from, count, Unit::WorkingDays), Unit::WorkingDays), count)
          << format_date(from);
  }
}

// GEN-10: 1 October to 30 September, by the year in which it ends.
TEST(Periods, Gen10ThePovertyYearBeginsInOctober) {
  EXPECT_EQ(span(Period::PovertyYear, "2022-09-30"), "2021-10-01 2022-09-30");
  EXPECT_EQ(span(Period::PovertyYear, "2022-10-01"), "2022-10-01 2023-09-30");
  EXPECT_EQ(key_of(Period::PovertyYear, date("2022-09-30")), "PY2022");
  EXPECT_EQ(key_of(Period::PovertyYear, date("2022-10-01")), "PY2023");
  EXPECT_EQ(key_of(Period::Year, date("2022-10-01")), "2022") << "年底 stays the calendar's";
}

// GEN-13: the day's number stays, or becomes the month's last.
TEST(Periods, Gen13MonthsClampToTheirEnd) {
  EXPECT_EQ(plus("2022-05-05", 4, Unit::Months), "2022-09-05");
  EXPECT_EQ(plus("2022-10-31", 4, Unit::Months), "2023-02-28");
  EXPECT_EQ(plus("2023-10-31", 4, Unit::Months), "2024-02-29");
  EXPECT_EQ(plus("2022-01-31", 1, Unit::Months), "2022-02-28");
  EXPECT_EQ(plus("2022-02-28", 1, Unit::Months), "2022-03-28") << "it does not stay at the end";
  EXPECT_EQ(plus("2022-12-31", 2, Unit::Months), "2023-02-28");
  EXPECT_EQ(plus("2022-03-31", -1, Unit::Months), "2022-02-28");
  EXPECT_EQ(plus("2022-01-15", -1, Unit::Months), "2021-12-15");
  EXPECT_EQ(plus("2024-02-29", 1, Unit::Years), "2025-02-28");
  EXPECT_EQ(plus("2024-02-29", 4, Unit::Years), "2028-02-29");
}

// GEN-13: "超过四个月" is strict: on the day itself four months are over, and not exceeded.
TEST(Periods, Gen13MoreThanFourMonthsIsStrict) {
  const auto is_over = [](std::string_view from, std::string_view on) {
    return date(on) > plus(date(from), 4, Unit::Months);
  };
  EXPECT_FALSE(is_over("2022-05-05", "2022-09-05"));
  EXPECT_TRUE(is_over("2022-05-05", "2022-09-06"));
  EXPECT_FALSE(is_over("2022-10-31", "2023-02-28"));
  EXPECT_TRUE(is_over("2022-10-31", "2023-03-01"));
  EXPECT_EQ(elapsed("2022-05-05", "2022-09-05", Unit::Months), 4);
  EXPECT_EQ(elapsed("2022-05-05", "2022-09-04", Unit::Months), 3);
  EXPECT_EQ(elapsed("2022-10-31", "2023-02-28", Unit::Months), 4);
  EXPECT_EQ(elapsed("2022-10-31", "2023-02-27", Unit::Months), 3);
}

// GEN-17: age is in full years on the stated date.
TEST(Periods, Gen17AgeIsInFullYears) {
  const auto age = [](int year, unsigned month, unsigned day, std::string_view on) {
    const Date born{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
    return elapsed(born, date(on), Unit::Years);
  };
  EXPECT_EQ(age(1962, 3, 15, "2022-03-14"), 59);
  EXPECT_EQ(age(1962, 3, 15, "2022-03-15"), 60);
  EXPECT_EQ(age(2022, 3, 15, "2022-03-15"), 0);
  EXPECT_EQ(age(1964, 2, 29, "2022-02-27"), 57);
  EXPECT_EQ(age(1964, 2, 29, "2022-02-28"), 58) << "clamped, as all months are";
  EXPECT_EQ(age(1964, 2, 29, "2024-02-28"), 59);
  EXPECT_EQ(age(1964, 2, 29, "2024-02-29"), 60);
  EXPECT_EQ(age(1958, 12, 31, "2022-12-30"), 63);
}

TEST(Periods, CountBothWays) {
  EXPECT_EQ(plus("2022-02-27", 2, Unit::Days), "2022-03-01");
  EXPECT_EQ(plus("2022-03-01", -1, Unit::None), "2022-02-28")
      << "calendar days, if nothing is said";
  EXPECT_EQ(elapsed("2022-02-27", "2022-03-01", Unit::Days), 2);
  EXPECT_EQ(elapsed("2022-03-01", "2022-02-27", Unit::Days), -2);
  EXPECT_EQ(elapsed("2022-09-05", "2022-05-05", Unit::Months), -4);
  EXPECT_EQ(elapsed("2022-09-04", "2022-05-05", Unit::Months), -3);
}

TEST(Periods, HoldADayFromFirstToLast) {
  EXPECT_EQ(span(Period::None, "2022-05-20"), "2022-05-20 2022-05-20");
  EXPECT_EQ(span(Period::Day, "2022-05-20"), "2022-05-20 2022-05-20");
  EXPECT_EQ(span(Period::Month, "2024-02-10"), "2024-02-01 2024-02-29");
  EXPECT_EQ(span(Period::Quarter, "2022-05-20"), "2022-04-01 2022-06-30");
  EXPECT_EQ(span(Period::Quarter, "2022-12-31"), "2022-10-01 2022-12-31");
  EXPECT_EQ(span(Period::Half, "2022-06-30"), "2022-01-01 2022-06-30");
  EXPECT_EQ(span(Period::Half, "2022-07-01"), "2022-07-01 2022-12-31");
  EXPECT_EQ(span(Period::Semester, "2022-01-31"), "2021-08-01 2022-01-31");
  EXPECT_EQ(span(Period::Semester, "2022-02-01"), "2022-02-01 2022-07-31");
  EXPECT_EQ(span(Period::Year, "2022-05-20"), "2022-01-01 2022-12-31");
  EXPECT_EQ(span(Period::SchoolYear, "2022-08-31"), "2021-09-01 2022-08-31");
}

TEST(Periods, HaveAKeyEach) {
  const auto key = [](Period period, std::string_view on) { return key_of(period, date(on)); };
  EXPECT_EQ(key(Period::None, "2022-05-20"), "");
  EXPECT_EQ(key(Period::Day, "2022-05-20"), "2022-05-20");
  EXPECT_EQ(key(Period::Month, "2022-05-20"), "2022-05");
  EXPECT_EQ(key(Period::Quarter, "2022-03-31"), "2022-Q1");
  EXPECT_EQ(key(Period::Quarter, "2022-12-31"), "2022-Q4");
  EXPECT_EQ(key(Period::Half, "2022-06-30"), "2022-H1");
  EXPECT_EQ(key(Period::Half, "2022-07-01"), "2022-H2");
  EXPECT_EQ(key(Period::Semester, "2022-07-31"), "2022-S1");
  EXPECT_EQ(key(Period::Semester, "2023-01-31"), "2022-S2");
  EXPECT_EQ(key(Period::SchoolYear, "2022-08-31"), "SY2021");
}

TEST(Periods, AreShiftedByWholeOnes) {
  const auto back = [](Period period, std::string_view on, std::int64_t count) {
    return format_date(shifted(period, date(on), count));
  };
  EXPECT_EQ(back(Period::Month, "2022-03-31", -1), "2022-02-01");
  EXPECT_EQ(back(Period::Month, "2022-01-31", -1), "2021-12-01");
  EXPECT_EQ(back(Period::Quarter, "2022-05-20", 1), "2022-07-01");
  EXPECT_EQ(back(Period::PovertyYear, "2022-05-20", -1), "2020-10-01");
  EXPECT_EQ(back(Period::Semester, "2022-01-10", 1), "2022-02-01");
  EXPECT_EQ(back(Period::Day, "2022-03-01", -1), "2022-02-28");
  EXPECT_EQ(back(Period::None, "2022-03-01", -1), "2022-03-01");
}

TEST(Periods, HaveTheDayThatTheirMonthHas) {
  const Month february{std::chrono::year{2022}, std::chrono::February};
  EXPECT_EQ(format_date(day_in(february, 10)), "2022-02-10");
  EXPECT_EQ(format_date(day_in(february, 31)), "2022-02-28");
  EXPECT_EQ(format_date(day_in(february + std::chrono::years{2}, 31)), "2024-02-29");
}
}  // namespace
}  // namespace cunji::programme
