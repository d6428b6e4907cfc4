#pragma once
// The one thread that owns the keeper, and so log and keys. It collects what waits into group
// commits. Others hand work in and are called back from this thread.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/app/fair_queue.h"
#include "server/app/keeper.h"
#include "server/app/metrics.h"

namespace cunji::server {
// Why a batch found no room.
inline constexpr const char* kBusyReason =
    "服务器正忙，稍后再传 / the server has its hands full; come again";
// What events weigh in a queue.
Load load_of(std::span<const CheckedEvent> events);
// Every event of the batch is to be offered again.
std::vector<sync::EventOutcome> all_later(const CheckedBatch& batch, const std::string& reason);

class Writer {
 public:
  using BatchDone = std::function<void(std::vector<sync::EventOutcome>)>;
  using EnrolDone = std::function<void(Result<sync::EnrolmentOutcome>)>;

  // `metrics` outlives it.
  Writer(std::unique_ptr<Keeper> keeper, Metrics& metrics)
      : keeper_(std::move(keeper)), metrics_(metrics) {}
  ~Writer();

  // `on_view` is called from the writer's thread for each new view; `on_failure` once, when the
  // writer had to give up (the log is damaged, or another process published).
  void start(std::function<void(ViewPtr)> on_view, std::function<void(Error)> on_failure);
  // Takes what is queued, publishes, ends the thread.
  void stop();

  // Any thread. Senders take turns (fair_queue.h); what finds no room within kQueueBounds, and all
  // after stop(), is refused with "later".
  void push(CheckedBatch batch, BatchDone done);
  // Errc::Limit when kAsksWaitingMax wait.
  void enrol(sync::ServerSession::EnrolmentAsk ask, EnrolDone done);
  // `look` is called by the writer's thread between two commits, and holds it up meanwhile.
  void look(std::function<void(Keeper&)> look);
  Metrics& metrics() { return metrics_; }
  std::size_t waiting_events() const;

 private:
  struct Batch {
    CheckedBatch events;
    BatchDone done;
  };
  struct Work {
    std::vector<Batch> batches;
    std::deque<std::pair<sync::ServerSession::EnrolmentAsk, EnrolDone>> asks;
    std::deque<std::function<void(Keeper&)>> looks;
    bool last = false;  // Nothing more will come.
  };
  void run();
  Work wait_for_work();
  Result<void> carry_out(Work& work);
  void tell(const std::string& trouble);

  std::unique_ptr<Keeper> keeper_;  // The thread's own once it runs.
  Metrics& metrics_;
  std::string trouble_;  // Last told.
  std::thread thread_;
  ViewPtr shown_;  // The thread's own.
  std::function<void(ViewPtr)> on_view_;
  std::function<void(Error)> on_failure_;

  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable wake_;
  FairQueue<Batch> batches_{kQueueBounds};
  std::deque<std::pair<sync::ServerSession::EnrolmentAsk, EnrolDone>> asks_;
  std::deque<std::function<void(Keeper&)>> looks_;
  bool stopping_ = false;
};
}  // namespace cunji::server
