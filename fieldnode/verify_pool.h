#pragma once
// Verifies the signatures of a feed on all cores: the node itself has one thread (D11), and a first
// sync's time is signatures. Native only; the browser verifies one by one.
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <span>
#include <vector>

#include "shared/event/signed_event.h"

namespace cunji::fieldnode {
class VerifyPool {
 public:
  // `threads` beside the caller's own; they begin with the first feed worth spreading.
  explicit VerifyPool(std::size_t threads = spare_cores());

  // For each event, in order, whether its signature holds (sync::VerifyAll). The caller takes part
  // and waits. One caller at a time.
  std::vector<std::uint8_t> verify(std::span<const event::SignedEvent* const> events);

 private:
  static std::size_t spare_cores();
  std::size_t threads_;
  std::optional<boost::asio::thread_pool> pool_;
};
}  // namespace cunji::fieldnode
