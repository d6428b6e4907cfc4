#pragma once
// What the running server counts, and its text for Prometheus (exposition format 0.0.4). Counts are
// added from any thread. No key, name or address is in any of it: whoever watches a server learns
// how much, not who.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/app/blob_store.h"
#include "shared/sync/node_session.h"

namespace cunji::server {
class Histogram {
 public:
  void add(std::chrono::steady_clock::duration took);
  std::string text(const std::string& name, const std::string& help) const;

 private:
  // Two seconds is what a node may wait at most for its acknowledgement (issue of limits).
  static constexpr std::array<double, 12> kBounds{0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                  0.1,   0.2,   0.5,   1,    2,    5};
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::uint64_t> micros_{0};
};

// Why events are to come again.
enum class LaterReason { Quota, Queue, SenderRate, Disk, Other };
// Why a connection was closed by us.
enum class ClosedReason {
  NoPlace,
  TooManySessions,
  HeadTimeout,
  HelloTimeout,
  FrameTimeout,
  StrangerTimeout,
  SlowReader,
  Session
};

class Metrics {
 public:
  Histogram commit;           // One group commit: judge, write, flush, fold.
  Histogram acknowledgement;  // From a push's arrival until its answer is handed to the socket.
  std::atomic<std::uint64_t> bytes_in{0}, bytes_out{0};  // WebSocket messages, without framing.
  std::atomic<std::uint64_t> connections{0};             // Accepted so far.
  std::atomic<std::uint64_t> enrolments_later{0};

  // Of events that a commit decided.
  void count_outcomes(const std::vector<sync::EventOutcome>& outcomes);
  void count_later(LaterReason reason, std::size_t events);
  void count_closed(ClosedReason reason);
  void count_request(unsigned http_status);

  // What is not counted but is so now.
  struct Now {
    std::uint64_t log_size = 0, checkpoint_size = 0, fold_size = 0;
    std::uint64_t quarantined = 0, parked = 0, parked_bytes = 0, codes_open = 0;
    std::uint64_t sessions = 0, strangers = 0, connections = 0, queued_events = 0,
                  verifying_events = 0;
    std::uint64_t database_bytes = 0, disk_free_bytes = 0;
    BlobFigures photos = {};
    double checkpoint_age_seconds = 0, uptime_seconds = 0;
  };
  std::string text(const Now& now) const;

 private:
  mutable std::mutex mutex_;  // Guards what follows.
  std::map<std::uint16_t, std::uint64_t> logged_;
  std::map<int, std::uint64_t> refused_;
  std::map<LaterReason, std::uint64_t> later_;
  std::map<ClosedReason, std::uint64_t> closed_;
  std::map<unsigned, std::uint64_t> requests_;
  std::uint64_t parked_ = 0;
};
}  // namespace cunji::server
