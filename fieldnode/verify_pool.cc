#include "fieldnode/verify_pool.h"

#include <boost/asio/post.hpp>
#include <latch>
#include <thread>

namespace cunji::fieldnode {
// Fewer are not worth waking a thread for: a millisecond's work.
static constexpr std::size_t kShareMin = 24;

std::size_t VerifyPool::spare_cores() {
  return std::max(1U, std::thread::hardware_concurrency()) - 1;
}

VerifyPool::VerifyPool(std::size_t threads) : threads_(threads) {}

std::vector<std::uint8_t> VerifyPool::verify(std::span<const event::SignedEvent* const> events) {
  std::vector<std::uint8_t> out(events.size());
  const auto verify_share = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) out[i] = events[i]->verify() ? 1 : 0;
  };
  const std::size_t shares = std::min(threads_ + 1, events.size() / kShareMin + 1);
  const auto begin_of = [&](std::size_t share) { return events.size() * share / shares; };
  if (shares > 1 && !pool_) pool_.emplace(threads_);
  std::latch done(static_cast<std::ptrdiff_t>(shares) - 1);
  for (std::size_t share = 1; share < shares; ++share) {
    boost::asio::post(*pool_, [&, share] {
      verify_share(begin_of(share), begin_of(share + 1));
      done.count_down();
    });
  }
  verify_share(0, begin_of(1));
  done.wait();
  return out;
}
}  // namespace cunji::fieldnode
