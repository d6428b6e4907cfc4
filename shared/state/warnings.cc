#include "shared/state/warnings.h"

#include <algorithm>
#include <map>

#include "shared/programme/periods.h"
#include "shared/state/turns.h"

namespace cunji::state {
namespace pg = programme;

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
  const auto turning = turning_days(world_, root_of(world_.facts(), subject), on);
  out.since = since(world_, turning, on, [&](const World& world, Date day) {
    return world.holds(warning.when, At::end_of_day(subject, day)) == Truth::Yes;
  });
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
