#pragma once
// Load on a server: many keys that push events which were signed, encoded and framed beforehand, so
// that little but sealing and masking is left to do while it is measured. One thread runs it all.
#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/crypto/sign.h"
#include "shared/event/event.h"

namespace cunji::bench {
struct Pusher {
  crypto::KeyPair key;
  std::vector<Bytes> frames;            // NodeFrame messages; push ids count up from 1.
  double starts_after = 0;              // Seconds from the beginning.
  std::vector<std::uint64_t> photos{};  // Numbers of made_up_photo(): sent after the events.
};
// The pushes of one author's events, `batch_events` each.
std::vector<Bytes> framed(std::span<const event::Event> events, std::size_t batch_events);

// Somebody who pushes as fast as he can for as long as the others take, his batches over and over,
// and comes again whenever he is thrown out.
struct Flooder {
  crypto::KeyPair key;
  std::vector<Bytes> batches;   // Batch bytes.
  std::size_t connections = 1;  // At once, with the one key.
  bool garbage = false;         // Sends a frame of noise after each push.
};
struct FloodResult {
  std::uint64_t logged = 0, later = 0, refused = 0;  // Events.
  std::uint64_t thrown_out = 0;                      // Connections.
};

struct LoadResult {
  std::uint64_t logged = 0, not_logged = 0;
  std::vector<double> answer_seconds;  // Of each push, from sending to its acknowledgement.
  FloodResult flood;
  double seconds = 0;                         // From the first push to the last acknowledgement.
  std::uint64_t photos = 0, photo_bytes = 0;  // Held by the server.
  std::vector<double> photo_seconds;          // Of each, from its first chunk to "held".
};
// Connects each pusher at its time, keeps `in_flight` pushes under way, and ends when all is
// acknowledged. Errc::Io when a connection fails; what a server says is not proven here.
Result<LoadResult> push_all(std::uint16_t port, const std::vector<Pusher>& pushers,
                            std::size_t in_flight, const std::vector<Flooder>& flooders = {});
}  // namespace cunji::bench
