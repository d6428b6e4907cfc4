// What document 18 calculates, by its formulas (README.md). Points are hundredths.
#include <gtest/gtest.h>

#include <limits>

#include "shared/programmes/days.h"
#include "shared/programmes/village_coordinators/coordinator_year.h"
#include "shared/programmes/village_coordinators/file_score.h"
#include "shared/programmes/village_coordinators/town_mean_score.h"

namespace cunji::village_coordinators {
namespace {
using programme::Amount;
using programme::missing;
using programme::number;
using programme::unset;
using Kind = Amount::Kind;

Date date(std::string_view text) { return *parse_date(text); }
Amount day(std::string_view text) { return programmes::day(date(text)); }
Amount word(std::string_view text) { return {.kind = Kind::Word, .word = text}; }
const Amount kMost = number(std::numeric_limits<std::int64_t>::max());

std::string said(const Amount& amount) {
  if (amount.kind == Kind::Missing) return "missing";
  if (amount.kind == Kind::Unset) return "UNSET";
  return amount.has_number() ? std::to_string(amount.number) : "?";
}

std::string score(Amount items, Amount present, Amount complete, Amount updated, Amount correct,
                  Amount full = number(10'000)) {
  const Amount in[] = {items, present, complete, updated, correct, full};
  const auto out = file_score(in, {});
  EXPECT_EQ(out.size(), 1u);
  return said(out[0]);
}

TEST(FileScore, IsTheShareOfMarks) {
  EXPECT_EQ(score(number(10), number(10), number(10), number(10), number(10)), "10000");
  EXPECT_EQ(score(number(10), number(8), number(8), number(8), number(8)), "8000");
  EXPECT_EQ(score(number(10), number(0), number(0), number(0), number(0)), "0");
  // 31 of 40 marks: 77.50, below the 80 of VCO-W09.
  EXPECT_EQ(score(number(10), number(9), number(8), number(7), number(7)), "7750");
  EXPECT_EQ(score(number(3), number(1), number(0), number(0), number(0)), "833") << "8.333…";
  EXPECT_EQ(score(number(3), number(1), number(1), number(0), number(0)), "1667") << "16.666…";
  EXPECT_EQ(score(number(2), number(1), number(0), number(0), number(0), number(100)), "13")
      << "a half goes up";
}
TEST(FileScore, IsMissingOrNotJudged) {
  EXPECT_EQ(score(number(0), number(0), number(0), number(0), number(0)), "missing");
  EXPECT_EQ(score(missing(), number(1), number(1), number(1), number(1)), "missing");
  EXPECT_EQ(score(number(1), number(1), number(1), number(1), number(1), unset()), "UNSET");
  EXPECT_EQ(score(kMost, number(1), number(1), number(1), number(1)), "missing");
  EXPECT_EQ(score(number(1), kMost, number(1), number(1), number(1)), "missing");
}

std::string mean(Amount sum, Amount scored) {
  const Amount in[] = {sum, scored};
  const auto out = town_mean_score(in, {});
  EXPECT_EQ(out.size(), 1u);
  return said(out[0]);
}
TEST(TownMeanScore, IsRoundedHalfUp) {
  EXPECT_EQ(mean(number(17'001), number(2)), "8501");
  EXPECT_EQ(mean(number(25'000), number(3)), "8333");
  EXPECT_EQ(mean(number(26'000), number(3)), "8667");
  EXPECT_EQ(mean(number(0), number(3)), "0");
  EXPECT_EQ(mean(kMost, number(1)), said(kMost));
}
TEST(TownMeanScore, IsMissingWhereNobodyHasAScore) {
  EXPECT_EQ(mean(number(0), number(0)), "missing");
  EXPECT_EQ(mean(missing(), number(3)), "missing");
  EXPECT_EQ(mean(number(9), unset()), "UNSET");
}

struct Year {
  Amount posts = number(1), held = number(1), appointed = day("2021-03-01"), left = missing();
  Amount check_in = number(4'000), quality = number(2'000), files = number(2'000),
         training = number(2'000);
  Amount two_villages = word("average");
};
std::vector<std::string> year(const Year& y, std::string_view on = "2022-12-31") {
  const Amount in[] = {y.posts,   y.held,  y.appointed, y.left,        y.check_in,
                       y.quality, y.files, y.training,  y.two_villages};
  std::vector<std::string> out;
  for (const Amount& each : coordinator_year(in, date(on))) out.push_back(said(each));
  return out;
}
using Said = std::vector<std::string>;

// VCO-A13.
TEST(CoordinatorYear, IsTheMeanOfThePosts) {
  EXPECT_EQ(year({}), (Said{"4000", "2000", "2000", "2000", "12"}));
  EXPECT_EQ(year({.posts = number(2),
                  .check_in = number(7'001),
                  .quality = number(3'998),
                  .files = number(1),
                  .training = number(0)}),
            (Said{"3501", "1999", "1", "0", "12"}));
}
TEST(CoordinatorYear, IsMissingOrNotJudged) {
  EXPECT_EQ(year({.posts = number(0)}), (Said{"missing", "missing", "missing", "missing", "12"}));
  EXPECT_EQ(year({.quality = missing(), .files = kMost}),
            (Said{"4000", "missing", said(kMost), "2000", "12"}));
  EXPECT_EQ(year({.two_villages = unset()}), (Said{"UNSET", "UNSET", "UNSET", "UNSET", "12"}));
  EXPECT_EQ(year({.two_villages = word("other")}),
            (Said{"missing", "missing", "missing", "missing", "12"}));
}

// Full months of the year up to the day (GEN-13); the last day of service is one of them.
TEST(CoordinatorYear, CountsFullMonthsOfService) {
  const auto months = [](const Year& y, std::string_view on) { return year(y, on)[4]; };
  EXPECT_EQ(months({}, "2022-06-29"), "5");
  EXPECT_EQ(months({}, "2022-06-30"), "6") << "ranked from six months on";
  EXPECT_EQ(months({.appointed = day("2022-07-01")}, "2022-12-30"), "5");
  EXPECT_EQ(months({.appointed = day("2022-07-01")}, "2022-12-31"), "6");
  EXPECT_EQ(months({.appointed = day("2022-07-02")}, "2022-12-31"), "5");
  EXPECT_EQ(months({.appointed = day("2022-08-31")}, "2022-09-29"), "1")
      << "30 September, where the month has no 31st";
  EXPECT_EQ(months({.appointed = day("2022-12-01")}, "2022-06-30"), "0") << "not yet";
}
TEST(CoordinatorYear, EndsServiceOnTheLastDayWhereNoPostIsHeld) {
  const auto months = [](const Year& y, std::string_view on) { return year(y, on)[4]; };
  EXPECT_EQ(months({.held = number(0), .left = day("2022-06-30")}, "2022-12-31"), "6");
  EXPECT_EQ(months({.held = number(0), .left = day("2022-06-29")}, "2022-12-31"), "5");
  EXPECT_EQ(months({.held = number(0), .left = day("2021-06-29")}, "2022-12-31"), "0");
  EXPECT_EQ(months({.held = number(0), .left = day("2022-09-30")}, "2022-03-31"), "3")
      << "what has not happened yet does not count";
  EXPECT_EQ(months({.held = number(1), .left = day("2022-06-30")}, "2022-12-31"), "12")
      << "another post is held";
  EXPECT_EQ(months({.held = number(0)}, "2022-12-31"), "missing");
  EXPECT_EQ(months({.held = missing()}, "2022-12-31"), "missing");
  EXPECT_EQ(months({.appointed = missing()}, "2022-12-31"), "missing");
}
}  // namespace
}  // namespace cunji::village_coordinators
