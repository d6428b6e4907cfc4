#include "shared/crypto/channel.h"

#include <sodium.h>

#include "shared/crypto/hash.h"

namespace cunji::crypto {
using Nonce = FixedBytes<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, struct NonceTag>;

static_assert(BoxPublic::kSize == crypto_kx_PUBLICKEYBYTES);
static_assert(BoxSecret::kSize == crypto_kx_SECRETKEYBYTES);
static_assert(Channel::kOverheadBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

// Every key seals one direction of one session, so a counter never repeats under it.
static Nonce nonce_of(std::uint64_t counter) {
  Nonce out;
  for (std::size_t i = 0; i < 8; ++i)
    out.bytes[Nonce::kSize - 1 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return out;
}

BoxPair::~BoxPair() { sodium_memzero(secret_key.data(), BoxSecret::kSize); }

BoxPair generate_box_pair(Entropy& entropy) {
  BoxPair out;
  BoxSecret seed = entropy.next<BoxSecret>();
  crypto_kx_seed_keypair(out.public_key.data(), out.secret_key.data(), seed.data());
  sodium_memzero(seed.data(), BoxSecret::kSize);
  return out;
}

BoxPair box_pair_of(const BoxSecret& secret) {
  BoxPair out{.public_key = {}, .secret_key = secret};
  crypto_scalarmult_base(out.public_key.data(), out.secret_key.data());
  return out;
}

Result<Channel> Channel::agree(Role role, const BoxPair& own, const BoxPublic& peer,
                               const Digest& transcript) {
  Digest receive, send;
  const auto agree_keys =
      role == Role::Node ? crypto_kx_client_session_keys : crypto_kx_server_session_keys;
  if (agree_keys(receive.data(), send.data(), own.public_key.data(), own.secret_key.data(),
                 peer.data()) != 0)
    return Error{Errc::Forged, "the peer's session key is not a valid point"};
  Channel out;
  out.receive_key_.bytes = hmac_sha256(receive.view(), {transcript.view()}).bytes;
  out.send_key_.bytes = hmac_sha256(send.view(), {transcript.view()}).bytes;
  sodium_memzero(receive.data(), Digest::kSize);
  sodium_memzero(send.data(), Digest::kSize);
  return out;
}

Channel::~Channel() {
  sodium_memzero(send_key_.data(), Key::kSize);
  sodium_memzero(receive_key_.data(), Key::kSize);
}

Bytes Channel::seal(BytesView frame) {
  Bytes out(frame.size() + kOverheadBytes, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(out.data()), nullptr,
                                             reinterpret_cast<const unsigned char*>(frame.data()),
                                             frame.size(), nullptr, 0, nullptr,
                                             nonce_of(sent_++).data(), send_key_.data());
  return out;
}

Result<Bytes> Channel::open(BytesView sealed) {
  const Error forged{Errc::Forged, "frame " + std::to_string(received_) + " does not open"};
  if (sealed.size() < kOverheadBytes) return forged;
  Bytes out(sealed.size() - kOverheadBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(out.data()), nullptr, nullptr,
          reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), nullptr, 0,
          nonce_of(received_).data(), receive_key_.data()) != 0)
    return forged;
  ++received_;
  return out;
}
}  // namespace cunji::crypto
