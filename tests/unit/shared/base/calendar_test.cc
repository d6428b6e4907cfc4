#include "shared/base/calendar.h"

#include <gtest/gtest.h>

namespace cunji {
using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

TEST(Calendar, ADayRunsFromMidnightToMidnightInTheCounty) {
  const Date tenth{year{2022}, month{2}, day{10}};
  const TimePoint start = start_of(tenth);
  EXPECT_EQ(to_millis(start), 1'644'422'400'000U) << "2022-02-09T16:00:00Z";
  EXPECT_EQ(date_of(start), tenth);
  EXPECT_EQ(date_of(start - Duration{1}), (Date{year{2022}, month{2}, day{9}}));
  EXPECT_EQ(date_of(start_of(next_day(tenth)) - Duration{1}), tenth);
  EXPECT_EQ(month_of(tenth), (Month{year{2022}, month{2}}));
}

TEST(Calendar, NextDayCrossesMonthsYearsAndLeapDays) {
  const std::pair<const char*, const char*> cases[] = {{"2022-02-28", "2022-03-01"},
                                                       {"2024-02-28", "2024-02-29"},
                                                       {"2024-02-29", "2024-03-01"},
                                                       {"2022-12-31", "2023-01-01"}};
  for (const auto& [from, to] : cases)
    EXPECT_EQ(format_date(next_day(parse_date(from).value())), to);
}

TEST(ParseDate, TakesOneSpellingOnly) {
  EXPECT_EQ(format_date(parse_date("2022-02-10").value()), "2022-02-10");
  EXPECT_EQ(format_date(parse_date("9999-12-31").value()), "9999-12-31");
  EXPECT_EQ(format_date(parse_date("1900-01-01").value()), "1900-01-01");  // A birthday.
  for (const char* text : {"", "2022-2-10", "2022-02-30", "2022-13-01", "2022-00-10", "2022-01-00",
                           "2023-02-29", "1899-12-31", "2022/02/10", "2022-02-10 ", " 2022-02-10",
                           "+022-02-10", "2022-02-1x", "10000-01-01"}) {
    const auto out = parse_date(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
}

TEST(ParseTime, ReadsLocalTimeToTheSecond) {
  EXPECT_EQ(to_millis(parse_time("2022-02-10T08:15").value()), 1'644'452'100'000U);
  EXPECT_EQ(parse_time("2022-02-10 08:15:00").value(), parse_time("2022-02-10T08:15").value());
  EXPECT_EQ(format_time(parse_time("2022-02-10T23:59:59").value()), "2022-02-10 23:59:59");
  EXPECT_EQ(to_millis(parse_time("1970-01-01T08:00").value()), 0U);
}

TEST(ParseTime, RefusesWhatIsNoTimeOfTheFormats) {
  for (const char* text :
       {"", "2022-02-10", "2022-02-10T24:00", "2022-02-10T08:60", "2022-02-10T08:15:60",
        "2022-02-10x08:15", "2022-02-10T08-15", "2022-02-10T08:15:0", "2022-02-30T08:15",
        "2022-02-10T8:15:00",
        // Before 1970 in UTC: as an unsigned number it would be far beyond any time.
        "1970-01-01T07:59"}) {
    const auto out = parse_time(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
}

TEST(FormatTime, HoldsForTheLastTimeOfTheFormats) {
  EXPECT_EQ(format_time(from_millis(kTimeMillisMax)), "10000-01-01 07:59:59");
}
}  // namespace cunji
