#pragma once
// The contract of a county log's store (D9, D10), kept by memory, SQLite and later PostgreSQL and
// checked by one conformance suite (tests/conformance). One county a store. One writer: whoever
// appends owns the store from one thread; readers open their own.
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "shared/event/chain.h"
#include "shared/event/entry.h"
#include "shared/event/entry_view.h"
#include "shared/log/hash_reader.h"

namespace cunji::log {
struct LogHead {
  std::uint64_t size = 0;
  Digest root;           // Of the tree at `size`.
  TimePoint received{};  // Of the newest entry; epoch when empty.
  bool operator==(const LogHead&) const = default;
};

struct DivisionHead {
  std::uint64_t index = 0;  // Of the division's newest entry.
  Digest leaf;              // Its leaf hash.
  std::uint64_t count = 0;  // Entries of the division so far.
  bool operator==(const DivisionHead&) const = default;
};

// What intake has decided to log. The store adds index, division link and tree.
struct NewEntry {
  event::SignedEvent event;
  event::Body body;
  TimePoint received{};
  event::Verdict verdict = event::Verdict::Accepted;
  std::uint64_t verified_seen_size = 0;  // 0 where the seen checkpoint is not this log's (D8).
};

// What of an entry's body is to be deleted by law (D20).
struct Erasing {
  std::uint64_t index = 0;
  event::PartSet parts;
};

class EventLog : public HashReader {
 public:
  // Logs `entries` in order, all or none, durable when it returns. Errc::Conflict, and nothing is
  // kept, when the log's size is not `expected_size`, a (key, sequence) is logged already, an event
  // does not continue its chain (for a key's first event the caller has checked `previous`), or
  // `received` would decrease. Errc::Io when the disk refuses: the log is as before.
  virtual Result<std::vector<event::LoggedEvent>> append(std::uint64_t expected_size,
                                                         std::span<const NewEntry> entries) = 0;

  // Deletes these parts as event::erase_parts() does, all or none; entries and hashes stay as they
  // are. When it returns, nothing that the store keeps on disk holds them any more, free pages and
  // write-ahead log included. After an error it is called again, also where the deletion was done
  // (and with nothing to delete, to be sure of it). Errc::Conflict for an index beyond the log;
  // Errc::Io with the reason, also when a reader holds the write-ahead log.
  virtual Result<void> erase(std::span<const Erasing> what) = 0;

  virtual Result<LogHead> head() const = 0;
  virtual Result<std::optional<event::LoggedEvent>> at(std::uint64_t index) const = 0;
  // Entries from `from` on in order, until `visit` gives false or an error, which is returned.
  using Visit = std::function<Result<bool>(const event::LoggedEvent&)>;
  virtual Result<void> scan(std::uint64_t from, const Visit& visit) const = 0;
  // The same entries with their parts in place, for the fold. A view is valid during its visit.
  using VisitView = std::function<Result<bool>(const event::EntryView&)>;
  virtual Result<void> scan_views(std::uint64_t from, const VisitView& visit) const {
    std::vector<event::PartView> parts;
    return scan(from, [&](const event::LoggedEvent& logged) {
      return visit(event::view_of(logged, parts));
    });
  }
  virtual Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const = 0;
  virtual Result<std::optional<std::uint64_t>> index_of(const PublicKey& key,
                                                        std::uint64_t sequence) const = 0;
  virtual Result<std::optional<DivisionHead>> division_head(const DivisionCode& division) const = 0;
  // Up to `entries_max` entries of `division` with index >= `from`, in order.
  virtual Result<std::vector<event::LoggedEvent>> division_entries(
      const DivisionCode& division, std::uint64_t from, std::size_t entries_max) const = 0;
  // Every division that has an entry and whose code begins with `prefix` (empty: all), ordered by
  // code. Costs what it gives, however many others there are.
  virtual Result<std::vector<std::pair<DivisionCode, DivisionHead>>> divisions(
      std::string_view prefix) const = 0;
};
}  // namespace cunji::log
