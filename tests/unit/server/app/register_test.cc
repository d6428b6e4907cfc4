// Lines of the registrar desk: what they become, and how a bad one is named.
#include "server/app/register.h"

#include <gtest/gtest.h>

#include "shared/state/register.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
static const std::string kId = "00112233445566778899aabbccddeeff";

static Result<event::Draft> draft(const std::string& line) {
  crypto::SeededEntropy entropy(1);
  return draft_of_line(line, kCounty, entropy, at_minute(0));
}

TEST(Register, ALineBecomesARegistrationWithTypedFacts) {
  const auto out = draft(R"({"register":"household","id":")" + kId +
                         R"(","division":"990001001001","facts":{"number":"7",)"
                         R"("household_category":{"code":"out_of_poverty"},"people":4,)"
                         R"("since":{"date":"2020-05-01"},"income@2021":1200}})");
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->kind, event::Kind::Registration);
  EXPECT_EQ(to_hex(out->subject.view()), kId);
  const auto part = event::parse_part(event::pad_part(out->parts[0]).value()).value();
  const auto& said = std::get<event::RegistrationPart>(part.content);
  EXPECT_EQ(said.type, event::SubjectType::Household);
  EXPECT_TRUE(said.create);
  ASSERT_EQ(said.facts.size(), 5U);
  for (const event::Fact& fact : said.facts) {
    if (fact.name == "household_category") {
      EXPECT_EQ(fact.value, event::code_value("out_of_poverty"));
    } else if (fact.name == "income") {
      EXPECT_EQ(fact.key, "2021");
    } else if (fact.name == "people") {
      EXPECT_EQ(fact.value, event::integer_value(4));
    }
  }
}

TEST(Register, ADivisionIsOneSubjectAndAnOfficeIsOneOfItsType) {
  const auto division = draft(R"({"register":"division","division":"990001001001"})");
  ASSERT_TRUE(division) << division.error().what;
  EXPECT_EQ(division->subject, state::subject_of(kVillage));
  const auto office = draft(
      R"({"register":"office","division":"990001000000","facts":{"office_code":{"code":"tax"}}})");
  ASSERT_TRUE(office) << office.error().what;
  const auto part = event::parse_part(event::pad_part(office->parts[0]).value()).value();
  EXPECT_EQ(std::get<event::RegistrationPart>(part.content).subject_type, "office");
}

TEST(Register, ALineBecomesAnAssignment) {
  const auto out = draft(R"({"assign":"coordinator_of","division":"990001001001","from":")" + kId +
                         R"(","since":"2022-01-01"})");
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->kind, event::Kind::Assignment);
  const auto part = event::parse_part(event::pad_part(out->parts[0]).value()).value();
  const auto& said = std::get<event::AssignmentPart>(part.content);
  EXPECT_EQ(said.relation, "coordinator_of");
  EXPECT_EQ(said.division, kVillage);
  EXPECT_TRUE(said.to.is_zero());
  EXPECT_FALSE(said.until);
}

TEST(Register, RefusesLinesThatSayNothingSound) {
  struct Case {
    const char* name;
    std::string line;
  };
  const Case cases[] = {
      {"no JSON", "{"},
      {"no object", "[1]"},
      {"no division", R"({"register":"household"})"},
      {"another county", R"({"register":"household","division":"990002001001"})"},
      {"neither", R"({"division":"990001001001"})"},
      {"both", R"({"register":"household","assign":"x","division":"990001001001"})"},
      {"unknown type", R"({"register":"cow","division":"990001001001"})"},
      {"short id", R"({"register":"person","id":"00","division":"990001001001"})"},
      {"a fraction", R"({"register":"person","division":"990001001001","facts":{"a":1.5}})"},
      {"a bad date",
       R"({"register":"person","division":"990001001001","facts":{"a":{"date":"2022-02-30"}}})"},
      {"no since", R"({"assign":"x","division":"990001001001","from":")" + kId + R"("})"},
      {"too long", std::string(70'000, ' ')},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(draft(c.line));
  }
}
}  // namespace cunji::server
