#pragma once
// Somebody who records: the coordinator or the two committees of a village, a desk of a town or an
// office; each with the real field node and a store of its own.
#include <map>
#include <memory>
#include <string>

#include "fieldnode/key_keeper.h"
#include "fieldnode/node.h"
#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "tools/demo_county/plan.h"

namespace cunji::demo {
struct Worker {
  std::string role;                  // Of the credential: "coordinator", "town_desk" …
  std::string office{};              // "rr_bureau"; empty in villages and towns.
  DivisionCode division{};           // Village, town or county.
  const Village* village = nullptr;  // Nothing at desks.
  PlannedCoordinator plan{};         // Of coordinators.
  std::string store_path;
  std::unique_ptr<fieldnode::MemoryKeyKeeper> keys{};
  std::unique_ptr<fieldnode::Node> node{};
  std::size_t next_visit = 0;  // Of the month's plan.
  std::uint64_t recorded = 0;
  std::map<SubjectId, Date> posted{};  // Notices that hang, by case.
};

// Opens its store and node. Errc::Io with the path.
Result<void> open_node(Worker& worker, Entropy& entropy);

// A second device with the same files and key, as a copied phone is. It takes every second of the
// month's visits that were still planned.
Result<std::unique_ptr<Worker>> clone_of(Worker& original, MonthNumber month, Entropy& entropy);

// Records the month's visits that were planned before `until`, as the device's clock had it, and
// takes back those at a wrong door.
Result<void> record_visits(Worker& coordinator, MonthNumber month, TimePoint until);
}  // namespace cunji::demo
