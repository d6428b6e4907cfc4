#pragma once
// A county log that hands everything on to another one; tests override what is to go wrong.
#include "shared/log/event_log.h"

namespace cunji::testing_support {
class ForwardingLog : public log::EventLog {
 public:
  explicit ForwardingLog(log::EventLog& log) : log_(log) {}

  Result<std::vector<event::LoggedEvent>> append(std::uint64_t size,
                                                 std::span<const log::NewEntry> entries) override {
    return log_.append(size, entries);
  }
  Result<void> erase(std::span<const log::Erasing> what) override { return log_.erase(what); }
  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override {
    return log_.subtree(level, index);
  }
  Result<log::LogHead> head() const override { return log_.head(); }
  Result<std::optional<event::LoggedEvent>> at(std::uint64_t index) const override {
    return log_.at(index);
  }
  Result<void> scan(std::uint64_t from, const Visit& visit) const override {
    return log_.scan(from, visit);
  }
  Result<void> scan_views(std::uint64_t from, const VisitView& visit) const override {
    return log_.scan_views(from, visit);
  }
  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const override {
    return log_.chain_head(key);
  }
  Result<std::optional<std::uint64_t>> index_of(const PublicKey& key,
                                                std::uint64_t sequence) const override {
    return log_.index_of(key, sequence);
  }
  Result<std::vector<std::pair<DivisionCode, log::DivisionHead>>> divisions(
      std::string_view prefix) const override {
    return log_.divisions(prefix);
  }
  Result<std::optional<log::DivisionHead>> division_head(
      const DivisionCode& division) const override {
    return log_.division_head(division);
  }
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const override {
    return log_.division_entries(division, from, entries_max);
  }

 protected:
  log::EventLog& log_;
};
}  // namespace cunji::testing_support
