#pragma once
// Intake: check, order, judge, make durable (D7–D10). Pure of threads, sockets and clocks: the
// server calls check() on all cores and take() from its one writer; the simulator calls both.
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/credential/governance.h"
#include "shared/event/event.h"
#include "shared/log/checkpoint.h"
#include "shared/log/event_log.h"
#include "shared/store/side_store.h"
#include "shared/sync/node_session.h"

namespace cunji::server {
struct RefusalReason {
  int code = 0;  // proto::RefusalCode.
  std::string reason;
};

// Whether the event is genuine by itself: county, signature, commitments. Any thread; the dear
// part.
std::optional<RefusalReason> check(const event::Event& event, CountyCode county);

struct CheckedEvent {
  event::Event event;
  std::optional<RefusalReason> refusal;  // Of check().
};
struct CheckedBatch {
  PublicKey sender;  // The session's key.
  std::vector<CheckedEvent> events;
};

// What an event above its key's daily quota is told, with "later".
inline constexpr const char* kQuotaReason =
    "超过该密钥一日的限额，明天再传 / more than the key's credential allows in a day; come again "
    "tomorrow";

class Intake {
 public:
  // `log`, `side` outlive it. Reads all governance entries of the log. `system_key` signs incidents
  // and anchors. Errc::Corrupt when the log does not begin with a founding event.
  static Result<Intake> open(log::EventLog& log, store::SideStore& side,
                             const crypto::KeyPair& system_key);

  // Takes several batches in one commit; results in the same order and shape. Everything logged is
  // durable when it returns. Forks are reported by an incident in the same commit; parked events
  // whose key's credential came in are logged with it. Errc::Io: nothing is acknowledged, all may
  // be offered again; what the disk holds of it after all, the next call finds logged.
  Result<std::vector<std::vector<sync::EventOutcome>>> take(std::span<CheckedBatch> batches,
                                                            TimePoint now);
  // Signs and logs an event of the county's system key (anchor, incident).
  Result<event::LoggedEvent> take_system(const event::Draft& draft, Entropy& entropy,
                                         TimePoint now);

  const credential::Governance& governance() const;
  // The same, never changed any more: for readers in other threads. Replaced by a new one whenever
  // take() logs a governance entry.
  std::shared_ptr<const credential::Governance> shared_governance() const;
  log::LogHead head() const;  // Cached.
  // Entries logged by the last take(), for the folds that follow the log. After an error the log
  // may hold more: a fold that finds a gap reads the log.
  const std::vector<event::LoggedEvent>& newest() const;

  ~Intake();
  Intake(Intake&&) noexcept;

 private:
  struct State;
  explicit Intake(std::unique_ptr<State> state);
  Result<void> settle();
  std::unique_ptr<State> state_;
};
}  // namespace cunji::server
