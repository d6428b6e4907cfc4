#include "shared/log/merkle.h"

#include <bit>

#include "shared/crypto/hash.h"

namespace cunji::log {
Digest leaf_hash(BytesView leaf) { return crypto::sha256({BytesView("\0", 1), leaf}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return crypto::sha256({BytesView("\1", 1), left.view(), right.view()});
}

Digest empty_root() { return crypto::sha256(BytesView{}); }

Result<Frontier> Frontier::load(const HashReader& hashes, std::uint64_t size) {
  Frontier out;
  out.size_ = size;
  std::uint64_t covered = 0;
  while (covered < size) {
    const std::uint64_t leaves = std::bit_floor(size - covered);
    const auto level = static_cast<std::uint8_t>(std::countr_zero(leaves));
    TRY_AS(hash, hashes.subtree(level, covered >> level));
    out.edge_.push_back(hash);
    covered += leaves;
  }
  return out;
}

Digest Frontier::root() const {
  if (edge_.empty()) return empty_root();
  Digest hash = edge_.back();
  for (auto left = edge_.rbegin() + 1; left != edge_.rend(); ++left) hash = node_hash(*left, hash);
  return hash;
}

void Frontier::append(const Digest& leaf, std::vector<Subtree>& completed) {
  Subtree subtree{.level = 0, .index = size_, .hash = leaf};
  completed.push_back(subtree);
  // An odd index is a right child: together with its left sibling, the edge's last, it completes
  // the parent.
  while (subtree.index % 2 == 1) {
    subtree = {.level = static_cast<std::uint8_t>(subtree.level + 1),
               .index = subtree.index / 2,
               .hash = node_hash(edge_.back(), subtree.hash)};
    edge_.pop_back();
    completed.push_back(subtree);
  }
  edge_.push_back(subtree.hash);
  ++size_;
}

Result<Digest> root_at(const HashReader& hashes, std::uint64_t size) {
  TRY_AS(frontier, Frontier::load(hashes, size));
  return frontier.root();
}
}  // namespace cunji::log
