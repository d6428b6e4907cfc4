// What document 08 calculates, by its formulas (README.md) and worked examples.
#include <gtest/gtest.h>

#include <limits>

#include "shared/programmes/days.h"
#include "shared/programmes/monitoring/elimination_from.h"
#include "shared/programmes/monitoring/income_sheet.h"
#include "shared/programmes/monitoring/lead_in_time.h"

namespace cunji::monitoring {
namespace {
using programme::Amount;
using programme::missing;
using programme::number;
using programme::unset;
using Kind = Amount::Kind;

Amount day(std::string_view text) { return programmes::day(*parse_date(text)); }
Amount word(std::string_view text) { return {.kind = Kind::Word, .word = text}; }
constexpr Date kAnyDay{std::chrono::year{2022}, std::chrono::June, std::chrono::day{1}};

std::string said(const Amount& amount) {
  switch (amount.kind) {
    case Kind::Missing: return "missing";
    case Kind::Unset: return "UNSET";
    case Kind::Number: return std::to_string(amount.number);
    case Kind::Yes: return amount.number != 0 ? "yes" : "no";
    case Kind::Date: return format_date(*programmes::day_of(amount));
    case Kind::Word:
    case Kind::Place: break;
  }
  return "?";
}

// A sheet in fen; what a test is about is changed.
struct Sheet {
  Amount wage = number(0), production = number(0), cost = number(0), property = number(0),
         transfer = number(0);
  Amount medical = number(0), school = number(0), disaster = number(0), accident = number(0);
  Amount members = number(1), before = missing(), members_before = missing();
  Amount reference = number(690'000), drop = number(2'000);
};
struct Income {
  std::string screening, per_capita, rigid, after_rigid, below, fallen;
  bool operator==(const Income&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Income& income) {
  return out << income.screening << " " << income.per_capita << " " << income.rigid << " "
             << income.after_rigid << " " << income.below << " " << income.fallen;
}
const Income kNothing{"missing", "missing", "missing", "missing", "missing", "missing"};

Income income(const Sheet& s) {
  const Amount in[] = {s.wage,    s.production,     s.cost,      s.property, s.transfer,
                       s.medical, s.school,         s.disaster,  s.accident, s.members,
                       s.before,  s.members_before, s.reference, s.drop};
  const auto out = income_sheet(in, kAnyDay);
  EXPECT_EQ(out.size(), 6u);
  return {said(out[0]), said(out[1]), said(out[2]), said(out[3]), said(out[4]), said(out[5])};
}

TEST(IncomeSheet, AddsUpIncomeLessCostAndKeepsRigidExpenseApart) {
  EXPECT_EQ(income({.wage = number(1'000'000),
                    .production = number(500'000),
                    .cost = number(200'000),
                    .property = number(30'000),
                    .transfer = number(4'000),
                    .medical = number(100'000),
                    .school = number(20'000),
                    .disaster = number(3'000),
                    .accident = number(400),
                    .members = number(3)}),
            (Income{"1334000", "444667", "123400", "1210600", "yes", "no"}));
}

// GEN-05, GEN-06: a fen less than the reference line is below, though both show as 6,900.00.
TEST(IncomeSheet, MonX04TellsAFenFromTheReferenceLine) {
  EXPECT_EQ(income({.wage = number(3'450'000), .members = number(5)}),
            (Income{"3450000", "690000", "0", "3450000", "no", "no"}));
  EXPECT_EQ(income({.wage = number(3'449'999), .members = number(5)}),
            (Income{"3449999", "690000", "0", "3449999", "yes", "no"}));
}

TEST(IncomeSheet, ShowsHalvesUpward) {
  EXPECT_EQ(income({.wage = number(5), .members = number(2)}).per_capita, "3");
  EXPECT_EQ(income({.wage = number(4), .members = number(3)}).per_capita, "1");
  EXPECT_EQ(income({.wage = number(5), .members = number(3)}).per_capita, "2");
  // More cost than income.
  EXPECT_EQ(income({.cost = number(5), .members = number(2)}).per_capita, "-2");
  EXPECT_EQ(income({.cost = number(5), .members = number(3)}).per_capita, "-2");
  EXPECT_EQ(income({.cost = number(5), .members = number(3)}).below, "yes");
}

TEST(IncomeSheet, CountsAsAWholeOrNotAtAll) {
  Amount Sheet::* const parts[] = {
      &Sheet::wage,    &Sheet::production, &Sheet::cost,     &Sheet::property, &Sheet::transfer,
      &Sheet::medical, &Sheet::school,     &Sheet::disaster, &Sheet::accident, &Sheet::members};
  for (const auto part : parts) {
    Sheet sheet{.wage = number(100)};
    sheet.*part = missing();
    EXPECT_EQ(income(sheet), kNothing);
  }
  EXPECT_EQ(income({.wage = number(100), .members = number(0)}), kNothing);
  EXPECT_EQ(income({.wage = number(100), .members = number(-1)}), kNothing);
}

// MON-W11: by more than 20 % per head.
TEST(IncomeSheet, HasFallenOnlyByMoreThanTheLimit) {
  const auto fallen = [](Amount now, Amount members, Amount before, Amount members_before) {
    return income({.wage = now,
                   .members = members,
                   .before = before,
                   .members_before = members_before})
        .fallen;
  };
  EXPECT_EQ(fallen(number(800'000), number(1), number(1'000'000), number(1)), "no");
  EXPECT_EQ(fallen(number(799'999), number(1), number(1'000'000), number(1)), "yes");
  // The same income for one head more: 10,000.00 each became 7,500.00.
  EXPECT_EQ(fallen(number(3'000'000), number(4), number(3'000'000), number(3)), "yes");
  EXPECT_EQ(fallen(number(3'200'000), number(4), number(3'000'000), number(3)), "no");
  // Less income, yet more for each who is left.
  EXPECT_EQ(fallen(number(700'000), number(1), number(1'000'000), number(2)), "no");
  for (const Amount& before : {missing(), number(0), number(-5)})
    EXPECT_EQ(fallen(number(1), number(1), before, number(1)), "no");
  for (const Amount& members_before : {missing(), number(0)})
    EXPECT_EQ(fallen(number(1), number(1), number(1'000'000), members_before), "no");
}

TEST(IncomeSheet, CannotBeJudgedByAParameterWithoutValue) {
  const Sheet sheet{.wage = number(5),
                    .before = number(9),
                    .members_before = number(1),
                    .reference = unset(),
                    .drop = unset()};
  EXPECT_EQ(income(sheet), (Income{"5", "5", "0", "5", "UNSET", "UNSET"}));
  // Nothing to judge: no parameter is asked for.
  EXPECT_EQ(income({.wage = missing(), .reference = unset(), .drop = unset()}), kNothing);
  EXPECT_EQ(income({.wage = number(5), .drop = unset()}).fallen, "no");
}

TEST(IncomeSheet, WhatDoesNotFitIsMissing) {
  const Amount most = number(std::numeric_limits<std::int64_t>::max());
  const Amount least = number(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(income({.wage = most, .property = most}), kNothing);
  EXPECT_EQ(income({.cost = least}), kNothing);
  EXPECT_EQ(income({.wage = number(1), .medical = most, .members = most}),
            (Income{"1", "0", said(most), said(number(1 - most.number)), "missing", "no"}));
  EXPECT_EQ(income({.wage = least}).after_rigid, said(least));
  EXPECT_EQ(income({.wage = least, .medical = number(1)}).after_rigid, "missing");
  EXPECT_EQ(income({.wage = most, .before = most, .members_before = most}).fallen, "missing");
}

std::string from(Amount measure, Amount help, Amount months, Amount counts_from) {
  const Amount in[] = {measure, help, months, counts_from};
  const auto out = elimination_from(in, kAnyDay);
  EXPECT_EQ(out.size(), 1u);
  return said(out[0]);
}
std::string from(std::string_view measure) {
  return from(day(measure), missing(), number(4), word("new_spell"));
}

// MON-A03, GEN-13: "超过四个月" is strict, and a month's end is clamped.
TEST(EliminationFrom, MonX02ExactlyFourMonthsAreTooEarly) {
  EXPECT_EQ(from("2022-05-05"), "2022-09-06");
}
TEST(EliminationFrom, MonX03ClampsToTheMonthsEnd) {
  EXPECT_EQ(from("2022-10-31"), "2023-03-01");
  EXPECT_EQ(from("2022-10-28"), "2023-03-01");
  EXPECT_EQ(from("2022-10-27"), "2023-02-28");
  EXPECT_EQ(from("2023-10-31"), "2024-03-01") << "29 February is in between";
  EXPECT_EQ(from("2023-10-28"), "2024-02-29");
  EXPECT_EQ(from("2022-08-31"), "2023-01-01");
}

// MON-A17.
TEST(EliminationFrom, CountsTheSpellThatTheCountyChose) {
  const Amount spell = day("2022-05-05"), first = day("2021-01-10"), four = number(4);
  EXPECT_EQ(from(spell, first, four, word("new_spell")), "2022-09-06");
  EXPECT_EQ(from(spell, first, four, word("first_spell")), "2021-05-11");
  EXPECT_EQ(from(spell, missing(), four, word("first_spell")), "missing");
  EXPECT_EQ(from(missing(), first, four, word("new_spell")), "missing");
  EXPECT_EQ(from(spell, first, four, word("some_spell")), "missing");
  EXPECT_EQ(from(spell, first, four, missing()), "missing");
  EXPECT_EQ(from(spell, first, four, unset()), "UNSET");
}

TEST(EliminationFrom, TakesOnlyMonthsThatMakeSense) {
  const auto months = [](Amount count) {
    return from(day("2022-05-05"), missing(), count, word("new_spell"));
  };
  EXPECT_EQ(months(number(0)), "2022-05-06");
  EXPECT_EQ(months(number(1'200)), "2122-05-06");
  for (const std::int64_t count :
       {std::int64_t{-1}, std::int64_t{1'201}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()})
    EXPECT_EQ(months(number(count)), "missing");
  EXPECT_EQ(months(unset()), "UNSET");
  EXPECT_EQ(months(missing()), "missing");
  EXPECT_EQ(from(missing(), missing(), unset(), word("new_spell")), "missing")
      << "without help there is nothing to judge";
  const Amount no_day{.kind = Kind::Date, .number = std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(from(no_day, missing(), number(4), word("new_spell")), "missing");
}

std::string in_time(Amount arrived, Amount verified, Amount last) {
  const Amount in[] = {arrived, verified, last};
  const auto out = lead_in_time(in, kAnyDay);
  EXPECT_EQ(out.size(), 1u);
  return said(out[0]);
}

// MON-R16, MON-A02, GEN-02: by the 10th, the 10th included.
TEST(LeadInTime, IsDueOnTheNextTenthAfterItCame) {
  const auto tenth = [](std::string_view arrived, std::string_view verified) {
    return in_time(day(arrived), day(verified), number(10));
  };
  EXPECT_EQ(tenth("2022-04-03", "2022-04-10"), "yes");
  EXPECT_EQ(tenth("2022-04-03", "2022-04-11"), "no");
  EXPECT_EQ(tenth("2022-04-10", "2022-04-10"), "yes") << "it came on the day itself";
  EXPECT_EQ(tenth("2022-04-10", "2022-04-11"), "no");
  EXPECT_EQ(tenth("2022-04-11", "2022-05-10"), "yes");
  EXPECT_EQ(tenth("2022-04-11", "2022-05-11"), "no");
  EXPECT_EQ(tenth("2022-12-31", "2023-01-10"), "yes");
  EXPECT_EQ(tenth("2022-04-03", "2022-03-20"), "yes") << "the visit that found it";
}
// MON-X05: found after the cycle's days, it belongs to the next month's.
TEST(LeadInTime, MonX05BelongsToTheNextMonth) {
  EXPECT_EQ(in_time(day("2022-04-19"), day("2022-05-10"), number(10)), "yes");
  EXPECT_EQ(in_time(day("2022-04-19"), day("2022-05-11"), number(10)), "no");
}
TEST(LeadInTime, ADayThatAMonthLacksIsItsLast) {
  EXPECT_EQ(in_time(day("2022-02-10"), day("2022-02-28"), number(31)), "yes");
  EXPECT_EQ(in_time(day("2022-02-10"), day("2022-03-01"), number(31)), "no");
  EXPECT_EQ(in_time(day("2022-01-31"), day("2022-02-28"), number(30)), "yes");
}
TEST(LeadInTime, IsNotJudgedBeforeBothDaysAreThere) {
  const Amount one = day("2022-04-03");
  EXPECT_EQ(in_time(missing(), one, number(10)), "missing");
  EXPECT_EQ(in_time(one, missing(), number(10)), "missing");
  EXPECT_EQ(in_time(one, missing(), unset()), "missing");
  EXPECT_EQ(in_time(one, one, unset()), "UNSET");
  for (const std::int64_t last : {0, 32, -1}) EXPECT_EQ(in_time(one, one, number(last)), "missing");
  EXPECT_EQ(in_time(number(19'000), one, number(10)), "missing") << "a number is no day";
}
}  // namespace
}  // namespace cunji::monitoring
