#include "server/app/blob_desk.h"

#include "server/app/limits.h"

namespace cunji::server {
static sync::BlobAnswer stopped() {
  return {.standing = sync::BlobStanding::Later,
          .held = std::nullopt,
          .reason = "the server is stopping"};
}

BlobDesk::BlobDesk(std::unique_ptr<BlobStore> store, std::shared_ptr<Clock> clock)
    : store_(std::move(store)), clock_(std::move(clock)), thread_([this] { run(); }) {}

BlobDesk::~BlobDesk() { stop(); }

void BlobDesk::stop() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void BlobDesk::offer(BlobOffer offer, OfferDone done) {
  const std::size_t names = offer.names.size();
  {
    const std::lock_guard guard(mutex_);
    if (!stopping_) {
      offers_.push_back({std::move(offer), std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(std::vector<sync::BlobAnswer>(names, stopped()));
}

void BlobDesk::chunk(store::ArrivedChunk chunk, ChunkDone done) {
  {
    const std::lock_guard guard(mutex_);
    if (!stopping_) {
      chunks_.emplace_back(std::move(chunk), std::move(done));
      wake_.notify_one();
      return;
    }
  }
  done(stopped());
}

Result<void> BlobDesk::erase(std::vector<Digest> digests) {
  std::future<Result<void>> done;
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return Error{Errc::Timeout, "the server is stopping"};
    erasings_.push_back({std::move(digests), {}});
    done = erasings_.back().done.get_future();
    wake_.notify_one();
  }
  return done.get();
}

static Result<void> erase_all(BlobStore& store, const std::vector<Digest>& digests) {
  for (const Digest& digest : digests) TRY(store.erase(digest));
  return {};
}

// What can't be filed now is looked at again: by a full disk, nothing is lost.
void BlobDesk::look_for_recovered() {
  const auto now = std::chrono::steady_clock::now();
  if (now - recovered_looked_at_ < kRecoveredLookInterval) return;
  recovered_looked_at_ = now;
  static_cast<void>(store_->file_recovered().has_value());
}

void BlobDesk::run() {
  for (;;) {
    std::deque<Offered> offers;
    std::deque<Erasing> erasings;
    Arrived arrived;
    {
      std::unique_lock guard(mutex_);
      const auto has_work = [&] {
        return !offers_.empty() || !erasings_.empty() || !chunks_.empty();
      };
      const bool woken =
          wake_.wait_for(guard, kRecoveredLookInterval, [&] { return stopping_ || has_work(); });
      if (woken && !has_work()) return;
      offers.swap(offers_);
      erasings.swap(erasings_);
      while (!chunks_.empty() && arrived.chunks.size() < kCommitChunksMax) {
        arrived.chunks.push_back(std::move(chunks_.front().first));
        arrived.done.push_back(std::move(chunks_.front().second));
        chunks_.pop_front();
      }
    }
    look_for_recovered();
    for (Erasing& erasing : erasings) erasing.done.set_value(erase_all(*store_, erasing.digests));
    for (const Offered& offered : offers)
      offered.done(store_->answer(offered.offer, clock_->now()));
    if (arrived.chunks.empty()) continue;
    auto answers = store_->take(arrived.chunks, clock_->now());
    for (std::size_t i = 0; i < answers.size(); ++i) arrived.done[i](std::move(answers[i]));
  }
}
}  // namespace cunji::server
