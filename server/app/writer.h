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

#include "server/app/keeper.h"

namespace cunji::server {
class Writer {
 public:
  using BatchDone = std::function<void(std::vector<sync::EventOutcome>)>;
  using EnrolDone = std::function<void(Result<sync::EnrolmentOutcome>)>;
  using FoldDone = std::function<void(FoldReport)>;

  explicit Writer(std::unique_ptr<Keeper> keeper) : keeper_(std::move(keeper)) {}
  ~Writer();

  // `on_view` is called from the writer's thread for each new view; `on_failure` once, when the
  // writer had to give up (the log is damaged, or another process published).
  void start(std::function<void(ViewPtr)> on_view, std::function<void(Error)> on_failure);
  // Takes what is queued, publishes, ends the thread.
  void stop();

  // Any thread. Above kQueueEventsMax, and after stop(), all events are refused with "later".
  void push(CheckedBatch batch, BatchDone done);
  void enrol(sync::ServerSession::EnrolmentAsk ask, EnrolDone done);
  void fold_report(FoldDone done);

 private:
  struct Batch {
    CheckedBatch events;
    BatchDone done;
  };
  struct Work {
    std::vector<Batch> batches;
    std::deque<std::pair<sync::ServerSession::EnrolmentAsk, EnrolDone>> asks;
    std::deque<FoldDone> fold_asks;
    bool last = false;  // Nothing more will come.
  };
  void run();
  Work wait_for_work();
  Result<void> carry_out(Work& work);
  void tell(const std::string& trouble);

  std::unique_ptr<Keeper> keeper_;  // The thread's own once it runs.
  std::string trouble_;             // Last told.
  std::thread thread_;
  ViewPtr shown_;  // The thread's own.
  std::function<void(ViewPtr)> on_view_;
  std::function<void(Error)> on_failure_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable wake_;
  std::deque<Batch> batches_;
  std::size_t batch_events_ = 0;
  std::deque<std::pair<sync::ServerSession::EnrolmentAsk, EnrolDone>> asks_;
  std::deque<FoldDone> fold_asks_;
  bool stopping_ = false;
};
}  // namespace cunji::server
