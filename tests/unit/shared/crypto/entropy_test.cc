#include <gtest/gtest.h>

#include <array>
#include <map>

#include "shared/crypto/seeded_entropy.h"
#include "shared/crypto/system_entropy.h"

namespace cunji::crypto {
using Block = FixedBytes<32, struct BlockTag>;

TEST(SeededEntropy, IsDeterminedByItsSeedAndStream) {
  EXPECT_EQ(SeededEntropy(7, "a").next<Block>(), SeededEntropy(7, "a").next<Block>());
  EXPECT_NE(SeededEntropy(7, "a").next<Block>(), SeededEntropy(8, "a").next<Block>());
  EXPECT_NE(SeededEntropy(7, "a").next<Block>(), SeededEntropy(7, "b").next<Block>());
}

TEST(SeededEntropy, DoesNotRepeatAndDoesNotShiftWithTheAmountAsked) {
  SeededEntropy one(7), other(7);
  std::array<std::uint8_t, 100> large{};
  std::array<std::uint8_t, 1> small{};
  one.fill(large);
  other.fill(small);
  const Block second = one.next<Block>();
  EXPECT_EQ(second, other.next<Block>());
  EXPECT_NE(second, one.next<Block>());
}

TEST(SeededEntropy, IsTheSameOnEveryMachine) {
  // Vectors and simulator seeds rest on these bytes.
  EXPECT_EQ(to_hex(SeededEntropy(1, "vectors").next<Block>().view()),
            "2ba5e32cb7a92d8aa9104bb6be87bb7d0f4da003f1738db788f155ac0b5ef0b8");
}

TEST(SeededEntropy, BelowStaysBelowAndReachesAll) {
  SeededEntropy entropy(3);
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 3'000; ++i) ++counts[entropy.below(3)];
  ASSERT_EQ(counts.size(), 3U);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 1'000, 150) << value;
  EXPECT_EQ(entropy.below(1), 0U);
  for (int i = 0; i < 100; ++i) EXPECT_LE(entropy.below(~0ULL), ~0ULL - 1);
}

TEST(SystemEntropy, IsNotTheSameTwice) {
  SystemEntropy entropy;
  EXPECT_NE(entropy.next<Block>(), entropy.next<Block>());
}
}  // namespace cunji::crypto
