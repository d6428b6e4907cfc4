#include "shared/crypto/hash.h"

#include <sodium.h>

#include "shared/crypto/sha256.h"

namespace cunji::crypto {
// Chooses the fastest implementations for this processor before main. Every other file of this
// folder is linked only together with this one, since keys and channels hash.
[[maybe_unused]] static const bool kSodiumReady = sodium_init() >= 0;

Digest sha256(std::initializer_list<BytesView> pieces) {
  return sha256_of({}, {pieces.begin(), pieces.size()});
}

// RFC 2104: H((key ^ opad) ‖ H((key ^ ipad) ‖ message)), the key padded to a block.
Digest hmac_sha256(BytesView key, std::initializer_list<BytesView> pieces) {
  using Block = FixedBytes<64, struct HmacBlockTag>;
  Block inner, outer;
  Digest short_key;
  if (key.size() > Block::kSize) {
    short_key = sha256(key);
    key = short_key.view();
  }
  inner.bytes.fill(0x36);
  outer.bytes.fill(0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(key[i]);
    inner.bytes[i] ^= byte;
    outer.bytes[i] ^= byte;
  }
  const Digest digest = sha256_of(inner.view(), {pieces.begin(), pieces.size()});
  const BytesView rest[] = {digest.view()};
  const Digest out = sha256_of(outer.view(), rest);
  sodium_memzero(inner.data(), Block::kSize);
  sodium_memzero(outer.data(), Block::kSize);
  sodium_memzero(short_key.data(), Digest::kSize);
  return out;
}

bool equal_in_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}
}  // namespace cunji::crypto
