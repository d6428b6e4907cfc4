#pragma once
// The Merkle tree of RFC 6962 section 2.1 over leaf hashes, by its complete subtrees.
#include <span>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/log/hash_reader.h"

namespace cunji::log {
Digest leaf_hash(BytesView leaf);                           // SHA-256(0x00 ‖ leaf)
Digest node_hash(const Digest& left, const Digest& right);  // SHA-256(0x01 ‖ left ‖ right)
Digest empty_root();                                        // SHA-256 of nothing

// A complete subtree's hash with its place.
struct Subtree {
  std::uint8_t level = 0;
  std::uint64_t index = 0;
  Digest hash;
};

// The right edge of a tree: enough to append and to know the root, in O(log n) space.
class Frontier {
 public:
  Frontier() = default;
  // Reads the edge of the tree of `size` leaves.
  static Result<Frontier> load(const HashReader& hashes, std::uint64_t size);
  std::uint64_t size() const { return size_; }
  Digest root() const;
  // Appends a leaf; adds every subtree that became complete (the leaf itself first) to `completed`.
  void append(const Digest& leaf, std::vector<Subtree>& completed);

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> edge_;  // Complete subtrees of the size's one-bits, largest first.
};

// The root of the first `size` leaves.
Result<Digest> root_at(const HashReader& hashes, std::uint64_t size);
}  // namespace cunji::log
