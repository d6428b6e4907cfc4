// What document 18 makes of visits: homes, doubtful check-ins (VCO-W02, VCO-W03), the points of a
// post in a year (VCO-A06, VCO-A13).
#include <gtest/gtest.h>

#include "shared/base/calendar.h"
#include "shared/programmes/days.h"
#include "shared/programmes/distance.h"
#include "shared/programmes/village_coordinators/check_in_plausible.h"
#include "shared/programmes/village_coordinators/home_place_learned.h"
#include "shared/programmes/village_coordinators/post_year.h"

namespace cunji::village_coordinators {
namespace {
using event::Place;
using programme::Amount;
using programme::missing;
using programme::number;
using programme::Visited;

Place at(std::int32_t latitude, std::int32_t longitude, std::uint32_t accuracy = 0) {
  return {.latitude_e7 = latitude, .longitude_e7 = longitude, .accuracy_m = accuracy};
}
Date date(std::string_view text) { return *parse_date(text); }
TimePoint time(std::string_view text) { return *parse_time(text); }
Amount home(const Place& place) { return {.kind = Amount::Kind::Place, .place = place}; }
std::string said(const Amount& amount) {
  return amount.has_number() ? std::to_string(amount.number) : "missing";
}

Visited visit(std::uint32_t household, std::string_view when, std::optional<Place> place = {}) {
  static std::uint32_t event = 0;
  return {.occurred = time(when),
          .household = household,
          .event = ++event,
          .outcome = "met",
          .place = place,
          .by_coordinator = true};
}

TEST(Distance, IsAlongTheGreatCircle) {
  const Place here = at(333'000'000, 1'115'000'000);
  EXPECT_EQ(programmes::distance_mm(here, here), 0);
  // A degree of a meridian is R × π ÷ 180 = 111,195,079.73… mm.
  EXPECT_NEAR(static_cast<double>(programmes::distance_mm(at(0, 0), at(10'000'000, 0))),
              111'195'079.7, 1.0);
  EXPECT_NEAR(static_cast<double>(programmes::distance_mm(at(0, 0), at(0, 10'000'000))),
              111'195'079.7, 1.0);
  // At 60 degrees a circle of latitude is half as long; the great circle a little shorter.
  EXPECT_NEAR(
      static_cast<double>(programmes::distance_mm(at(600'000'000, 0), at(600'000'000, 10'000))),
      55'597.5, 1.0);
  EXPECT_NEAR(static_cast<double>(programmes::distance_mm(here, at(333'000'001, 1'115'000'000))),
              11.1, 1.0)
      << "a ten-millionth of a degree";
  EXPECT_EQ(programmes::distance_mm(here, at(340'000'000, 1'120'000'000)),
            programmes::distance_mm(at(340'000'000, 1'120'000'000), here));
}
TEST(Distance, GoesAcrossTheDateLineAndToTheOtherSide) {
  EXPECT_NEAR(
      static_cast<double>(programmes::distance_mm(at(0, 1'799'999'000), at(0, -1'799'999'000))),
      22'239.0, 1.0);
  const double around = 6'371'008'800.0 * 3.14159265358979;
  EXPECT_NEAR(static_cast<double>(programmes::distance_mm(at(0, 0), at(0, 900'000'000))),
              around / 2, 1'000.0);
  EXPECT_NEAR(static_cast<double>(programmes::distance_mm(at(900'000'000, 0), at(-900'000'000, 0))),
              around, 1'000.0);
}

Amount learned(const std::vector<Visited>& visits) {
  const Amount in[] = {missing()};
  return home_place_learned(in, {.on = date("2022-06-01"), .visits = visits}).at(0);
}
TEST(HomePlaceLearned, IsTheMedianOfVisitsAtHome) {
  EXPECT_EQ(learned({}).kind, Amount::Kind::Missing);
  EXPECT_EQ(learned({visit(1, "2022-01-02T09:00")}).kind, Amount::Kind::Missing);
  const Amount one =
      learned({visit(1, "2022-01-02T09:00", at(30, 70)), visit(1, "2022-02-02T09:00", at(10, 90)),
               visit(1, "2022-03-02T09:00", at(20, 80))});
  EXPECT_EQ(one.place, at(20, 80));
  const Amount lower =
      learned({visit(1, "2022-01-02T09:00", at(30, 70)), visit(1, "2022-02-02T09:00", at(10, 90))});
  EXPECT_EQ(lower.place, at(10, 70)) << "of an even number the lower middle";
  auto elsewhere = visit(1, "2022-01-02T09:00", at(1, 1));
  elsewhere.elsewhere = true;
  auto made_up = visit(1, "2022-01-03T09:00", at(2, 2));
  made_up.place->mock_location = true;
  auto not_met = visit(1, "2022-01-04T09:00", at(3, 3));
  not_met.outcome = "nobody_home";
  EXPECT_EQ(learned({elsewhere, made_up, not_met}).kind, Amount::Kind::Missing);
}

std::string judged(const std::vector<Visited>& visits, Amount town_says = missing(),
                   Amount from_visits = missing()) {
  const Amount in[] = {town_says, from_visits, missing()};
  const auto out = check_in_plausible(in, {.on = date("2022-06-30"), .visits = visits});
  EXPECT_EQ(out.size(), 3u);
  return said(out[0]) + " " + said(out[1]) + " " + said(out[2]);
}
TEST(CheckInPlausible, DistanceIsLessTheAccuracyAndOfTheTownsPlaceFirst) {
  const Place door = at(333'000'000, 1'115'000'000);
  const Place away = at(333'050'000, 1'115'000'000, 10);
  EXPECT_EQ(judged({visit(1, "2022-06-02T09:00", away)}, missing(), home(door)),
            "545975 1 missing");
  EXPECT_EQ(judged({visit(1, "2022-06-02T09:00", away)}, home(away), home(door)), "0 1 missing");
  EXPECT_EQ(judged({visit(1, "2022-06-02T09:00", away)}), "missing 1 missing");
  EXPECT_EQ(judged({visit(1, "2022-06-02T09:00")}, home(door)), "missing missing missing");
  auto field = visit(1, "2022-06-02T09:00", away);
  field.elsewhere = true;
  EXPECT_EQ(judged({field}, home(door)), "missing 1 missing");
}
TEST(CheckInPlausible, OnlyOfACoordinatorAtTheDoor) {
  const Place door = at(333'000'000, 1'115'000'000);
  const auto refused_by = [&](auto change) {
    auto one = visit(1, "2022-06-02T09:02", door);
    change(one);
    return judged({one, visit(2, "2022-06-02T09:00", door)}, home(door));
  };
  EXPECT_EQ(refused_by([](Visited&) {}), "0 2 120");
  EXPECT_EQ(refused_by([](Visited& one) { one.outcome = "refused"; }), "0 2 120");
  EXPECT_EQ(refused_by([](Visited& one) { one.outcome = "telephone"; }), "missing missing missing");
  EXPECT_EQ(refused_by([](Visited& one) { one.by_coordinator = false; }),
            "missing missing missing");
  EXPECT_EQ(refused_by([](Visited& one) { one.there = false; }), "missing missing missing");
}
TEST(CheckInPlausible, GapIsFromAnotherHouseholdOfThatDay) {
  EXPECT_EQ(judged({visit(1, "2022-06-02T09:02"), visit(1, "2022-06-02T09:01"),
                    visit(2, "2022-06-02T09:00")}),
            "missing missing 120");
  EXPECT_EQ(judged({visit(1, "2022-06-02T00:01"), visit(2, "2022-06-01T23:59")}),
            "missing missing missing");
  auto here = visit(1, "2022-06-02T09:02"), there = visit(2, "2022-06-02T09:00");
  here.building = there.building = "安置楼1号";
  EXPECT_EQ(judged({here, there}), "missing missing missing");
  there.building = "安置楼2号";
  there.event = here.event;
  EXPECT_EQ(judged({here, there}), "missing missing missing") << "one event holds both";
}
TEST(CheckInPlausible, HomesAtOnePlaceCountOnce) {
  const Place door = at(333'000'000, 1'115'000'000, 20);
  const Place near = at(333'000'900, 1'115'000'000, 5);  // 10 m.
  const Place far = at(333'003'000, 1'115'000'000, 5);   // 33 m.
  EXPECT_EQ(judged({visit(1, "2022-06-04T09:00", door), visit(2, "2022-06-03T09:00", near),
                    visit(2, "2022-06-02T09:00", near), visit(3, "2022-06-01T09:00", far)}),
            "missing 2 missing");
}

std::string points(const std::vector<programme::DutyMonth>& months, const Amount& left = missing(),
                   std::int64_t files_full = 10'000) {
  const Amount in[] = {programmes::day(date("2022-02-11")),
                       left,
                       number(0),
                       number(0),
                       number(0),
                       number(0),
                       number(4'000),
                       number(9),
                       number(10),
                       number(2'000),
                       number(8'000),
                       number(files_full),
                       number(2'000),
                       number(10'000),
                       number(10'000),
                       number(7'000),
                       number(10'000),
                       number(2'000)};
  std::string out;
  for (const Amount& each : post_year(in, {.on = date("2022-12-31"), .months = months}))
    out += (out.empty() ? "" : " ") + said(each);
  return out;
}
TEST(PostYear, CountsTheMonthsInWhichThePostWasHeld) {
  const programme::DutyMonth february{date("2022-02-10"), 50, 10}, march{date("2022-03-10"), 55, 5},
      april{date("2022-04-10"), 60, 0};
  EXPECT_EQ(points({}), "missing missing missing missing missing missing");
  EXPECT_EQ(points({february}), "missing missing missing missing missing missing")
      << "appointed the day after it was due";
  // 115 of 120 in time: 4,000 × 115 ÷ 120 = 3,833.33; 9 of 10; 80 of 100; 170 of 200.
  EXPECT_EQ(points({february, march, april}), "115 5 3833 1800 1600 1700");
  EXPECT_EQ(points({february, march, april}, programmes::day(date("2022-04-09"))),
            "55 5 3667 1800 1600 1700");
}
TEST(PostYear, WhatCannotBeJudgedGetsTheMeanOfTheOthers) {
  const programme::DutyMonth march{date("2022-03-10"), 60, 0};
  // Files were not audited: 2,000 × (4,000 + 1,800 + 1,700) ÷ (4,000 + 2,000 + 2,000) = 1,875.
  EXPECT_EQ(points({march}, missing(), 0), "60 0 4000 1800 1875 1700");
}
}  // namespace
}  // namespace cunji::village_coordinators
