#include "server/app/writer.h"

#include "protocol/sync.pb.h"

namespace cunji::server {
using Status = sync::EventOutcome::Status;

Load load_of(std::span<const CheckedEvent> events) {
  Load out{.events = events.size(), .bytes = 0};
  for (const CheckedEvent& checked : events) {
    out.bytes += sizeof(CheckedEvent);
    for (const event::PartSlot& part : checked.event.body.parts)
      out.bytes += sizeof part + part.padded.size();
  }
  return out;
}

std::vector<sync::EventOutcome> all_later(const CheckedBatch& batch, const std::string& reason) {
  std::vector<sync::EventOutcome> out;
  for (const CheckedEvent& checked : batch.events) {
    const event::Header& header = checked.event.signed_event.header();
    sync::EventOutcome outcome;
    outcome.status = Status::Refused;
    outcome.key = header.author;
    outcome.sequence = header.sequence;
    outcome.refusal = proto::REFUSAL_CODE_LATER;
    outcome.reason = reason;
    out.push_back(outcome);
  }
  return out;
}

Writer::~Writer() { stop(); }

void Writer::start(std::function<void(ViewPtr)> on_view, std::function<void(Error)> on_failure) {
  on_view_ = std::move(on_view);
  on_failure_ = std::move(on_failure);
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::push(CheckedBatch batch, BatchDone done) {
  std::string reason;
  const Load load = load_of(batch.events);
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) {
      reason = "the server is stopping";
    } else if (!batches_.has_room(batch.sender, load)) {
      reason = kBusyReason;
    } else {
      const PublicKey sender = batch.sender;
      batches_.push(sender, load, {std::move(batch), std::move(done)});
    }
  }
  if (reason.empty()) return wake_.notify_one();
  metrics_.count_later(LaterReason::Queue, load.events);
  done(all_later(batch, reason));
}

void Writer::enrol(sync::ServerSession::EnrolmentAsk ask, EnrolDone done) {
  std::optional<Error> refusal;
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) {
      refusal = Error{Errc::Limit, "the server is stopping"};
    } else if (asks_.size() >= kAsksWaitingMax) {
      refusal = Error{Errc::Limit, kBusyReason};
    } else {
      asks_.emplace_back(std::move(ask), std::move(done));
    }
  }
  if (!refusal) return wake_.notify_one();
  done(*refusal);
}

void Writer::look(std::function<void(Keeper&)> look) {
  {
    const std::lock_guard guard(mutex_);
    looks_.push_back(std::move(look));
  }
  wake_.notify_one();
}

std::size_t Writer::waiting_events() const {
  const std::lock_guard guard(mutex_);
  return batches_.total().events;
}

Writer::Work Writer::wait_for_work() {
  std::unique_lock guard(mutex_);
  const auto has_work = [&] {
    return stopping_ || !batches_.empty() || !asks_.empty() || !looks_.empty();
  };
  wake_.wait_for(guard, kQueueLookInterval, has_work);
  Work work;
  work.batches = batches_.take(kCommitEventsMax);
  work.asks.swap(asks_);
  work.looks.swap(looks_);
  work.last = stopping_ && batches_.empty();
  return work;
}

// Trouble that may pass (a full disk) is told once, and once more when it is over.
void Writer::tell(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  const OperatorLog& log = keeper_->operator_log();
  if (trouble.empty()) {
    log.info("trouble_over", "故障已消除 / the trouble is over");
  } else {
    log.error("trouble", "故障 / trouble", {{"why", Plain{trouble}}});
  }
}

// An error here means that going on would be wrong: the log is damaged, or is not ours alone.
Result<void> Writer::carry_out(Work& work) {
  std::vector<std::function<void()>> answers;  // After the view that shows what they tell.
  const auto answer = [&answers, this] {
    if (ViewPtr view = keeper_->view(); view != shown_) {
      shown_ = view;
      on_view_(std::move(view));
    }
    for (const auto& each : answers) each();
  };
  if (!work.batches.empty()) {
    std::vector<CheckedBatch> batches;
    for (Batch& batch : work.batches) batches.push_back(std::move(batch.events));
    const auto begun = std::chrono::steady_clock::now();
    auto results = keeper_->take(batches);
    if (results) metrics_.commit.add(std::chrono::steady_clock::now() - begun);
    for (std::size_t i = 0; i < batches.size(); ++i) {
      auto outcomes = results ? std::move((*results)[i])
                              : all_later(batches[i], "can't log now: " + results.error().what);
      results ? metrics_.count_outcomes(outcomes)
              : metrics_.count_later(LaterReason::Disk, outcomes.size());
      answers.push_back([done = std::move(work.batches[i].done), outcomes = std::move(outcomes)] {
        done(outcomes);
      });
    }
    if (!results) tell(results.error().what);
    if (!results && results.error().code != Errc::Io) {
      answer();
      return results.error();
    }
  }
  for (auto& [ask, done] : work.asks)
    answers.push_back(
        [carried = std::move(done), outcome = keeper_->enrol(ask)] { carried(outcome); });
  answer();
  const auto chores = keeper_->do_chores(work.last);
  if (!chores && chores.error().code != Errc::Io) return chores.error();
  tell(chores ? "" : chores.error().what);
  for (const auto& look : work.looks) look(*keeper_);
  return {};
}

void Writer::run() {
  for (bool last = false; !last;) {
    Work work = wait_for_work();
    last = work.last;
    if (const auto done = carry_out(work); !done) {
      on_failure_(done.error());
      // From now on everything is refused; what waits is answered so.
      std::vector<Batch> left;
      {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        left = batches_.take(SIZE_MAX);
      }
      for (Batch& batch : left) batch.done(all_later(batch.events, done.error().what));
      return;
    }
    if (ViewPtr view = keeper_->view(); view != shown_) {
      shown_ = view;
      on_view_(std::move(view));
    }
  }
  if (const auto kept = keeper_->keep_snapshot(); !kept) tell(kept.error().what);
}
}  // namespace cunji::server
