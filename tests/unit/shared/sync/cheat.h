#pragma once
// A county whose server shows a division otherwise than it logged it, and recomputes whatever it
// can: links, leaves, heads. What it can't change is the signed root that others hold too.
#include "tests/support/forwarding_log.h"
#include "tests/unit/shared/sync/node.h"

namespace cunji::sync {
// Changes a division's entries, all of them in order.
using Tamper = std::function<void(std::vector<event::LoggedEvent>&)>;

class TamperedLog final : public testing_support::ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  void tamper(const DivisionCode& division, Tamper how) {
    division_ = division;
    how_ = std::move(how);
  }

  Result<std::optional<log::DivisionHead>> division_head(
      const DivisionCode& division) const override {
    if (division != division_) return log_.division_head(division);
    const auto entries = shown();
    if (entries.empty()) return std::optional<log::DivisionHead>{};
    return std::optional(
        log::DivisionHead{entries.back().index, entries.back().entry.leaf_hash(), entries.size()});
  }
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const override {
    if (division != division_) return log_.division_entries(division, from, entries_max);
    std::vector<event::LoggedEvent> out;
    for (const event::LoggedEvent& each : shown()) {
      if (each.index >= from && out.size() < entries_max) out.push_back(each);
    }
    return out;
  }

 private:
  std::vector<event::LoggedEvent> shown() const {
    auto entries = log_.division_entries(*division_, 0, 100'000).value();
    how_(entries);
    Digest previous;
    for (event::LoggedEvent& each : entries) {
      each.entry.division_previous = previous;
      previous = each.entry.leaf_hash();
    }
    return entries;
  }

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
