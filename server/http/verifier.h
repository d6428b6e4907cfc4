#pragma once
// Checks pushed batches on all cores, senders in turn: little is handed to the pool at a time, and
// what waits, waits here (fair_queue.h). Belongs to the socket thread.
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "server/app/limits.h"
#include "server/intake/intake.h"

namespace cunji::server {
class Verifier {
 public:
  // `io` and `pool`, which has `workers` threads, outlive it.
  Verifier(boost::asio::io_context& io, boost::asio::thread_pool& pool, unsigned workers,
           CountyCode county)
      : io_(io), pool_(pool), running_max_(workers * kTasksAWorker), county_(county) {}

  // Fills in each event's refusal, then calls `done` on the socket thread. False, and nothing is
  // done, when the sender's or all senders' share of the queue is used up. `batch` has events.
  bool check(std::shared_ptr<CheckedBatch> batch, std::function<void()> done);
  std::size_t waiting_events() const { return waiting_.total().events; }

 private:
  // Enough to keep a core busy until the socket thread hands out more: some 25 ms.
  static constexpr std::size_t kTasksAWorker = 8;
  struct Job {
    std::shared_ptr<CheckedBatch> batch;
    std::function<void()> done;
    std::size_t tasks_left = 0;
  };
  struct Task {
    std::shared_ptr<Job> job;
    std::size_t from = 0, to = 0;
  };
  void hand_out();
  void run(Task task);

  boost::asio::io_context& io_;
  boost::asio::thread_pool& pool_;
  std::size_t running_ = 0, running_max_;
  CountyCode county_;
  FairQueue<Task> waiting_{kQueueBounds};
};
}  // namespace cunji::server
