// The tree against RFC 6962's own recursion.
#include "shared/log/merkle.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/log/support.h"

namespace cunji::log {
TEST(Merkle, HashesAsRfc6962Says) {
  // SHA-256 of nothing; of one zero byte (an empty leaf).
  EXPECT_EQ(to_hex(empty_root().view()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(leaf_hash("").view()),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  const Digest a = leaf_hash("a"), b = leaf_hash("b");
  EXPECT_EQ(node_hash(a, b), crypto::sha256(Bytes("\1") + a.str() + b.str()));
  EXPECT_NE(node_hash(a, b), node_hash(b, a));
}

TEST(Frontier, HasTheNaiveRootAtEverySize) {
  Tree tree;
  EXPECT_EQ(tree.frontier().root(), empty_root());
  for (std::size_t size = 1; size <= 130; ++size) {
    tree.append(leaf_hash("leaf " + std::to_string(size)));
    ASSERT_EQ(tree.frontier().size(), size);
    ASSERT_EQ(tree.frontier().root(), naive_root(tree.leaves())) << size;
  }
}

TEST(Frontier, NamesEverySubtreeThatBecomesCompleteOnce) {
  for (std::size_t size = 0; size <= 65; ++size) {
    const Tree tree(size);
    std::size_t complete = 0;
    for (std::uint8_t level = 0; (size >> level) > 0; ++level) {
      for (std::size_t index = 0; index < (size >> level); ++index, ++complete) {
        const auto hash = tree.subtree(level, index);
        ASSERT_TRUE(hash);
        EXPECT_EQ(*hash,
                  naive_root(tree.leaves().subspan(index << level, std::size_t{1} << level)));
      }
    }
    EXPECT_EQ(tree.stored(), complete) << size;
  }
}

TEST(Frontier, GoesOnFromItsStoredEdge) {
  const Tree tree(130);
  for (std::size_t size = 0; size < 130; ++size) {
    auto frontier = Frontier::load(tree, size);
    ASSERT_TRUE(frontier);
    EXPECT_EQ(frontier->root(), tree.root(size)) << size;
    EXPECT_EQ(root_at(tree, size).value(), tree.root(size));
    std::vector<Subtree> completed;
    frontier->append(tree.leaves()[size], completed);
    EXPECT_EQ(frontier->root(), tree.root(size + 1)) << size;
  }
}

TEST(Frontier, SaysSoWhenTheStoreLacksAHash) {
  Tree tree(7);
  tree.forget(1, 2);
  EXPECT_TRUE(root_at(tree, 4));
  EXPECT_EQ(root_at(tree, 6).error().code, Errc::Corrupt);
  EXPECT_EQ(root_at(tree, 8).error().code, Errc::Corrupt);
}
}  // namespace cunji::log
