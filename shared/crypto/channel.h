#pragma once
// The sealed channel of a session (design section 4): both sides' ephemeral X25519 keys are agreed
// with crypto_kx, bound to the signed transcript, and every frame is sealed with
// XChaCha20-Poly1305 under a key of its direction and a counter as nonce. A frame that is lost,
// repeated, reordered or altered does not open. (docs/decisions/channel.md says why not
// secretstream.)
#include <cstdint>
#include <optional>

#include "shared/base/bytes.h"
#include "shared/base/entropy.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::crypto {
using BoxPublic = FixedBytes<32, struct BoxPublicTag>;  // X25519.
using BoxSecret = FixedBytes<32, struct BoxSecretTag>;

struct BoxPair {
  BoxPublic public_key;
  BoxSecret secret_key;
  ~BoxPair();  // Wipes the secret key.
};
BoxPair generate_box_pair(Entropy& entropy);
BoxPair box_pair_of(const BoxSecret& secret);

// One end of a session's channel. Not for more than 2^64 frames; moves, is not shared by threads.
class Channel {
 public:
  static constexpr std::size_t kOverheadBytes = 16;  // The authenticator of each frame.
  enum class Role { Node, Server };

  // Errc::Forged when the peer's key is a low-order point. `transcript` is the digest of the whole
  // signed handshake: ends that saw different handshakes can't open each other's frames.
  static Result<Channel> agree(Role role, const BoxPair& own, const BoxPublic& peer,
                               const Digest& transcript);
  // Not copied: two copies would use one nonce twice. Its keys are wiped from memory when it goes.
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  Channel(Channel&&) = default;
  Channel& operator=(Channel&&) = default;
  ~Channel();

  Bytes seal(BytesView frame);
  // Errc::Forged when the frame is not the peer's next one; the channel is then useless.
  Result<Bytes> open(BytesView sealed);

 private:
  using Key = FixedBytes<32, struct ChannelKeyTag>;
  Channel() = default;
  Key send_key_, receive_key_;
  std::uint64_t sent_ = 0, received_ = 0;
};
}  // namespace cunji::crypto
