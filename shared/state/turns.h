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
// Their days up to `until`, ascending: what anything derived of it may turn on, beside the passing
// of time.
std::vector<Date> turning_days(const World& world, std::uint32_t root, Date until);
// The first of them after `day`.
std::optional<Date> next_turn(const World& world, std::uint32_t root, Date day);

// Since when `same(World, Date)` has held without a break up to `until`, on which it holds. Between
// two turning days only time goes by, and World notes when that matters (set_watch).
template <class Same>
Date since(const World& world, const std::vector<Date>& turning, Date until, Same same) {
  World watching = world;
  DayWatch watch;
  watching.set_watch(&watch);
  Date out = until;
  for (auto day = turning.rbegin(); day != turning.rend(); ++day) {
    std::optional<Date> begin;
    bool broken = false;
    for (Date at = *day; at < out; at = *watch.otherwise) {
      watch = {.day = at, .otherwise = {}};
      if (!same(static_cast<const World&>(watching), at)) {
        broken = true;
        begin.reset();
      } else if (!begin) {
        begin = at;
      }
      if (!watch.otherwise) break;
    }
    if (broken) return begin.value_or(out);
    out = std::min(out, *day);
  }
  return out;
}
}  // namespace cunji::state
