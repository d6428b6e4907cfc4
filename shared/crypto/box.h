#pragma once
// Sealed boxes: bytes that only the holder of an X25519 secret key can read, from nobody in
// particular. The format is libsodium's crypto_box_seal: ephemeral key 32 ‖ authenticator 16 ‖
// XSalsa20 of the message, nonce = BLAKE2b-24(ephemeral key ‖ reader's key).
#include "shared/base/entropy.h"
#include "shared/crypto/channel.h"

namespace cunji::crypto {
inline constexpr std::size_t kSealOverheadBytes = 48;

// Errc::Malformed when `reader` is a low-order point: nobody holds its secret.
Result<Bytes> seal_box(const BoxPublic& reader, BytesView message, Entropy& entropy);
// Errc::Forged when it was not sealed to this key, or was altered.
Result<Bytes> open_box(const BoxPair& reader, BytesView sealed);
}  // namespace cunji::crypto
