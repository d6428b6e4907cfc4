#include "tools/demo_county/worker.h"

#include <filesystem>

#include "shared/event/parts.h"

namespace cunji::demo {
// Made-up people, made-up data: what the demonstration shows is not the vault.
static const crypto::SealKey kDataKey{crypto::SealKey::Raw{}};

Result<void> open_node(Worker& worker, Entropy& entropy) {
  if (!worker.keys) worker.keys = std::make_unique<fieldnode::MemoryKeyKeeper>();
  TRY_AS(store, store::NodeStore::open(worker.store_path, kDataKey, entropy));
  TRY_AS(node, fieldnode::Node::open(std::move(store), *worker.keys, entropy));
  worker.node = std::move(node);
  return {};
}

// What of the month's visits is left, each second one, from `first` on.
static std::vector<PlannedVisit> every_second(const Worker& from, MonthNumber month,
                                              std::size_t first) {
  const auto& visits = from.plan.months[month - 1].visits;
  std::vector<PlannedVisit> out;
  for (std::size_t i = from.next_visit + first; i < visits.size(); i += 2) out.push_back(visits[i]);
  return out;
}

Result<std::unique_ptr<Worker>> clone_of(Worker& original, MonthNumber month, Entropy& entropy) {
  auto out = std::make_unique<Worker>();
  out->role = original.role;
  out->division = original.division;
  out->village = original.village;
  out->plan.conduct = original.plan.conduct;
  out->plan.months.resize(original.plan.months.size());
  out->plan.months[month - 1].visits = every_second(original, month, 1);
  out->store_path = original.store_path + ".clone";
  out->keys = std::make_unique<fieldnode::MemoryKeyKeeper>(*original.keys);
  original.plan.months[month - 1].visits = every_second(original, month, 0);
  original.next_visit = 0;
  original.node.reset();  // Closed, so that the copied file is whole.
  std::error_code failed;
  std::filesystem::copy_file(original.store_path, out->store_path, failed);
  if (failed) return Error{Errc::Io, "cannot copy " + original.store_path};
  TRY(open_node(original, entropy));
  TRY(open_node(*out, entropy));
  return out;
}

static Result<void> take_back(Worker& coordinator, const SubjectId& household, const Digest& visit,
                              TimePoint clock) {
  const event::CorrectionPart part{.event = visit, .reason = "走错户"};
  TRY(coordinator.node->record({.kind = event::Kind::Correction,
                                .division = coordinator.division,
                                .subject = household,
                                .recorded = clock,
                                .parts = {event::encode_part(part, {})}}));
  ++coordinator.recorded;
  return {};
}

Result<void> record_visits(Worker& coordinator, MonthNumber month, TimePoint until) {
  const auto& visits = coordinator.plan.months[month - 1].visits;
  for (; coordinator.next_visit < visits.size(); ++coordinator.next_visit) {
    const PlannedVisit& visit = visits[coordinator.next_visit];
    if (visit.at >= until) break;
    const SubjectId& household = coordinator.village->households[visit.household].id;
    const event::VisitPart part{.outcome = event::VisitOutcome::Met,
                                .place = std::nullopt,
                                .purpose = {},
                                .who_was_met = {"head"},
                                .changes_found = visit.household % 17 == 0,
                                .remark = {}};
    const event::PartFrame frame{
        .programme = "village_coordinators", .form = "visit", .form_version = 1};
    TRY_AS(recorded, coordinator.node->record({.kind = event::Kind::Visit,
                                               .division = coordinator.division,
                                               .subject = household,
                                               .recorded = visit.device_clock,
                                               .parts = {event::encode_part(part, frame)}}));
    ++coordinator.recorded;
    if (visit.wrong_door)
      TRY(take_back(coordinator, household, recorded.digest,
                    visit.device_clock + std::chrono::minutes{5}));
  }
  return {};
}
}  // namespace cunji::demo
