#pragma once
// What a county server keeps beside its log, in an SQLite file of its own that the command line may
// also open while the server runs: quarantined and parked events (D7), enrolment codes, and signed
// events that wait for the server to take them. Each call is one transaction.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/event/event.h"
#include "shared/store/limits.h"

namespace cunji::store {
struct Quarantined {
  Bytes signed_event, body;  // As received; signed_event may be anything.
  std::string reason;
  PublicKey sender;  // The session's key, not the claimed author.
  TimePoint at{};
};

struct EnrolmentCode {
  Bytes id;   // 8 bytes.
  Bytes key;  // 32 bytes.
  PersonId person;
  std::string role, office;
  std::vector<std::string> divisions;
  std::vector<std::uint16_t> kinds;
  TimePoint valid_until{};  // Of the code.
  std::uint32_t credential_days = 0;
  std::optional<Digest> used_by;  // Digest of the request that used it.
};

struct SideCounts {
  std::uint64_t quarantined = 0, parked = 0, parked_bytes = 0, codes_open = 0;
};

// Tests take smaller ones.
struct SideBounds {
  std::uint64_t parked_bytes = kParkedBytesMax;  // Of all keys.
};

class SideStore {
 public:
  static Result<std::unique_ptr<SideStore>> open(const std::string& path,
                                                 const std::string& vfs = {},
                                                 const SideBounds& bounds = {});
  ~SideStore();

  // One transaction for all. The same bytes twice are kept once. Errc::Limit where some found no
  // room within the bounds of their sender or of all (shared/store/limits.h); the others are kept.
  Result<void> quarantine(std::span<const Quarantined> events);
  Result<std::vector<Quarantined>> quarantined(std::size_t events_max) const;
  // One transaction for all. For each event whether it was kept: Errc::Limit above the bounds of
  // one key or of all (shared/store/limits.h), Errc::Conflict for a second one at its place.
  std::vector<Result<void>> park(std::span<const event::Event> events, TimePoint at);
  Result<std::vector<event::Event>> parked(const PublicKey& key) const;  // By sequence.
  Result<void> unpark(const PublicKey& key, std::uint64_t up_to_sequence);

  Result<void> add_code(const EnrolmentCode& code);
  Result<std::optional<EnrolmentCode>> code(BytesView id) const;
  // Errc::Conflict when it was used by another request.
  Result<void> use_code(BytesView id, const Digest& request);

  // Events of the county's own keys that the command line signed; the server takes them in order.
  Result<void> enqueue(std::span<const event::Event> events);  // All or none.
  Result<std::vector<std::pair<std::int64_t, event::Event>>> queued(std::size_t events_max) const;
  Result<void> dequeue(std::int64_t last_id);  // All up to and with this one.
  // Deletes whatever is kept here of these events' contents, in any table (D20); when it returns,
  // nothing of it is on disk. As EventLog::erase(), called again after an error.
  Result<void> forget(std::span<const event::SignedEvent> events);
  Result<SideCounts> counts() const;
  // A copy of it all as it stands, in a new file that is not yet synchronised to disk.
  Result<void> copy_to(const std::string& path) const;

 private:
  struct Database;
  explicit SideStore(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};
}  // namespace cunji::store
