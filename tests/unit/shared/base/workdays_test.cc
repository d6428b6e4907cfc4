// Working days by the national calendar (GEN-04): holidays are off on weekdays, make-up days are at
// work on weekends.
#include "shared/base/workdays.h"

#include <gtest/gtest.h>

namespace cunji {
namespace {
bool works(std::string_view day) { return is_workday(*parse_date(day)); }

TEST(Workdays, AreMondayToFriday) {
  EXPECT_FALSE(works("2022-03-06")) << "Sunday";
  for (const char* day : {"2022-03-07", "2022-03-08", "2022-03-09", "2022-03-10", "2022-03-11"})
    EXPECT_TRUE(works(day)) << day;
  EXPECT_FALSE(works("2022-03-12")) << "Saturday";
}

// Of the State Council's notice for 2022: 31 January to 6 February off; 29 and 30 January at work.
TEST(Workdays, SpringFestival2022) {
  EXPECT_TRUE(works("2022-01-28"));
  EXPECT_TRUE(works("2022-01-29")) << "a Saturday, made up for";
  EXPECT_TRUE(works("2022-01-30")) << "a Sunday, made up for";
  for (const char* day : {"2022-01-31", "2022-02-01", "2022-02-02", "2022-02-03", "2022-02-04",
                          "2022-02-05", "2022-02-06"})
    EXPECT_FALSE(works(day)) << day;
  EXPECT_TRUE(works("2022-02-07"));
}

TEST(Workdays, TheOtherHolidaysOf2022) {
  const char* const off[] = {"2022-01-03", "2022-04-04", "2022-04-05", "2022-05-02", "2022-05-03",
                             "2022-05-04", "2022-06-03", "2022-09-12", "2022-10-03", "2022-10-07"};
  for (const char* day : off) EXPECT_FALSE(works(day)) << day;
  const char* const on[] = {"2022-01-04", "2022-04-02", "2022-04-06", "2022-04-24", "2022-04-29",
                            "2022-05-05", "2022-05-07", "2022-06-02", "2022-06-06", "2022-09-09",
                            "2022-09-13", "2022-09-30", "2022-10-08", "2022-10-09", "2022-10-10"};
  for (const char* day : on) EXPECT_TRUE(works(day)) << day;
}

// Counted over the years, as the notices add up.
TEST(Workdays, AreAsManyAsTheNoticesSay) {
  const auto in_year = [](int year) {
    int count = 0;
    for (Date day{std::chrono::year{year}, std::chrono::January, std::chrono::day{1}};
         day.year() == std::chrono::year{year}; day = next_day(day))
      count += is_workday(day) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(in_year(2021), 250);
  EXPECT_EQ(in_year(2022), 249);
  EXPECT_EQ(in_year(2023), 249);
}

TEST(Workdays, SayWhereTheyAreAGuess) {
  for (const int year : {2021, 2022, 2023}) EXPECT_TRUE(has_workdays(std::chrono::year{year}));
  for (const int year : {2020, 2024, 1970}) EXPECT_FALSE(has_workdays(std::chrono::year{year}));
  EXPECT_TRUE(works("2024-10-01")) << "a Tuesday: no table, so it counts as one";
  EXPECT_FALSE(works("2024-10-05"));
}
}  // namespace
}  // namespace cunji
