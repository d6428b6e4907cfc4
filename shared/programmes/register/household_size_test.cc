// Whose count makes a household's size (GEN-06).
#include "shared/programmes/register/household_size.h"

#include <gtest/gtest.h>

namespace cunji::household_register {
namespace {
using programme::Amount;
using programme::missing;
using programme::number;

Amount size_of(Amount registered, Amount stated) {
  const Amount in[] = {registered, stated};
  const auto out = household_size(in, {});
  EXPECT_EQ(out.size(), 1u);
  return out[0];
}

TEST(HouseholdSize, PrefersWhoIsRegistered) {
  EXPECT_EQ(size_of(number(4), number(5)).number, 4);
  EXPECT_EQ(size_of(number(4), missing()).number, 4);
}
TEST(HouseholdSize, TakesWhatWasStatedWhereNobodyIs) {
  EXPECT_EQ(size_of(number(0), number(5)).number, 5);
  EXPECT_EQ(size_of(missing(), number(5)).number, 5);
}
TEST(HouseholdSize, IsMissingWithoutEither) {
  EXPECT_EQ(size_of(number(0), missing()).kind, Amount::Kind::Missing);
  EXPECT_EQ(size_of(missing(), missing()).kind, Amount::Kind::Missing);
}
}  // namespace
}  // namespace cunji::household_register
