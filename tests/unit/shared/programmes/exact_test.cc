// Whole numbers that say when they are missing, UNSET or too large.
#include "shared/programmes/exact.h"

#include <gtest/gtest.h>

#include <limits>

namespace cunji::programmes {
namespace {
using programme::Amount;
using Kind = Amount::Kind;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(Exact, TakesNumbersOnly) {
  EXPECT_EQ(Exact(programme::number(-7)).number(), -7);
  EXPECT_EQ(Exact(programme::unset()).amount().kind, Kind::Unset);
  const Amount others[] = {programme::missing(),
                           programme::yes(true),
                           {.kind = Kind::Date, .number = 5},
                           {.kind = Kind::Word, .word = "5"}};
  for (const Amount& other : others) {
    EXPECT_EQ(Exact(other).amount().kind, Kind::Missing);
    EXPECT_EQ(Exact(other).number(), 0);
  }
}

TEST(Exact, KeepsWhatIsMissingBeforeWhatIsUnset) {
  const Exact missing = Exact::missing(), unset{programme::unset()};
  for (const Exact& sum : {missing + 1, 1 * missing, missing - unset, unset * missing})
    EXPECT_EQ(sum.amount().kind, Kind::Missing);
  for (const Exact& sum :
       {unset + 1, 1 * unset, unset - unset, half_up(unset, 0), half_up(1, unset)})
    EXPECT_EQ(sum.amount().kind, Kind::Unset);
  EXPECT_EQ(is_less(unset, 1).kind, Kind::Unset);
  EXPECT_EQ(is_less(missing, unset).kind, Kind::Missing);
}

TEST(Exact, IsMissingOnceItDoesNotFit) {
  for (const Exact& large : {Exact(kMost) + 1, Exact(kLeast) - 1, Exact(kLeast) * -1,
                             Exact(kMost) * 2 - kMost, 0 - Exact(kLeast)})
    EXPECT_FALSE(large.is_known());
  EXPECT_EQ((Exact(kMost) - 1 + 1).number(), kMost);
}

// GEN-05, GEN-19: to the fen, half up.
TEST(Exact, DividesHalfUp) {
  struct Case {
    std::int64_t dividend, divisor, expected;
  };
  for (const Case& c :
       {Case{0, 7, 0}, Case{1, 2, 1}, Case{-1, 2, 0}, Case{-3, 2, -1}, Case{2, 3, 1}, Case{1, 3, 0},
        Case{-1, 3, 0}, Case{-2, 3, -1}, Case{kMost, 1, kMost}, Case{kLeast, 1, kLeast},
        Case{kMost, kMost, 1}, Case{kLeast, kMost, -1}, Case{kMost, 2, kMost / 2 + 1}})
    EXPECT_EQ(half_up(Exact(c.dividend), c.divisor).number(), c.expected)
        << c.dividend << "/" << c.divisor;
  EXPECT_FALSE(half_up(Exact(1), 0).is_known());
  EXPECT_FALSE(half_up(Exact(1), -1).is_known());
  EXPECT_FALSE(half_up(Exact(kLeast), -1).is_known());
}

TEST(Exact, Compares) {
  EXPECT_EQ(is_less(Exact(kLeast), kMost).number, 1);
  EXPECT_EQ(is_less(Exact(3), 3).number, 0);
  EXPECT_EQ(is_less(Exact(3), 3).kind, Kind::Yes);
}
}  // namespace
}  // namespace cunji::programmes
