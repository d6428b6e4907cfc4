#pragma once
// One coordinator of the demonstration with the real field node.
#include <memory>
#include <string>

#include "fieldnode/key_keeper.h"
#include "fieldnode/node.h"
#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "tools/demo_county/plan.h"

namespace cunji::demo {
struct Coordinator {
  const Village* village = nullptr;
  PlannedCoordinator plan;
  std::string store_path;
  std::unique_ptr<fieldnode::MemoryKeyKeeper> keys;
  std::unique_ptr<fieldnode::Node> node;
  std::size_t next_visit = 0;  // Of the plan.
  std::uint64_t recorded = 0;
};

Result<std::unique_ptr<Coordinator>> make_coordinator(const Village& village,
                                                      PlannedCoordinator plan,
                                                      const std::string& store_path,
                                                      Entropy& entropy);
// A second device with the same files and key, as a copied phone is. It takes every second of the
// visits that were still planned.
Result<std::unique_ptr<Coordinator>> clone_of(Coordinator& original, Entropy& entropy);

// Records what was planned before `until`, as the device's clock had it.
Result<void> record_until(Coordinator& coordinator, TimePoint until);
}  // namespace cunji::demo
