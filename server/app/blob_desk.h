#pragma once
// The thread of the county's blobs: it alone reads and writes them, so that neither sockets nor the
// writer of the log ever wait for a photo. Others hand work in and are called back from it.
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/app/blob_store.h"
#include "server/app/clock.h"

namespace cunji::server {
class BlobDesk {
 public:
  using OfferDone = std::function<void(std::vector<sync::BlobAnswer>)>;
  using ChunkDone = std::function<void(sync::BlobAnswer)>;

  BlobDesk(std::unique_ptr<BlobStore> store, std::shared_ptr<Clock> clock);
  ~BlobDesk();
  // Answers what is queued, ends the thread.
  void stop();

  // Any thread. After stop() all is answered "later" at once. What waits is bounded by the
  // sessions: an offer or two chunks each.
  void offer(BlobOffer offer, OfferDone done);
  void chunk(store::ArrivedChunk chunk, ChunkDone done);
  // Any thread but its own: as BlobStore::erase() of each, and waits until it is done.
  // Errc::Timeout after stop().
  Result<void> erase(std::vector<Digest> digests);

  BlobFigures figures() const { return store_->figures(); }

 private:
  struct Offered {
    BlobOffer offer;
    OfferDone done;
  };
  struct Erasing {
    std::vector<Digest> digests;
    std::promise<Result<void>> done;
  };
  struct Arrived {
    std::vector<store::ArrivedChunk> chunks;
    std::vector<ChunkDone> done;
  };
  void run();
  void look_for_recovered();

  std::unique_ptr<BlobStore> store_;                             // The thread's own.
  std::chrono::steady_clock::time_point recovered_looked_at_{};  // Likewise.
  std::shared_ptr<Clock> clock_;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable wake_;
  std::deque<Offered> offers_;
  std::deque<Erasing> erasings_;
  std::deque<std::pair<store::ArrivedChunk, ChunkDone>> chunks_;
  bool stopping_ = false;
  std::thread thread_;  // Last: it uses all of the above.
};
}  // namespace cunji::server
