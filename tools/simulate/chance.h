#pragma once
// Decisions that a seed determines.
#include <vector>

#include "shared/base/time.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::simulate {
class Chance {
 public:
  Chance(std::uint64_t seed, BytesView stream) : entropy_(seed, stream) {}

  std::uint64_t below(std::uint64_t bound) { return entropy_.below(bound); }
  bool per_mille(std::uint64_t share) { return below(1'000) < share; }
  // From `least` to `most`, both included.
  Duration between(Duration least, Duration most) {
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration{static_cast<std::int64_t>(below(span))};
  }
  template <class T>
  T& one_of(std::vector<T>& choices) {
    return choices[below(choices.size())];
  }
  Entropy& entropy() { return entropy_; }

 private:
  crypto::SeededEntropy entropy_;
};
}  // namespace cunji::simulate
