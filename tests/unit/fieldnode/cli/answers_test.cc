#include "fieldnode/cli/answers.h"

#include <gtest/gtest.h>

namespace cunji::fieldnode::cli {
using programme::Type;
using VT = event::Value::Type;
using Json = nlohmann::ordered_json;

TEST(Answers, AreReadByTheirFieldsType) {
  struct Case {
    Type type;
    const char* text;
    VT expected;
  };
  for (const Case& c :
       {Case{Type::Text, "a=b", VT::Text}, Case{Type::YesNo, "是", VT::Yes},
        Case{Type::YesNo, "no", VT::Yes}, Case{Type::Integer, "-4", VT::Integer},
        Case{Type::Money, "1200.5", VT::Integer}, Case{Type::Area, "80.25", VT::Integer},
        Case{Type::Date, "2022-02-10", VT::Date}, Case{Type::Code, "met", VT::Code},
        Case{Type::CodeSet, "a,b", VT::Codes}, Case{Type::Place, "33.1,111.5,20", VT::Place},
        Case{Type::Instant, "2022-02-10T08:15", VT::Integer},
        Case{Type::Subject, "000102030405060708090a0b0c0d0e0f", VT::Subject}}) {
    const auto value = parse_typed({.type = c.type}, c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(value->type, c.expected) << c.text;
    const auto again = value_from_json({.type = c.type}, json_of({.type = c.type}, *value));
    ASSERT_TRUE(again) << c.text;
    EXPECT_EQ(*again, *value) << c.text;
  }
  EXPECT_EQ(parse_typed({.type = Type::Money}, "1200.5")->integer, 120'050);
  EXPECT_EQ(parse_typed({.type = Type::CodeSet}, "a,,b")->codes.size(), 2u);
}

TEST(Answers, WhatIsNoneIsRefusedWithWhatIsAllowed) {
  struct Case {
    Type type;
    const char *text, *allowed;
  };
  for (const Case& c :
       {Case{Type::YesNo, "maybe", "yes or no"}, Case{Type::Integer, "4.5", "a whole number"},
        Case{Type::Integer, "99999999999999999999", "a whole number"},
        Case{Type::Money, "1.005", "two decimals"}, Case{Type::Money, "1e3", "two decimals"},
        Case{Type::Date, "2022-02-30", "2022-02-10"}, Case{Type::Place, "here", "LATITUDE"},
        Case{Type::Subject, "12", "32 hexadecimal"}, Case{Type::Rows, "x", "rows"},
        Case{Type::Instant, "noon", "2022-02-10T08:15"}}) {
    const auto value = parse_typed({.type = c.type}, c.text);
    ASSERT_FALSE(value) << c.text;
    EXPECT_EQ(value.error().code, Errc::Malformed);
    EXPECT_NE(value.error().what.find(c.allowed), std::string::npos) << value.error().what;
  }
}

TEST(Answers, GoToJsonAndBack) {
  const state::FieldNow rows{
      .key = "members",
      .type = Type::Rows,
      .row = {{.key = "name", .type = Type::Text}, {.key = "share", .type = Type::Money}}};
  for (const auto& [field, json] :
       {std::pair{state::FieldNow{.type = Type::YesNo}, Json(true)},
        std::pair{state::FieldNow{.type = Type::Integer}, Json(7)},
        std::pair{state::FieldNow{.type = Type::Money}, Json("-12.50")},
        std::pair{state::FieldNow{.type = Type::CodeSet}, Json({"a", "b"})},
        std::pair{state::FieldNow{.type = Type::Date}, Json("2022-02-10")},
        std::pair{rows, Json::parse(R"([{"name": "甲", "share": "0.05"}, {}])")}}) {
    const auto value = value_from_json(field, json);
    ASSERT_TRUE(value) << json;
    EXPECT_EQ(json_of(field, *value), json);
  }
  EXPECT_EQ(value_from_json({.type = Type::Money}, Json(12.5))->integer, 1'250);
  EXPECT_FALSE(value_from_json({.type = Type::Money}, Json::object()));
  EXPECT_FALSE(value_from_json({.type = Type::CodeSet}, Json({1, 2})));
  EXPECT_FALSE(value_from_json(rows, Json({"甲"})));
}
}  // namespace cunji::fieldnode::cli
