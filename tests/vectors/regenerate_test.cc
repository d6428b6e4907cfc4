#include <gtest/gtest.h>

#include "tests/vectors/generators.h"

namespace cunji::vectors {
TEST(Vectors, RegeneratingGivesTheSameFiles) {
  for (const auto& [name, text] : all_files()) {
    const auto committed = read_file(std::string(CUNJI_SOURCE_DIR) + "/protocol/vectors/" + name);
    ASSERT_TRUE(committed) << name;
    // Not EXPECT_EQ of the texts: a difference would print both, whole.
    EXPECT_TRUE(*committed == text) << name << " differs: a format changed, or cunji-vectors must "
                                    << "be run and its difference be read";
  }
}
}  // namespace cunji::vectors
