#include "shared/store/append_plan.h"

#include "shared/store/limits.h"

namespace cunji::store {
static Error conflict(const event::Header& header, const std::string& what) {
  return Error{Errc::Conflict, "event " + to_hex(header.author.view().substr(0, 4)) + "…/" +
                                   std::to_string(header.sequence) + ": " + what};
}

// The head of the event's chain before it; a first event brings its own `previous`, which the
// caller has checked against the enrolment request.
static Result<event::ChainHead> chain_before(const log::EventLog& log, AppendPlan& plan,
                                             const event::Header& header, std::uint64_t index) {
  const auto touched = plan.chains.find(header.author);
  if (touched != plan.chains.end()) return touched->second;
  TRY_AS(logged, log.chain_head(header.author));
  if (logged) return *logged;
  plan.new_chains.emplace(header.author, index);
  return event::ChainHead{
      .key = header.author, .sequence = 0, .digest = header.previous, .seen_size_max = 0};
}

static Result<void> check_link(const event::ChainHead& before, const event::SignedEvent& event) {
  switch (event::link_of(before, event)) {
    case event::ChainLink::Next: return {};
    case event::ChainLink::Known: return conflict(event.header(), "its sequence is logged already");
    case event::ChainLink::Gap: return conflict(event.header(), "the one before it is not logged");
    case event::ChainLink::Broken: return conflict(event.header(), "does not continue its chain");
  }
  return {};
}

static Result<log::DivisionHead> division_before(const log::EventLog& log, const AppendPlan& plan,
                                                 const DivisionCode& division) {
  const auto touched = plan.divisions.find(division);
  if (touched != plan.divisions.end()) return touched->second;
  TRY_AS(logged, log.division_head(division));
  return logged.value_or(log::DivisionHead{});
}

Result<void> check_size(const log::LogHead& head, std::uint64_t expected_size) {
  if (head.size == expected_size) return {};
  return Error{Errc::Conflict, "the log has " + std::to_string(head.size) + " entries, not " +
                                   std::to_string(expected_size)};
}

Result<AppendPlan> plan_append(const log::EventLog& log, const AppendStart& start,
                               std::span<const log::NewEntry> entries) {
  CHECK(!entries.empty() && start.frontier.size() == start.head.size);
  if (entries.size() > kCountyEntriesMax - start.head.size)
    return Error{Errc::Limit, "the log is full"};
  AppendPlan plan;
  plan.county = start.county.value_or(entries.front().event.header().county);
  plan.frontier = start.frontier;
  plan.head.received = start.head.received;
  for (const log::NewEntry& entry : entries) {
    const event::Header& header = entry.event.header();
    const std::uint64_t index = plan.frontier.size();
    if (header.county != plan.county) return conflict(header, "of another county");
    if (entry.received < plan.head.received)
      return conflict(header, "received before its forerunner");
    TRY_AS(chain, chain_before(log, plan, header, index));
    TRY(check_link(chain, entry.event));
    plan.chains[header.author] = event::advanced(chain, entry.event, entry.verified_seen_size);
    TRY_AS(division, division_before(log, plan, header.division));

    event::LoggedEvent logged{
        index, {entry.received, entry.verdict, division.leaf, entry.event}, entry.body};
    const Digest leaf = logged.entry.leaf_hash();
    std::vector<log::Subtree> completed;
    plan.frontier.append(leaf, completed);
    std::vector<Digest>& hashes = plan.completed.emplace_back();
    for (const log::Subtree& subtree : completed) hashes.push_back(subtree.hash);
    plan.divisions[header.division] = {.index = index, .leaf = leaf, .count = division.count + 1};
    plan.head.received = entry.received;
    plan.logged.push_back(std::move(logged));
  }
  plan.head.size = plan.frontier.size();
  plan.head.root = plan.frontier.root();
  return plan;
}
}  // namespace cunji::store
