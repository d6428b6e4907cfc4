// A log that is not what its published checkpoint says must not be signed for again.
#include "shared/log/consistency.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/log/support.h"

namespace cunji::log {
static LogHead head_of(const Tree& tree) {
  return {.size = tree.frontier().size(), .root = tree.frontier().root(), .received = {}};
}
static Checkpoint published(const Tree& tree, std::size_t size) {
  return {.origin = "example/411323/1", .size = size, .root = tree.root(size)};
}

TEST(CheckConsistent, TakesEveryEarlierCheckpointOfTheSameLog) {
  const Tree tree(9);
  for (std::size_t size = 0; size <= 9; ++size)
    EXPECT_TRUE(check_consistent(tree, head_of(tree), published(tree, size))) << size;
}

TEST(CheckConsistent, RefusesToSignForAnotherOrAShorterLog) {
  const Tree full(9), rolled_back(6);
  Tree changed(9);
  changed.damage(3, 0);
  Checkpoint wrong_empty = published(full, 0);
  wrong_empty.root = full.root(1);
  struct Case {
    const char* name;
    const Tree& tree;
    Checkpoint checkpoint;
  };
  for (const Case& c :
       {Case{"rolled back", rolled_back, published(full, 9)},
        Case{"changed", changed, published(full, 8)}, Case{"no empty root", full, wrong_empty}}) {
    SCOPED_TRACE(c.name);
    const auto result = check_consistent(c.tree, head_of(c.tree), c.checkpoint);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Corrupt);
    EXPECT_NE(result.error().what.find("changed or rolled back: refuse to sign"),
              std::string::npos);
  }
}
}  // namespace cunji::log
