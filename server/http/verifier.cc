#include "server/http/verifier.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "server/app/writer.h"

namespace cunji::server {
namespace asio = boost::asio;

bool Verifier::check(std::shared_ptr<CheckedBatch> batch, std::function<void()> done) {
  const std::span<const CheckedEvent> events(batch->events);
  if (!waiting_.has_room(batch->sender, load_of(events))) return false;
  const PublicKey sender = batch->sender;
  const auto job = std::make_shared<Job>();
  job->batch = std::move(batch);
  job->done = std::move(done);
  for (std::size_t from = 0; from < events.size(); from += kVerifyEvents) {
    const std::size_t count = std::min(kVerifyEvents, events.size() - from);
    ++job->tasks_left;
    waiting_.push(sender, load_of(events.subspan(from, count)), {job, from, from + count});
  }
  hand_out();
  return true;
}

void Verifier::hand_out() {
  for (; running_ < running_max_ && !waiting_.empty(); ++running_) {
    for (Task& task : waiting_.take(1)) run(std::move(task));
  }
}

// Tasks write to different events of a batch, so they need no lock. A job, and with it whoever
// waits for it, is let go on the socket thread only.
void Verifier::run(Task task) {
  asio::post(pool_, [this, task = std::move(task)]() mutable {
    for (std::size_t i = task.from; i < task.to; ++i) {
      CheckedEvent& checked = task.job->batch->events[i];
      checked.refusal = server::check(checked.event, county_);
    }
    asio::post(io_, [this, job = std::move(task.job)] {
      --running_;
      if (--job->tasks_left == 0) job->done();
      hand_out();
    });
  });
}
}  // namespace cunji::server
