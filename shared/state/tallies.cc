#include "shared/state/tallies.h"

#include <algorithm>

#include "shared/programme/periods.h"
#include "shared/state/turns.h"

namespace cunji::state {
void Tallies::touch(std::uint32_t root) {
  for (auto& [aggregate, series] : series_) {
    series.to_count.insert(root);
    if (const auto found = series.readers.find(root); found != series.readers.end())
      series.to_count.insert(found->second.begin(), found->second.end());
  }
}

void Tallies::go_on(Date on) {
  for (auto at = series_.begin(); at != series_.end();) {
    Series& series = at->second;
    const programme::Period period = series.aggregate->period;
    // In a new period all begin anew, and of the old one nobody asks any more, or not often.
    const bool is_over =
        period != programme::Period::None && programme::span_of(period, on_).last < on;
    if (is_over) {
      at = series_.erase(at);
      continue;
    }
    while (!series.turning.empty() && series.turning.begin()->first <= on) {
      const auto& turned = series.turning.begin()->second;
      series.to_count.insert(turned.begin(), turned.end());
      series.turning.erase(series.turning.begin());
    }
    ++at;
  }
  on_ = on;
}

std::optional<Tallies::Count> Tallies::of(const World& world, const programme::Aggregate& aggregate,
                                          const DivisionCode& division, Date day) {
  if (on_ < day || !prefix_of(division).starts_with(prefix_)) return std::nullopt;
  const auto [found, is_new] = series_.try_emplace(&aggregate);
  Series& series = found->second;
  if (is_new) {
    series.aggregate = &aggregate;
    series.from = next_day(on_);
  }
  if (!series.unfit) bring_up(world, series, std::min(day, series.from));
  if (series.unfit) return std::nullopt;
  Count out{.otherwise = next_day(on_)};
  const auto counted = series.divisions.find(division);
  if (counted == series.divisions.end()) return out;
  Division& of = counted->second;
  if (of.stale) {
    of.stale = false;
    of.sums.clear();
    Sum sum;
    for (const auto& [from, change] : of.changes) {
      sum.count += change.count;
      sum.unset += change.unset;
      of.sums.emplace_back(from, sum);
    }
  }
  const auto after = std::upper_bound(
      of.sums.begin(), of.sums.end(), day,
      [](Date asked, const std::pair<Date, Sum>& each) { return asked < each.first; });
  if (after != of.sums.end()) out.otherwise = after->first;
  if (after == of.sums.begin()) return out;
  out.count = std::prev(after)->second.count;
  out.unset = std::prev(after)->second.unset != 0;
  return out;
}

std::vector<std::uint32_t> Tallies::others(const programme::Aggregate& aggregate) const {
  std::vector<std::uint32_t> out;
  if (const auto found = series_.find(&aggregate); found != series_.end())
    for (const auto& [root, readers] : found->second.readers) out.push_back(root);
  return out;
}

// Counts what has changed, and whatever came before it as far as `from`, by whole months.
void Tallies::bring_up(const World& world, Series& series, Date from) {
  for (const std::uint32_t root : std::exchange(series.to_count, {})) {
    if (!series.unfit) count_again(world, series, root);
  }
  if (series.from <= from) return;
  const Date until = series.from;
  // Twice as far back as it goes now: whoever looks back month by month gets there in few steps.
  const auto kept = std::chrono::sys_days{next_day(on_)} - std::chrono::sys_days{until};
  const Date twice{std::chrono::sys_days{until} - kept};
  const Month first = month_of(std::min(from, twice));
  series.from = Date{first / std::chrono::day{1}};
  for (const std::uint32_t root : world.facts().households_ever(prefix_)) {
    if (series.unfit) return;
    Steps steps = count(world, series, root, series.from, until);
    const auto later = series.steps.find(root);
    if (steps.empty() && later == series.steps.end()) continue;
    Steps& all = later == series.steps.end() ? series.steps[root] : later->second;
    add(series, all, -1);
    const bool ends = until <= on_ && (all.empty() || all.front().from != until);
    if (ends && !steps.empty() && steps.back().share != World::Share{})
      steps.push_back({until, {}});
    const bool goes_on = !steps.empty() && !all.empty() && all.front().share == steps.back().share;
    steps.insert(steps.end(), all.begin() + (goes_on ? 1 : 0), all.end());
    all = std::move(steps);
    add(series, all, 1);
  }
}

void Tallies::count_again(const World& world, Series& series, std::uint32_t root) const {
  if (const auto before = series.steps.find(root); before != series.steps.end()) {
    add(series, before->second, -1);
    series.steps.erase(before);
  }
  if (world.facts().residences(world.values().subjects[root]).empty()) return;
  Steps steps = count(world, series, root, series.from, next_day(on_));
  if (steps.empty()) return;
  add(series, steps, 1);
  series.steps.emplace(root, std::move(steps));
}

// What it adds from a day on and before another; only where it turns is looked.
Tallies::Steps Tallies::count(const World& from_world, Series& series, std::uint32_t root,
                              Date from, Date until) const {
  static constexpr Date kNever{std::chrono::year{9999}, std::chrono::month{12},
                               std::chrono::day{31}};
  Steps out;
  World world = from_world;
  world.set_tallies(nullptr);
  const std::vector<Date> turning = turning_days(from_world, root);
  Date day = from;
  while (day < until) {
    RunGrounds grounds;
    DayWatch watch{.day = day};
    world.set_running(root, nullptr, &grounds);
    world.set_watch(&watch);
    World::Share share = world.share_of(*series.aggregate, root, day);
    if (watch.wide || !grounds.known) {
      series.unfit = true;
      return {};
    }
    if (share != (out.empty() ? World::Share{} : out.back().share))
      out.push_back({day, std::move(share)});
    Date next = watch.otherwise.value_or(kNever);
    const auto turn = std::upper_bound(turning.begin(), turning.end(), day);
    if (turn != turning.end()) next = std::min(next, *turn);
    std::set<std::uint32_t> others;
    for (const auto& read : {grounds.read.list(), grounds.whole.list()})
      for (const std::uint32_t each : read) others.insert(root_of(world.facts(), each));
    others.erase(root);
    for (const std::uint32_t other : others) {
      series.readers[other].insert(root);
      if (const auto its = next_turn(from_world, other, day)) next = std::min(next, *its);
    }
    day = next;
  }
  if (day != kNever && on_ < day) series.turning[day].push_back(root);
  return out;
}

// A household counts in its village, the town and the county.
void Tallies::add(Series& series, const Steps& steps, int sign) {
  const auto change = [&](Date from, const World::Share& share, int by) {
    for (auto division = share.division; division; division = division_above(*division)) {
      Division& of = series.divisions[*division];
      of.stale = true;
      Sum& sum = of.changes[from];
      sum.count += by * share.count;
      sum.unset += share.unset ? by : 0;
      if (sum.count == 0 && sum.unset == 0) of.changes.erase(from);
    }
  };
  const World::Share* before = nullptr;
  for (const Step& step : steps) {
    if (before != nullptr) change(step.from, *before, -sign);
    change(step.from, step.share, sign);
    before = &step.share;
  }
}
}  // namespace cunji::state
