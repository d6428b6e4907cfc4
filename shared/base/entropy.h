#pragma once
// Where randomness comes from is the caller's choice (D11): the system's generator on a device
// (crypto/system_entropy.h), a seed in tests and the simulator (crypto/seeded_entropy.h).
#include <cstdint>
#include <span>

namespace cunji {
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  // A fresh value of a FixedBytes type: `entropy.next<Salt>()`.
  template <class Fixed>
  Fixed next() {
    Fixed out;
    fill(out.bytes);
    return out;
  }
};
}  // namespace cunji
