// Proofs against RFC 6962's recursion for all sizes up to 130, and what must not verify.
#include "shared/log/proof.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/log/support.h"

namespace cunji::log {
static constexpr std::size_t kSizes = 130;

TEST(Inclusion, IsTheNaiveProofAndVerifiesAtEverySize) {
  const Tree tree(kSizes);
  for (std::size_t size = 1; size <= kSizes; ++size) {
    const Digest root = tree.root(size);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = prove_inclusion(tree, index, size);
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, naive_path(index, tree.leaves().first(size))) << index << "/" << size;
      ASSERT_TRUE(verify_inclusion(tree.leaves()[index], index, size, *proof, root));
    }
  }
}

TEST(Consistency, IsTheNaiveProofAndVerifiesAtEverySize) {
  const Tree tree(kSizes);
  for (std::size_t size = 1; size <= kSizes; ++size) {
    const Digest root = tree.root(size);
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const auto proof = prove_consistency(tree, old_size, size);
      ASSERT_TRUE(proof);
      ASSERT_EQ(*proof, naive_subproof(old_size, tree.leaves().first(size), true))
          << old_size << "/" << size;
      ASSERT_TRUE(verify_consistency(old_size, tree.root(old_size), size, root, *proof));
    }
  }
}

// Every single change of a good proof: a hash altered, left out, doubled or swapped.
static std::vector<Proof> spoiled(const Proof& good) {
  std::vector<Proof> out;
  for (std::size_t i = 0; i < good.size(); ++i) {
    Proof bad = good;
    bad[i].bytes[31] ^= 0x80;
    out.push_back(bad);
    bad = good;
    bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
    out.push_back(bad);
    bad = good;
    bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
    out.push_back(bad);
    if (i > 0) {
      bad = good;
      std::swap(bad[i], bad[i - 1]);
      out.push_back(bad);
    }
  }
  Proof longer = good;
  longer.push_back(leaf_hash("more"));
  out.push_back(longer);
  return out;
}

TEST(Inclusion, RefusesAnythingElse) {
  const Tree tree(kSizes);
  for (const std::size_t size : {1u, 2u, 3u, 7u, 8u, 64u, 65u, 130u}) {
    const Digest root = tree.root(size);
    for (std::size_t index = 0; index < size; ++index) {
      const Digest leaf = tree.leaves()[index];
      const Proof good = prove_inclusion(tree, index, size).value();
      for (const Proof& bad : spoiled(good)) {
        const auto result = verify_inclusion(leaf, index, size, bad, root);
        ASSERT_FALSE(result) << index << "/" << size;
        EXPECT_EQ(result.error().code, Errc::Forged);
      }
      EXPECT_FALSE(verify_inclusion(leaf_hash("other"), index, size, good, root));
      EXPECT_FALSE(verify_inclusion(leaf, index, size, good, leaf_hash("other")));
      EXPECT_FALSE(verify_inclusion(leaf, index + size, size, good, root));
      if (size > 1) {
        EXPECT_FALSE(verify_inclusion(leaf, (index + 1) % size, size, good, root));
      }
    }
  }
}

TEST(Consistency, RefusesAnythingElse) {
  const Tree tree(kSizes);
  for (const std::size_t size : {1u, 2u, 3u, 7u, 8u, 64u, 65u, 130u}) {
    const Digest root = tree.root(size);
    for (std::size_t old_size = 1; old_size <= size; ++old_size) {
      const Digest old_root = tree.root(old_size);
      const Proof good = prove_consistency(tree, old_size, size).value();
      for (const Proof& bad : spoiled(good)) {
        const auto result = verify_consistency(old_size, old_root, size, root, bad);
        ASSERT_FALSE(result) << old_size << "/" << size;
        EXPECT_EQ(result.error().code, Errc::Forged);
      }
      EXPECT_FALSE(verify_consistency(old_size, leaf_hash("other"), size, root, good));
      EXPECT_FALSE(verify_consistency(old_size, old_root, size, leaf_hash("other"), good));
      if (old_size < size) {
        EXPECT_FALSE(verify_consistency(size, root, old_size, old_root, good)) << "shrunk";
        EXPECT_FALSE(verify_consistency(old_size + 1, old_root, size, root, good));
      }
    }
  }
}

TEST(Proofs, AreNotMadeOutsideTheTree) {
  const Tree tree(5);
  for (const auto& [index, size] : {std::pair{0u, 0u}, {5u, 5u}, {9u, 5u}})
    EXPECT_EQ(prove_inclusion(tree, index, size).error().code, Errc::Malformed);
  for (const auto& [old_size, size] : {std::pair{0u, 0u}, {0u, 5u}, {6u, 5u}})
    EXPECT_EQ(prove_consistency(tree, old_size, size).error().code, Errc::Malformed);
  // More than the store has: the store's own error.
  EXPECT_EQ(prove_inclusion(tree, 0, 8).error().code, Errc::Corrupt);
  EXPECT_EQ(prove_consistency(tree, 4, 8).error().code, Errc::Corrupt);
}

TEST(Proofs, TakeTheLargestSizesWithoutOverflow) {
  const std::uint64_t huge = ~std::uint64_t{0};
  const Proof proof(kProofHashesMax + 1, leaf_hash("x"));
  EXPECT_FALSE(verify_inclusion(leaf_hash("x"), huge - 1, huge, proof, leaf_hash("x")));
  EXPECT_FALSE(verify_consistency(huge - 1, leaf_hash("x"), huge, leaf_hash("x"), proof));
}
}  // namespace cunji::log
