#include "shared/store/memory_event_log.h"

#include <algorithm>
#include <map>

#include "shared/store/append_plan.h"

namespace cunji::store {
namespace {
class MemoryEventLog final : public log::EventLog {
 public:
  Result<std::vector<event::LoggedEvent>> append(std::uint64_t expected_size,
                                                 std::span<const log::NewEntry> entries) override {
    TRY(check_size(head_, expected_size));
    if (entries.empty()) return std::vector<event::LoggedEvent>{};
    TRY_AS(plan, plan_append(*this, {county_, head_, frontier_}, entries));
    // Nothing below can fail.
    for (const event::LoggedEvent& logged : plan.logged) {
      const event::Header& header = logged.entry.event.header();
      events_[header.author].push_back(logged.index);
      division_entries_[header.division].push_back(logged.index);
      entries_.push_back(logged);
    }
    for (std::vector<Digest>& hashes : plan.completed) completed_.push_back(std::move(hashes));
    for (const auto& [key, head] : plan.chains) chains_[key] = head;
    for (const auto& [division, head] : plan.divisions) divisions_[division] = head;
    county_ = plan.county;
    frontier_ = std::move(plan.frontier);
    head_ = plan.head;
    return std::move(plan.logged);
  }

  Result<void> erase(std::span<const log::Erasing> what) override {
    for (const log::Erasing& each : what) {
      if (each.index >= head_.size) return Error{Errc::Conflict, "no such entry to erase of"};
    }
    for (const log::Erasing& each : what)
      event::erase_parts(entries_[static_cast<std::size_t>(each.index)].body, each.parts);
    return {};
  }

  Result<log::LogHead> head() const override { return head_; }

  Result<std::optional<event::LoggedEvent>> at(std::uint64_t index) const override {
    if (index >= entries_.size()) return std::optional<event::LoggedEvent>{};
    return std::optional(entry(index));
  }

  Result<void> scan(std::uint64_t from, const Visit& visit) const override {
    for (std::uint64_t index = from; index < entries_.size(); ++index) {
      // A copy: the visitor may append.
      const event::LoggedEvent logged = entry(index);
      TRY_AS(go_on, visit(logged));
      if (!go_on) break;
    }
    return {};
  }

  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const override {
    const auto found = chains_.find(key);
    if (found == chains_.end()) return std::optional<event::ChainHead>{};
    return std::optional(found->second);
  }

  // A chain has no gaps: the event of sequence n is its n-th.
  Result<std::optional<std::uint64_t>> index_of(const PublicKey& key,
                                                std::uint64_t sequence) const override {
    const auto found = events_.find(key);
    if (found == events_.end() || sequence == 0 || sequence > found->second.size())
      return std::optional<std::uint64_t>{};
    return std::optional(found->second[static_cast<std::size_t>(sequence - 1)]);
  }

  Result<std::optional<log::DivisionHead>> division_head(
      const DivisionCode& division) const override {
    const auto found = divisions_.find(division);
    if (found == divisions_.end()) return std::optional<log::DivisionHead>{};
    return std::optional(found->second);
  }

  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const override {
    std::vector<event::LoggedEvent> out;
    const auto found = division_entries_.find(division);
    if (found == division_entries_.end()) return out;
    const std::vector<std::uint64_t>& indexes = found->second;
    for (auto i = std::lower_bound(indexes.begin(), indexes.end(), from);
         i != indexes.end() && out.size() < entries_max; ++i)
      out.push_back(entry(*i));
    return out;
  }

  Result<std::vector<std::pair<DivisionCode, log::DivisionHead>>> divisions(
      std::string_view prefix) const override {
    const auto before = [](const auto& each, std::string_view code) {
      return each.first.view() < code;
    };
    std::vector<std::pair<DivisionCode, log::DivisionHead>> out;
    for (auto at = std::lower_bound(divisions_.begin(), divisions_.end(), prefix, before);
         at != divisions_.end() && at->first.view().starts_with(prefix); ++at)
      out.push_back(*at);
    return out;
  }

  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override {
    const bool fits = level < 64 && index < (completed_.size() >> level);
    if (!fits) return Error{Errc::Corrupt, "a subtree that is not complete"};
    return completed_[static_cast<std::size_t>(((index + 1) << level) - 1)][level];
  }

 private:
  const event::LoggedEvent& entry(std::uint64_t index) const {
    return entries_[static_cast<std::size_t>(index)];
  }

  std::optional<CountyCode> county_;
  std::vector<event::LoggedEvent> entries_;
  std::vector<std::vector<Digest>> completed_;  // As in AppendPlan.
  std::map<PublicKey, event::ChainHead> chains_;
  std::map<PublicKey, std::vector<std::uint64_t>> events_;
  std::map<DivisionCode, log::DivisionHead> divisions_;
  std::map<DivisionCode, std::vector<std::uint64_t>> division_entries_;
  log::Frontier frontier_;
  log::LogHead head_{.size = 0, .root = log::empty_root(), .received = {}};
};
}  // namespace

std::unique_ptr<log::EventLog> make_memory_event_log() {
  return std::make_unique<MemoryEventLog>();
}
}  // namespace cunji::store
