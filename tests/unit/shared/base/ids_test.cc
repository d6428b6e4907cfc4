#include "shared/base/ids.h"

#include <gtest/gtest.h>

namespace cunji {
TEST(DivisionCode, IsTwelveAsciiDigits) {
  EXPECT_EQ(DivisionCode::parse("411323001201").value().view(), "411323001201");
  EXPECT_EQ(DivisionCode().view(), "000000000000");
  for (const char* text : {"", "41132300120", "4113230012011", "41132300120x", "41132300120 ",
                           "\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91\xef\xbc\x91", "-11323001201"}) {
    const auto out = DivisionCode::parse(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed);
  }
  EXPECT_FALSE(DivisionCode::parse(std::string_view("4113230\00012", 12)));
}

TEST(CountyCode, NamesItsDivisionAndContainsItsOwnOnly) {
  const CountyCode county = CountyCode::parse("411323").value();
  EXPECT_EQ(county.division().view(), "411323000000");
  EXPECT_TRUE(county.contains(county.division()));
  EXPECT_TRUE(county.contains(DivisionCode::parse("411323001201").value()));
  EXPECT_FALSE(county.contains(DivisionCode::parse("411324001201").value()));
  for (const char* text : {"", "41132", "4113233", "41132x", "41132 "})
    EXPECT_EQ(CountyCode::parse(text).error().code, Errc::Malformed) << text;
}

TEST(IsDigits, RefusesTheEmptyText) {
  EXPECT_FALSE(is_digits(""));
  EXPECT_TRUE(is_digits("0"));
  EXPECT_FALSE(is_digits("1.0"));
}
}  // namespace cunji
