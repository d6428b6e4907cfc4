#pragma once
// RFC 6962 section 2.1 word for word, by recursion over all leaves: slow, and so plainly right that
// the real code can be held against it.
#include <bit>
#include <map>
#include <string>
#include <vector>

#include "shared/crypto/hash.h"
#include "shared/log/merkle.h"
#include "shared/log/proof.h"

namespace cunji::log {
inline Digest naive_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return crypto::sha256(BytesView{});
  if (leaves.size() == 1) return leaves.front();
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  return crypto::sha256({BytesView("\1", 1), naive_root(leaves.first(k)).view(),
                         naive_root(leaves.subspan(k)).view()});
}

inline Proof naive_path(std::size_t m, std::span<const Digest> leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  Proof out = m < k ? naive_path(m, leaves.first(k)) : naive_path(m - k, leaves.subspan(k));
  out.push_back(naive_root(m < k ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

inline Proof naive_subproof(std::size_t m, std::span<const Digest> leaves, bool whole) {
  if (m == leaves.size()) return whole ? Proof{} : Proof{naive_root(leaves)};
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  Proof out = m <= k ? naive_subproof(m, leaves.first(k), whole)
                     : naive_subproof(m - k, leaves.subspan(k), false);
  out.push_back(naive_root(m <= k ? leaves.subspan(k) : leaves.first(k)));
  return out;
}

// A tree whose complete subtrees are kept as a store keeps them.
class Tree final : public HashReader {
 public:
  explicit Tree(std::size_t size = 0) {
    for (std::size_t i = 0; i < size; ++i) append(leaf_hash("leaf " + std::to_string(i)));
  }
  void append(const Digest& leaf) {
    std::vector<Subtree> completed;
    frontier_.append(leaf, completed);
    leaves_.push_back(leaf);
    for (const Subtree& s : completed) hashes_[{s.level, s.index}] = s.hash;
  }
  void damage(std::uint8_t level, std::uint64_t index) { hashes_[{level, index}].bytes[0] ^= 1; }
  void forget(std::uint8_t level, std::uint64_t index) { hashes_.erase({level, index}); }

  Result<Digest> subtree(std::uint8_t level, std::uint64_t index) const override {
    const auto found = hashes_.find({level, index});
    if (found == hashes_.end()) return Error{Errc::Corrupt, "no such subtree"};
    return found->second;
  }
  std::span<const Digest> leaves() const { return leaves_; }
  std::size_t stored() const { return hashes_.size(); }
  const Frontier& frontier() const { return frontier_; }
  Digest root(std::size_t size) const { return naive_root(leaves().first(size)); }

 private:
  Frontier frontier_;
  std::vector<Digest> leaves_;
  std::map<std::pair<std::uint8_t, std::uint64_t>, Digest> hashes_;
};
}  // namespace cunji::log
