#pragma once
// One run: a county, some devices, and a time of trouble decided by the seed; then calm, until all
// are level; then the checks.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/simulate/checks.h"
#include "tools/simulate/limits.h"

namespace cunji::simulate {
struct Options {
  std::uint64_t seed = 0;
  std::uint64_t steps = kStepsDefault;               // Of the time of trouble.
  std::function<void(const std::string&)> trace;     // A line for everything that happens.
  std::function<void(std::uint64_t step)> progress;  // After every step.
};

struct Counts {
  std::uint64_t devices = 0, copies = 0, restores = 0, crashes = 0, disk_faults = 0, bundles = 0;
  std::uint64_t messages = 0, network_faults = 0;
  std::uint64_t recorded = 0, entries = 0, incidents = 0, keys = 0;
  Duration virtual_time{};
};

struct Outcome {
  std::uint64_t steps = 0;  // Of the time of trouble, until the first finding.
  Evidence evidence;
  std::vector<Finding> findings;
  Counts counts;
};

// Deterministic: equal options, equal outcome. One run at a time in a process (SQLite knows the
// simulated disks by their names).
Outcome run(const Options& options);
}  // namespace cunji::simulate
