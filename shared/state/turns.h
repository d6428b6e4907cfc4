#pragma once
// When something may turn: the days on which what was said or happened begins or ends to count, and
// since when something holds without a break.
#include <functional>
#include <optional>
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
// Of a root and all that lies under it, in no order: registrations, facts and links, what forms and
// statements said, by when it happened and was received, and how far its cases came.
void each_turn(const World& world, std::uint32_t root, const std::function<void(TimePoint)>& add);
// Their days, ascending: what anything derived of it may turn on, beside the passing of time; and
// those up to `until`.
std::vector<Date> turning_days(const World& world, std::uint32_t root);
std::vector<Date> turning_days(const World& world, std::uint32_t root, Date until);
// The first of them after `day`.
std::optional<Date> next_turn(const World& world, std::uint32_t root, Date day);

// Since when `same(World, Date)` has held without a break up to `until`, on which it holds. Between
// two turning days only time goes by, and World notes when that matters (set_watch). What rests on
// a division and is in no tallies may turn on any day: there, where nothing else is noted, the day
// is found by halving, and a break may be passed over. `from_the_end`: of the days from one turning
// day to the next, the last is looked at first, which spares the others where it does not hold on
// it.
template <class Same>
Date since(const World& world, const std::vector<Date>& turning, Date until, Same same,
           bool from_the_end = false) {
  World watching = world;
  DayWatch watch;
  watching.set_watch(&watch);
  const auto holds = [&](Date day) {
    watch = {.day = day, .otherwise = {}, .wide = false};
    return same(static_cast<const World&>(watching), day);
  };
  const auto halve = [&](Date from, Date to) {
    std::chrono::sys_days no{from}, yes{to};
    while (yes - no > std::chrono::days{1}) {
      const std::chrono::sys_days middle = no + (yes - no) / 2;
      (holds(Date{middle}) ? yes : no) = middle;
    }
    return Date{yes};
  };
  Date out = until;
  for (auto day = turning.rbegin(); day != turning.rend(); ++day) {
    std::optional<Date> begin;
    bool broken = false;
    if (from_the_end && *day < out) {
      const Date last{std::chrono::sys_days{out} - std::chrono::days{1}};
      if (!holds(last)) return out;
      if (last == *day) out = last;
    }
    for (Date at = *day; at < out; at = *watch.otherwise) {
      const bool held = holds(at);
      if (!held) {
        broken = true;
        begin.reset();
      } else if (!begin) {
        begin = at;
      }
      const bool any_day = watch.wide && (!watch.otherwise || *watch.otherwise == next_day(at));
      if (any_day && !held) begin = halve(at, out);
      if (any_day || !watch.otherwise) break;
    }
    if (broken) return begin.value_or(out);
    out = std::min(out, *day);
  }
  return out;
}
}  // namespace cunji::state
