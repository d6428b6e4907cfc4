// Token buckets on a clock turned by hand.
#include "server/http/rate_limit.h"

#include <gtest/gtest.h>

namespace cunji::server {
static SteadyTime at(int millis) { return SteadyTime{} + std::chrono::milliseconds{millis}; }

TEST(RateLimit, AllowsABurstAndThenTheRate) {
  RateLimit limit({.per_second = 2, .burst = 3}, 10);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", at(0)));
  EXPECT_EQ(limit.take("a", at(0)), Duration{500});
  EXPECT_EQ(limit.take("a", at(200)), Duration{300}) << "being refused costs nothing";
  EXPECT_FALSE(limit.take("a", at(500)));
  EXPECT_TRUE(limit.take("a", at(501)));
  EXPECT_FALSE(limit.take("b", at(501))) << "each name for itself";
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.take("a", at(100'000)));
  EXPECT_TRUE(limit.take("a", at(100'000))) << "no more than the burst is saved up";
}

TEST(RateLimit, DebtIsPaidOffAndBounded) {
  RateLimit limit({.per_second = 10, .burst = 100}, 10);
  EXPECT_FALSE(limit.look("a", at(0)));
  limit.charge("a", 150, at(0));
  EXPECT_EQ(limit.look("a", at(0)), Duration{5'100});
  EXPECT_FALSE(limit.look("a", at(5'100)));
  limit.charge("a", 1e9, at(5'100));
  EXPECT_EQ(limit.look("a", at(5'100)), Duration{20'100}) << "two bursts";
}

TEST(RateLimit, AFullTableMakesStrangersShareAndForgetsTheIdle) {
  RateLimit limit({.per_second = 1, .burst = 2}, 2);
  for (const char* name : {"a", "a", "b", "b"}) EXPECT_FALSE(limit.take(name, at(5'000)));
  EXPECT_FALSE(limit.take("c", at(5'000)));
  EXPECT_FALSE(limit.take("d", at(5'000)));
  EXPECT_TRUE(limit.take("e", at(5'000))) << "c, d and e share one bucket";
  EXPECT_TRUE(limit.take("a", at(5'000))) << "and those in the table keep theirs";
  EXPECT_FALSE(limit.take("e", at(8'000))) << "a and b were idle long enough";
  EXPECT_FALSE(limit.take("e", at(8'000)));
  EXPECT_TRUE(limit.take("e", at(8'000)));
}
}  // namespace cunji::server
