#pragma once
#include <cstdint>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::log {
// Reads the tree's persisted hashes: `level` 0 are leaf hashes, one of level L covers the 2^L
// leaves from index × 2^L on. Only complete subtrees are stored; they never change (RFC 6962).
class HashReader {
 public:
  virtual ~HashReader() = default;
  // Errc::Corrupt when the store should have it and has not.
  virtual Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const = 0;
};
}  // namespace cunji::log
