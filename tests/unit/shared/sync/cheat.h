#pragma once
// A county whose server shows a division otherwise than it logged it, and recomputes whatever it
// can: links, leaves, heads. What it can't change is the signed root that others hold too.
#include "tests/unit/shared/sync/node.h"

namespace cunji::sync {
// Changes a division's entries, all of them in order.
using Tamper = std::function<void(std::vector<event::LoggedEvent>&)>;

class TamperedLog final : public log::EventLog {
 public:
  explicit TamperedLog(log::EventLog& honest) : honest_(honest) {}
  void tamper(const DivisionCode& division, Tamper how) {
    division_ = division;
    how_ = std::move(how);
  }

  Result<std::vector<event::LoggedEvent>> append(std::uint64_t size,
                                                 std::span<const log::NewEntry> entries) override {
    return honest_.append(size, entries);
  }
  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override {
    return honest_.subtree(level, index);
  }
  Result<log::LogHead> head() const override { return honest_.head(); }
  Result<std::optional<event::LoggedEvent>> at(std::uint64_t index) const override {
    return honest_.at(index);
  }
  Result<void> scan(std::uint64_t from, const Visit& visit) const override {
    return honest_.scan(from, visit);
  }
  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const override {
    return honest_.chain_head(key);
  }
  Result<std::optional<std::uint64_t>> index_of(const PublicKey& key,
                                                std::uint64_t sequence) const override {
    return honest_.index_of(key, sequence);
  }
  Result<std::vector<std::pair<DivisionCode, log::DivisionHead>>> divisions() const override {
    return honest_.divisions();
  }
  Result<std::optional<log::DivisionHead>> division_head(
      const DivisionCode& division) const override {
    if (division != division_) return honest_.division_head(division);
    const auto entries = shown();
    if (entries.empty()) return std::optional<log::DivisionHead>{};
    return std::optional(
        log::DivisionHead{entries.back().index, entries.back().entry.leaf_hash(), entries.size()});
  }
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const override {
    if (division != division_) return honest_.division_entries(division, from, entries_max);
    std::vector<event::LoggedEvent> out;
    for (const event::LoggedEvent& each : shown()) {
      if (each.index >= from && out.size() < entries_max) out.push_back(each);
    }
    return out;
  }

 private:
  std::vector<event::LoggedEvent> shown() const {
    auto entries = honest_.division_entries(*division_, 0, 100'000).value();
    how_(entries);
    Digest previous;
    for (event::LoggedEvent& each : entries) {
      each.entry.division_previous = previous;
      previous = each.entry.leaf_hash();
    }
    return entries;
  }

  log::EventLog& honest_;
  std::optional<DivisionCode> division_;
  Tamper how_;
};

class CheatingCounty final : public TestCounty {
 public:
  const log::EventLog& log() const override { return tampered_; }
  const log::EventLog& honest() const { return *log_; }
  void tamper(const DivisionCode& division, Tamper how) { tampered_.tamper(division, how); }
  // Logs what intake would refuse, and signs a checkpoint over it.
  void log_unchecked(const event::SignedEvent& event, const event::Body& body) {
    const log::NewEntry entry{.event = event, .body = body, .received = now()};
    CHECK(log_->append(size(), {&entry, 1}).has_value());
    publish();
  }

 private:
  TamperedLog tampered_{*log_};
};
}  // namespace cunji::sync
