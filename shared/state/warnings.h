#pragma once
// Warnings (D15): a function of state, definitions and a day. Each says its rule, its subject, whom
// it is for, and since when it holds.
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
struct WarningRun {
  const programme::Warning* warning = nullptr;
  std::uint32_t subject = kNoNumber;
  Date since{};          // The day since which the condition has held.
  std::size_t step = 0;  // The last of its steps that applies.
  Date step_since{};     // Since when that one does.
  bool cannot_be_judged =
      false;  // It rests on a parameter that has no value (S8): no step applies.
};

class Warnings {
 public:
  explicit Warnings(const World& world) : world_(world) {}
  // Nothing where it does not hold on the day, or no step applies yet.
  std::optional<WarningRun> of(const programme::Warning& warning, std::uint32_t subject,
                               Date on) const;
  // All that hold of subjects under this one, itself among them.
  std::vector<WarningRun> under(std::uint32_t subject, Date on) const;

 private:
  const World& world_;
};
}  // namespace cunji::state
