#pragma once
// Randomness that a seed determines wholly: tests, simulator, demo data. Never for real keys.
#include <cstdint>

#include "shared/base/bytes.h"
#include "shared/base/entropy.h"

namespace cunji::crypto {
class SeededEntropy final : public Entropy {
 public:
  // Streams of different seeds, or of different `stream` texts, are unrelated.
  explicit SeededEntropy(std::uint64_t seed, BytesView stream = {});
  void fill(std::span<std::uint8_t> out) override;
  // Uniform in [0, bound); bound at least 1.
  std::uint64_t below(std::uint64_t bound);

 private:
  FixedBytes<32, struct EntropySeedTag> key_;
  std::uint64_t block_ = 0;
};
}  // namespace cunji::crypto
