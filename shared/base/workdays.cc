#include "shared/base/workdays.h"

#include <algorithm>
#include <iterator>

namespace cunji {
namespace {
// Days that are unlike their weekday; `first` to `last`, off or at work.
struct Exception {
  int year;
  unsigned first_month, first_day, last_month, last_day;
  bool work;
};
constexpr Exception kExceptions[] = {
    {2021, 1, 1, 1, 3, false},   {2021, 2, 7, 2, 7, true},    {2021, 2, 11, 2, 17, false},
    {2021, 2, 20, 2, 20, true},  {2021, 4, 3, 4, 5, false},   {2021, 4, 25, 4, 25, true},
    {2021, 5, 1, 5, 5, false},   {2021, 5, 8, 5, 8, true},    {2021, 6, 12, 6, 14, false},
    {2021, 9, 18, 9, 18, true},  {2021, 9, 19, 9, 21, false}, {2021, 9, 26, 9, 26, true},
    {2021, 10, 1, 10, 7, false}, {2021, 10, 9, 10, 9, true},  {2022, 1, 1, 1, 3, false},
    {2022, 1, 29, 1, 30, true},  {2022, 1, 31, 2, 6, false},  {2022, 4, 2, 4, 2, true},
    {2022, 4, 3, 4, 5, false},   {2022, 4, 24, 4, 24, true},  {2022, 4, 30, 5, 4, false},
    {2022, 5, 7, 5, 7, true},    {2022, 6, 3, 6, 5, false},   {2022, 9, 10, 9, 12, false},
    {2022, 10, 1, 10, 7, false}, {2022, 10, 8, 10, 9, true},  {2022, 12, 31, 12, 31, false},
    {2023, 1, 1, 1, 2, false},   {2023, 1, 21, 1, 27, false}, {2023, 1, 28, 1, 29, true},
    {2023, 4, 5, 4, 5, false},   {2023, 4, 23, 4, 23, true},  {2023, 4, 29, 5, 3, false},
    {2023, 5, 6, 5, 6, true},    {2023, 6, 22, 6, 24, false}, {2023, 6, 25, 6, 25, true},
    {2023, 9, 29, 10, 6, false}, {2023, 10, 7, 10, 8, true},
};
Date date(int year, unsigned month, unsigned day) {
  return {std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
}
}  // namespace

bool has_workdays(std::chrono::year year) {
  return std::any_of(std::begin(kExceptions), std::end(kExceptions),
                     [&](const Exception& each) { return std::chrono::year{each.year} == year; });
}

bool is_workday(Date on) {
  for (const Exception& each : kExceptions) {
    if (date(each.year, each.first_month, each.first_day) <= on &&
        on <= date(each.year, each.last_month, each.last_day))
      return each.work;
  }
  const std::chrono::weekday weekday{std::chrono::sys_days{on}};
  return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}
}  // namespace cunji
