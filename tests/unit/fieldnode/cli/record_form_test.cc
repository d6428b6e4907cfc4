#include "fieldnode/cli/record_form.h"

#include <gtest/gtest.h>

namespace cunji::fieldnode::cli {
TEST(RecordForm, ReadsAPlaceExactly) {
  const auto place = parse_place("33.4512345,-111.9,25");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->latitude_e7, 334'512'345);
  EXPECT_EQ(place->longitude_e7, -1'119'000'000);
  EXPECT_EQ(place->accuracy_m, 25u);
  for (const char* text : {"", "33,111", "91,0,1", "0,181,1", "0,0,-1", "0,0,x", "33.12345678,0,1",
                           "1e1,0,1", "33.,111.,5.5", " 1,2,3", "--1,0,0"})
    EXPECT_FALSE(parse_place(text)) << text;
  EXPECT_TRUE(parse_place("90,-180,0"));
}

TEST(RecordForm, ReadsFactsByType) {
  using Type = event::Value::Type;
  struct Case {
    const char* text;
    Type type;
  };
  for (const Case& c :
       {Case{"head_name=张三", Type::Text}, Case{"remark=a=b", Type::Text},
        Case{"persons:integer=4", Type::Integer}, Case{"moved:yes=true", Type::Yes},
        Case{"since:date=2022-01-05", Type::Date}, Case{"risk_status:code=severe", Type::Code},
        Case{"household_category:codes=a,b", Type::Codes}, Case{"home:place=33,111,5", Type::Place},
        Case{"of:subject=000102030405060708090a0b0c0d0e0f", Type::Subject}}) {
    const auto fact = parse_fact(c.text);
    ASSERT_TRUE(fact) << c.text;
    EXPECT_EQ(fact->value.type, c.type) << c.text;
  }
  EXPECT_EQ(parse_fact("household_category:codes=a,b")->value.codes.size(), 2u);
  EXPECT_EQ(parse_fact("remark=a=b")->value.text, "a=b");
  for (const char* text : {"", "name", "=x", "n:integer=4x", "n:yes=maybe", "d:date=2022-02-30",
                           "s:subject=12", "x:colour=red"})
    EXPECT_FALSE(parse_fact(text)) << text;
}

TEST(RecordForm, ReadsPartsFromJson) {
  const auto one = parts_from_json(R"({"visit": {"outcome": "VISIT_OUTCOME_MET"}})");
  ASSERT_TRUE(one) << one.error().what;
  ASSERT_EQ(one->size(), 1u);
  const auto part = event::parse_part(event::pad_part(one->front()).value());
  ASSERT_TRUE(part);
  EXPECT_EQ(std::get<event::VisitPart>(part->content).outcome, event::VisitOutcome::Met);
  EXPECT_EQ(parts_from_json(R"([{"visit": {}}, {"answers": {}}])")->size(), 2u);
  for (const char* text : {"", "{", "[]", "7", R"({"visit": 3})", R"({"nothing_known": {}})",
                           R"({"visit": {"outcome": "NO_SUCH"}})"}) {
    const auto out = parts_from_json(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
}

TEST(RecordForm, FindsTheHouseholdThatIsMeant) {
  const auto household = [](const char* number, const char* head, std::uint8_t id) {
    state::HouseholdView out;
    out.number = number;
    out.head_name = head;
    out.id.bytes.fill(id);
    return out;
  };
  const std::vector<state::HouseholdView> known = {
      household("12", "张三", 0x11), household("13", "李四", 0x22), household("14", "李四", 0x33)};
  EXPECT_EQ(find_household(known, "12")->number, "12");
  EXPECT_EQ(find_household(known, "222222")->number, "13");
  EXPECT_EQ(find_household(known, "张三")->number, "12");
  for (const char* text : {"", "99", "李四", "22222", "王五"})
    EXPECT_FALSE(find_household(known, text)) << text;
}
}  // namespace cunji::fieldnode::cli
