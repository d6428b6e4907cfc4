#include "shared/state/turns.h"

#include <algorithm>
#include <set>

namespace cunji::state {
static void each_turn_of(const CaseRun& run, const std::function<void(TimePoint)>& add) {
  add(run.opened.occurred);
  add(run.received);
  if (run.closed) add(run.closed->occurred);
  for (const StageRun& stage : run.stages) {
    add(stage.arrived.occurred);
    if (stage.reached) {
      add(stage.reached->occurred);
      add(stage.effective);
    }
    if (stage.withdrawn) add(stage.withdrawn->occurred);
    if (stage.due) add(start_of(next_day(*stage.due)));
  }
}

void each_turn(const World& world, std::uint32_t root, const std::function<void(TimePoint)>& add) {
  const Events& events = world.events();
  std::vector<std::uint32_t> left{root};
  std::set<std::uint32_t> seen;
  while (!left.empty()) {
    const std::uint32_t subject = left.back();
    left.pop_back();
    if (!seen.insert(subject).second) continue;
    world.facts().each_turn(subject, add);
    for (const Occurrence& one : events.occurrences(subject)) {
      add(one.occurred);
      add(Events::received_of(events.at(one.event)));
    }
    for (const Events::Statement& each : events.statements_by(subject)) {
      add(each.when.occurred);
      add(Events::received_of(events.at(each.when.place)));
    }
    for (const std::uint32_t child : world.facts().children_of(subject)) left.push_back(child);
  }
  if (const Cases::Root* cases = world.cases().of(root))
    for (const CaseRun& run : cases->runs) each_turn_of(run, add);
}

std::vector<Date> turning_days(const World& world, std::uint32_t root) {
  std::vector<Date> out;
  each_turn(world, root, [&](TimePoint time) {
    if (time != kNoTime) out.push_back(date_of(time));
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<Date> turning_days(const World& world, std::uint32_t root, Date until) {
  std::vector<Date> out = turning_days(world, root);
  out.erase(std::upper_bound(out.begin(), out.end(), until), out.end());
  return out;
}

std::optional<Date> next_turn(const World& world, std::uint32_t root, Date day) {
  std::optional<TimePoint> first;
  const TimePoint end = end_of(day).occurred;
  each_turn(world, root, [&](TimePoint time) {
    if (time >= end && (!first || time < *first)) first = time;
  });
  return first ? std::optional(date_of(*first)) : std::nullopt;
}
}  // namespace cunji::state
