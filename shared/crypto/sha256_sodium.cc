// SHA-256 of the WebAssembly build, which has no OpenSSL.
#include <sodium.h>

#include "shared/crypto/sha256.h"

namespace cunji::crypto {
static const unsigned char* in(BytesView v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

Digest sha256_of(BytesView first, std::span<const BytesView> rest) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, in(first), first.size());
  for (const BytesView piece : rest) crypto_hash_sha256_update(&state, in(piece), piece.size());
  Digest out;
  crypto_hash_sha256_final(&state, out.data());
  return out;
}
}  // namespace cunji::crypto
