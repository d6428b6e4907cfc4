#include <sodium.h>

#include "shared/base/check.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/crypto/system_entropy.h"

namespace cunji::crypto {
void SystemEntropy::fill(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

SeededEntropy::SeededEntropy(std::uint64_t seed, BytesView stream) {
  key_.bytes = sha256({ByteWriter().u64(seed).take(), stream}).bytes;
}

void SeededEntropy::fill(std::span<std::uint8_t> out) {
  // Each call takes a stream of its own, so that what one call asks for does not shift the next.
  unsigned char nonce[crypto_stream_chacha20_NONCEBYTES];
  static_assert(sizeof nonce == 8);
  const Bytes counter = ByteWriter().u64(block_++).take();
  std::copy(counter.begin(), counter.end(), nonce);
  crypto_stream_chacha20(out.data(), out.size(), nonce, key_.data());
}

std::uint64_t SeededEntropy::below(std::uint64_t bound) {
  CHECK(bound > 0);
  // Values under 2^64 mod bound are skipped, so that the rest divides evenly.
  const std::uint64_t skip = (0 - bound) % bound;
  for (;;) {
    std::uint8_t bytes[8];
    fill(bytes);
    std::uint64_t value = 0;
    for (const std::uint8_t b : bytes) value = value << 8 | b;
    if (value >= skip) return value % bound;
  }
}
}  // namespace cunji::crypto
