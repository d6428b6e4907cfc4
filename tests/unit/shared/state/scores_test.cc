// Score cards and ratios: ranks, grades, ties, exact comparisons.
#include <gtest/gtest.h>

#include "shared/state/inquiry.h"
#include "tests/unit/shared/state/published.h"

namespace cunji::state {
namespace {
constexpr std::string_view kCards = R"(
programme: "ranks" document: "18" prefix: "VCO" version: 1 effective_from: "2022-01-01" label { zh: "排名" en: "ranks" }
fact { id: "points" subject: "person" type: POINTS label { zh: "分" en: "points" } }
fact { id: "missed" subject: "person" type: INTEGER label { zh: "漏访" en: "missed" } }
parameter { key: "share_excellent" rule: "VCO-R12" basis: PRINTED unit: "bp" value: 2000 label { zh: "优秀" en: "excellent" } }
parameter { key: "last" rule: "VCO-R12" basis: PRINTED value: 30 label { zh: "后三十名" en: "last 30" } }
aggregate { id: "ranked" on: "county" over: "person" op: COUNT scope: "county" label { zh: "人数" en: "people" }
  where { value { fact: "points" } known: true } }
card { id: "year" subject: "person" population: "ranked" period: YEAR ties: "show" label { zh: "年度" en: "year" }
  item { id: "entered" entry: "points" label { zh: "分" en: "points" } }
  rank_by: ["total", "-missed"]
  grade { code: "excellent" label { zh: "优秀" en: "excellent" } top_share { parameter: "share_excellent" } }
  grade { code: "backward" label { zh: "落后" en: "backward" } bottom { parameter: "last" } }
  grade { code: "normal" label { zh: "一般" en: "normal" } } }
)";

class ScoresTest : public testing::Test {
 protected:
  ScoresTest() { publish(log, kCards); }
  void person(int number, std::int64_t points, std::int64_t missed = 0) {
    registers_person(log, desk, subject("person " + std::to_string(number)),
                     {{"points", "", event::integer_value(points)},
                      {"missed", "", event::integer_value(missed)}});
  }
  std::map<std::string, int> grades(const std::vector<ScoreNow>& scores) const {
    std::map<std::string, int> out;
    for (const ScoreNow& one : scores) ++out[one.grade];
    return out;
  }
  CountyLog log;
  Signer& desk = log.desk("desk");
};

TEST_F(ScoresTest, GradesTwentyPercentAndTheLastThirty) {  // VCO-X01 GEN-07
  for (int n = 0; n < 287; ++n) person(n, 5'000 + n);
  const State state = fold(log.entries());
  const auto scores = Inquiry(state, day("2022-12-31")).scores("year");
  ASSERT_EQ(scores.size(), 287u);
  EXPECT_EQ(grades(scores),
            (std::map<std::string, int>{{"backward", 30}, {"excellent", 57}, {"normal", 200}}));
  EXPECT_EQ(scores.front().total, 5'286);
  EXPECT_EQ(scores.front().grade, "excellent");
  EXPECT_EQ(scores.back().rank, 287u);
  EXPECT_EQ(scores.back().grade, "backward");
}

TEST_F(ScoresTest, EqualOnesShareARankAndABorderIsShownForDecision) {  // GEN-07 VCO-A13
  // Five people: one is excellent; the second and third are equal in all that ranks them.
  person(1, 9'000, 2);
  person(2, 9'000, 2);
  person(3, 9'000, 5);
  person(4, 100);
  person(5, 50);
  const State state = fold(log.entries());
  const auto scores = Inquiry(state, day("2022-12-31")).scores("year");
  ASSERT_EQ(scores.size(), 5u);
  EXPECT_EQ(scores[0].rank, 1u);
  EXPECT_EQ(scores[1].rank, 1u);
  EXPECT_TRUE(scores[0].tied && scores[0].border && scores[1].border);
  EXPECT_EQ(scores[2].rank, 3u) << "missed more";
  EXPECT_FALSE(scores[2].tied || scores[2].border);
}

constexpr std::string_view kRatios = R"(
programme: "towns" document: "18" prefix: "VCO" version: 1 effective_from: "2022-01-01" label { zh: "乡镇" en: "towns" }
fact { id: "full_time" subject: "person" type: INTEGER label { zh: "专职" en: "full-time" } }
fact { id: "all_of" subject: "person" type: INTEGER label { zh: "全部" en: "all" } }
parameter { key: "half" rule: "VCO-R03" basis: PRINTED unit: "bp" value: 5000 label { zh: "一半" en: "half" } }
parameter { key: "third" rule: "VCO-R14" basis: PRINTED unit: "bp" value: 3333 label { zh: "三分之一" en: "third" } }
ratio { id: "share" plus: "full_time" over: "all_of" on: "person" scope: "subject" label { zh: "占比" en: "share" } }
warning { id: "BELOW-HALF" rule: "VCO-R03" each: "person" label { zh: "不足一半" en: "below half" }
  when { value { ratio: "share" } is { below { parameter: "half" } } } at { tell { role: "town" } } }
warning { id: "THIRD" rule: "VCO-R14" each: "person" label { zh: "达三分之一" en: "a third" }
  when { value { ratio: "share" } is { at_least { parameter: "third" } } } at { tell { role: "town" } } }
)";

TEST(Ratios, AreComparedWithoutRounding) {  // VCO-X04 VCO-X05 GEN-05 GEN-01
  struct Case {
    std::int64_t part, all;
    bool below_half, a_third;
  };
  for (const Case& c : {Case{9, 19, true, true}, Case{10, 19, false, true},
                        Case{5, 18, true, false}, Case{6, 18, true, true}}) {
    CountyLog log;
    Signer& desk = log.desk("desk");
    publish(log, kRatios);
    const SubjectId who = subject("town of people");
    registers_person(log, desk, who,
                     {{"full_time", "", event::integer_value(c.part)},
                      {"all_of", "", event::integer_value(c.all)}});
    const State state = fold(log.entries());
    std::set<std::string> warned;
    for (const WarningNow& each : Inquiry(state, day("2022-03-01")).warnings(who))
      warned.insert(each.id);
    EXPECT_EQ(warned.contains("BELOW-HALF"), c.below_half) << c.part << " of " << c.all;
    EXPECT_EQ(warned.contains("THIRD"), c.a_third) << c.part << " of " << c.all;
  }
}
}  // namespace
}  // namespace cunji::state
