#include "shared/state/warnings.h"

#include <algorithm>
#include <map>

#include "shared/programme/periods.h"
#include "shared/state/tallies.h"
#include "shared/state/turns.h"

namespace cunji::state {
namespace pg = programme;

// What is counted under a division is looked at by months, backwards.
static void add_months(std::vector<Date>& days, Date until) {
  if (days.empty()) return;
  std::vector<Date> out;
  for (Date first{month_of(days.front()) / std::chrono::day{1}}; first <= until;
       first = Date{(month_of(first) + std::chrono::months{1}) / std::chrono::day{1}})
    if (days.front() < first) out.push_back(first);
  std::vector<Date> both;
  std::set_union(days.begin(), days.end(), out.begin(), out.end(), std::back_inserter(both));
  days = std::move(both);
}

std::optional<WarningRun> Warnings::of(const pg::Warning& warning, std::uint32_t subject,
                                       Date on) const {
  const Truth now = world_.holds(warning.when, At::end_of_day(subject, on));
  if (now == Truth::Unset)
    return WarningRun{.warning = &warning,
                      .subject = subject,
                      .since = on,
                      .step_since = on,
                      .cannot_be_judged = true};
  if (now != Truth::Yes) return std::nullopt;
  WarningRun out{.warning = &warning, .subject = subject};
  auto turning = turning_days(world_, root_of(world_.facts(), subject), on);
  const bool of_division = world_.facts().division_of(subject).has_value();
  if (of_division) add_months(turning, on);
  out.since = since(
      world_, turning, on,
      [&](const World& world, Date day) {
        return world.holds(warning.when, At::end_of_day(subject, day)) == Truth::Yes;
      },
      /*from_the_end=*/of_division);
  bool applies = false;
  for (std::size_t i = 0; i < warning.steps.size(); ++i) {
    const pg::Warning::Step& step = warning.steps[i];
    Date from = out.since;
    if (step.deadline.is_set()) {
      At at = At::end_of_day(subject, on);
      at.arrived = out.since;
      const auto day = world_.day_of(step.deadline, at);
      if (!day) continue;
      from = *day;
    } else if (step.days > 0) {
      from = pg::plus(out.since, std::int64_t{step.days} + 1, pg::Unit::Days);
    }
    if (on < from) {
      world_.note_day(from);
      continue;
    }
    applies = true;
    out.step = i;
    out.step_since = from;
  }
  if (!applies) return std::nullopt;
  return out;
}

std::vector<WarningRun> Warnings::under(std::uint32_t subject, Date on) const {
  if (!world_.has_tallies()) {
    const auto division = world_.division_of(subject, on);
    Tallies tallies(division ? prefix_of(*division) : "");
    tallies.go_on(on);
    World world = world_;
    world.set_tallies(&tallies);
    return Warnings(world).under(subject, on);
  }
  std::vector<WarningRun> out;
  std::map<Symbol, std::vector<std::uint32_t>> of_type;
  for (const auto& [id, warning] : world_.catalogue(on).warnings.all()) {
    const auto [all, is_new] = of_type.try_emplace(warning->each);
    if (is_new && world_.type_of(subject) == warning->each) {
      all->second.push_back(subject);
    } else if (is_new) {
      all->second = world_.under(subject, warning->each, on);
    }
    for (const std::uint32_t each : all->second)
      if (auto run = of(*warning, each, on)) out.push_back(*run);
  }
  return out;
}
}  // namespace cunji::state
