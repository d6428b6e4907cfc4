#include "shared/event/kinds.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace cunji::event {
TEST(Kinds, HaveTheNumbersOfTheFormat) {
  // Signed, hence never changed: protocol/README.md, "Kinds".
  const std::pair<int, const char*> cases[] = {
      {1, "visit"},         {2, "check_in"},    {3, "application"}, {4, "survey"},
      {16, "registration"}, {17, "assignment"}, {32, "alert"},      {33, "step"},
      {34, "notice"},       {35, "payment"},    {36, "score"},      {48, "correction"},
      {49, "endorsement"},  {50, "receipt"},    {64, "founding"},   {65, "credential"},
      {66, "revocation"},   {67, "definition"}, {68, "erasure"},    {69, "incident"},
      {70, "anchor"}};
  EXPECT_EQ(all_kinds().size(), std::size(cases));
  for (const auto& [number, name] : cases) {
    const auto info = info_of(static_cast<std::uint16_t>(number));
    ASSERT_TRUE(info) << name;
    EXPECT_EQ(info->name, name);
    EXPECT_EQ(kind_named(name), info->kind);
    EXPECT_EQ(is_governance(static_cast<std::uint16_t>(number)), number >= 64);
  }
}

TEST(Kinds, AreNotGuessed) {
  EXPECT_FALSE(info_of(0));
  EXPECT_FALSE(info_of(5));
  EXPECT_FALSE(info_of(65'535));
  EXPECT_FALSE(is_governance(71)) << "an unknown kind has no effect";
  EXPECT_FALSE(kind_named("Visit"));
  EXPECT_FALSE(kind_named(""));
}

TEST(Kinds, HaveLabelsOfTheirOwnInBothLanguages) {
  std::set<std::string> seen;
  for (const KindInfo& info : all_kinds()) {
    EXPECT_TRUE(seen.insert(std::string(info.label_zh)).second) << info.name;
    EXPECT_TRUE(seen.insert("en " + std::string(info.label_en)).second) << info.name;
  }
}
}  // namespace cunji::event
