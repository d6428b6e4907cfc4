#include "tools/demo_county/coordinator.h"

#include <filesystem>

#include "shared/event/parts.h"

namespace cunji::demo {
// Made-up people, made-up data: what the demonstration shows is not the vault.
static const crypto::SealKey kDataKey{crypto::SealKey::Raw{}};

static Result<void> open_node(Coordinator& coordinator, Entropy& entropy) {
  TRY_AS(store, store::NodeStore::open(coordinator.store_path, kDataKey, entropy));
  TRY_AS(node, fieldnode::Node::open(std::move(store), *coordinator.keys, entropy));
  coordinator.node = std::move(node);
  return {};
}

Result<std::unique_ptr<Coordinator>> make_coordinator(const Village& village,
                                                      PlannedCoordinator plan,
                                                      const std::string& store_path,
                                                      Entropy& entropy) {
  auto out = std::make_unique<Coordinator>();
  out->village = &village;
  out->plan = std::move(plan);
  out->store_path = store_path;
  out->keys = std::make_unique<fieldnode::MemoryKeyKeeper>();
  TRY(open_node(*out, entropy));
  return out;
}

// What of the planned visits is left, each second one, from `first` on.
static std::vector<PlannedVisit> every_second(const Coordinator& from, std::size_t first) {
  std::vector<PlannedVisit> out;
  for (std::size_t i = from.next_visit + first; i < from.plan.visits.size(); i += 2)
    out.push_back(from.plan.visits[i]);
  return out;
}

Result<std::unique_ptr<Coordinator>> clone_of(Coordinator& original, Entropy& entropy) {
  auto out = std::make_unique<Coordinator>();
  out->village = original.village;
  out->plan = original.plan;
  out->plan.visits = every_second(original, 1);
  out->store_path = original.store_path + ".clone";
  out->keys = std::make_unique<fieldnode::MemoryKeyKeeper>(*original.keys);
  original.plan.visits = every_second(original, 0);
  original.next_visit = 0;
  original.node.reset();  // Closed, so that the copied file is whole.
  std::error_code failed;
  std::filesystem::copy_file(original.store_path, out->store_path, failed);
  if (failed) return Error{Errc::Io, "cannot copy " + original.store_path};
  TRY(open_node(original, entropy));
  TRY(open_node(*out, entropy));
  return out;
}

Result<void> record_until(Coordinator& coordinator, TimePoint until) {
  const auto& visits = coordinator.plan.visits;
  for (; coordinator.next_visit < visits.size(); ++coordinator.next_visit) {
    const PlannedVisit& visit = visits[coordinator.next_visit];
    if (visit.at >= until) break;
    const event::VisitPart part{.outcome = event::VisitOutcome::Met,
                                .place = std::nullopt,
                                .purpose = {},
                                .who_was_met = {"head"},
                                .changes_found = visit.household % 17 == 0,
                                .remark = {}};
    const event::PartFrame frame{.programme = "village_coordinators",
                                 .form = "visit",
                                 .form_version = 1,
                                 .subject = {},
                                 .occurred = std::nullopt,
                                 .acted_by = std::nullopt,
                                 .participants = {},
                                 .medium = event::Medium::Direct};
    TRY(coordinator.node->record({.kind = event::Kind::Visit,
                                  .division = coordinator.village->division.code,
                                  .subject = coordinator.village->households[visit.household].id,
                                  .recorded = visit.device_clock,
                                  .parts = {event::encode_part(part, frame)}}));
    ++coordinator.recorded;
  }
  return {};
}
}  // namespace cunji::demo
