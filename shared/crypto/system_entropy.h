#pragma once
// Randomness from the operating system, for programs; the core takes whatever Entropy it is given.
#include "shared/base/entropy.h"

namespace cunji::crypto {
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};
}  // namespace cunji::crypto
