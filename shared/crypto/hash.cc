#include "shared/crypto/hash.h"

#include <sodium.h>

namespace cunji::crypto {
// Chooses the fastest implementations for this processor before main. Every other file of this
// folder is linked only together with this one, since keys and channels hash.
[[maybe_unused]] static const bool kSodiumReady = sodium_init() >= 0;

static const unsigned char* in(BytesView v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

Digest sha256(std::initializer_list<BytesView> pieces) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const BytesView piece : pieces) crypto_hash_sha256_update(&state, in(piece), piece.size());
  Digest out;
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

Digest hmac_sha256(BytesView key, std::initializer_list<BytesView> pieces) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, in(key), key.size());
  for (const BytesView piece : pieces)
    crypto_auth_hmacsha256_update(&state, in(piece), piece.size());
  Digest out;
  crypto_auth_hmacsha256_final(&state, out.data());
  return out;
}

bool equal_in_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}
}  // namespace cunji::crypto
