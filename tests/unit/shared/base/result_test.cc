#include "shared/base/result.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cunji {
static Result<int> half(int n) {
  if (n % 2 != 0) return Error{Errc::Malformed, "odd"};
  return n / 2;
}
static Result<int> quarter(int n) {
  TRY_AS(once, half(n));
  TRY_AS(twice, half(once));
  return twice;
}
static Result<void> only_even(int n) {
  TRY(half(n));
  return {};
}

TEST(Result, TryHandsTheErrorOn) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().code, Errc::Malformed);
  EXPECT_EQ(quarter(6).error().what, "odd");
  EXPECT_TRUE(only_even(2));
  EXPECT_FALSE(only_even(3));
}

TEST(Errc, HasANameOfItsOwnForEachCode) {
  std::set<std::string> names;
  for (const Errc code : {Errc::Unknown, Errc::Io, Errc::Corrupt, Errc::Malformed, Errc::Forged,
                          Errc::Conflict, Errc::Limit, Errc::Timeout, Errc::Protocol})
    EXPECT_TRUE(names.insert(name_of(code)).second) << name_of(code);
}

#if GTEST_HAS_DEATH_TEST
TEST(ResultDeathTest, AskingAFailedOneForItsValueSaysWhyAndEnds) {
  EXPECT_DEATH(static_cast<void>(half(1).value()), "odd");
  EXPECT_DEATH(CHECK(1 + 1 == 3), "result_test.cc:[0-9]+: CHECK 1 \\+ 1 == 3");
}
#endif
}  // namespace cunji
