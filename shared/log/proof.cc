#include "shared/log/proof.h"

#include <algorithm>
#include <bit>

#include "shared/log/merkle.h"

namespace cunji::log {
// A range of leaves that RFC 6962's recursion meets: `begin` is a multiple of the smallest power of
// two that is no smaller than the range.
struct Range {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const { return end - begin; }
  // Where the recursion splits: after the largest power of two smaller than the size.
  std::uint64_t split() const { return begin + std::bit_floor(size() - 1); }
};

// MTH(D[begin:end]).
static Result<Digest> root_of(const HashReader& hashes, Range range) {
  if (std::has_single_bit(range.size())) {
    const auto level = static_cast<std::uint8_t>(std::countr_zero(range.size()));
    return hashes.subtree(level, range.begin >> level);
  }
  TRY_AS(left, root_of(hashes, {range.begin, range.split()}));
  TRY_AS(right, root_of(hashes, {range.split(), range.end}));
  return node_hash(left, right);
}

// PATH(index, D[range]) without recursion: the siblings from the root down, then turned around.
Result<Proof> prove_inclusion(const HashReader& hashes, std::uint64_t index, std::uint64_t size) {
  if (index >= size) return Error{Errc::Malformed, "inclusion proof: no such leaf in the tree"};
  Proof out;
  for (Range range{0, size}; range.size() > 1;) {
    const std::uint64_t split = range.split();
    const bool left = index < split;
    const Range sibling = left ? Range{split, range.end} : Range{range.begin, split};
    TRY_AS(hash, root_of(hashes, sibling));
    out.push_back(hash);
    (left ? range.end : range.begin) = split;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

// SUBPROOF(old_size, D[range], true), the same way.
Result<Proof> prove_consistency(const HashReader& hashes, std::uint64_t old_size,
                                std::uint64_t size) {
  if (old_size == 0 || old_size > size)
    return Error{Errc::Malformed, "consistency proof: old size not in 1 to size"};
  Proof out;
  Range range{0, size};
  while (range.end != old_size) {
    const std::uint64_t split = range.split();
    const bool left = old_size <= split;
    const Range sibling = left ? Range{split, range.end} : Range{range.begin, split};
    TRY_AS(hash, root_of(hashes, sibling));
    out.push_back(hash);
    (left ? range.end : range.begin) = split;
  }
  if (range.begin != 0) {  // Otherwise the verifier has this hash: it is the old root.
    TRY_AS(hash, root_of(hashes, range));
    out.push_back(hash);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

static Error forged(const char* what) { return Error{Errc::Forged, what}; }

// The walk of RFC 9162 sections 2.1.3.2 and 2.1.4.2: where a node and the tree's last node of the
// same level stand, from the bottom up.
struct Walk {
  std::uint64_t node = 0, last = 0;
  bool at_root() const { return last == 0; }
  // Whether the next hash of the proof is a left sibling. Skips levels where the node has none.
  bool sibling_is_left() {
    const bool left = node % 2 == 1 || node == last;
    if (left) {
      while (node % 2 == 0 && node != 0) up();
    }
    up();
    return left;
  }
  void up() {
    node /= 2;
    last /= 2;
  }
};

Result<void> verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                              std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return forged("inclusion proof: no such leaf in the tree");
  Walk walk{.node = index, .last = size - 1};
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (walk.at_root()) return forged("inclusion proof: too long");
    hash = walk.sibling_is_left() ? node_hash(sibling, hash) : node_hash(hash, sibling);
  }
  if (!walk.at_root()) return forged("inclusion proof: too short");
  if (hash != root) return forged("inclusion proof: leads to another root");
  return {};
}

Result<void> verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                                const Digest& root, std::span<const Digest> proof) {
  if (old_size == 0) return forged("consistency proof: from the empty tree it proves nothing");
  if (old_size > size) return forged("consistency proof: the tree has become smaller");
  if (old_size == size) {
    if (!proof.empty()) return forged("consistency proof: too long");
    if (old_root != root) return forged("consistency proof: two roots of one size");
    return {};
  }
  Walk walk{.node = old_size - 1, .last = size - 1};
  while (walk.node % 2 == 1) walk.up();
  // The first hash is the largest complete subtree at the old tree's right edge: the old root
  // itself where the old tree is complete.
  Digest old_hash = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return forged("consistency proof: too short");
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  Digest hash = old_hash;
  for (const Digest& sibling : proof) {
    if (walk.at_root()) return forged("consistency proof: too long");
    if (walk.sibling_is_left()) {
      old_hash = node_hash(sibling, old_hash);
      hash = node_hash(sibling, hash);
    } else {
      hash = node_hash(hash, sibling);
    }
  }
  if (!walk.at_root()) return forged("consistency proof: too short");
  if (old_hash != old_root) return forged("consistency proof: leads to another old root");
  if (hash != root) return forged("consistency proof: leads to another root");
  return {};
}
}  // namespace cunji::log
