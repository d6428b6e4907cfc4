// What definitions may say, and that everything else is refused with file, line and id.
#include "shared/programme/load.h"

#include <gtest/gtest.h>

#include "shared/programme/text.h"

namespace cunji::programme {
namespace {
// A small definition in which everything is right; each test adds what it is about.
constexpr std::string_view kGood =
    R"(programme: "monitoring" document: "08" prefix: "MON" version: 1
effective_from: "2022-01-01" label { zh: "监测" en: "monitoring" }
codes { id: "risk" label { zh: "风险" en: "risk" } code { id: "open" label { zh: "开" en: "open" } } }
subject { id: "lead" parent: "household" label { zh: "线索" en: "lead" } }
fact { id: "risk_status" subject: "household" type: CODE codes: "risk" label { zh: "风险" en: "risk" } }
fact { id: "income" subject: "household" type: MONEY label { zh: "收入" en: "income" } }
fact { id: "found_on" subject: "lead" type: DATE label { zh: "发现" en: "found" } }
fact { id: "colour" subject: "household" type: CODE codes: "risk" derived: true label { zh: "色" en: "colour" } }
parameter { key: "line" rule: "MON-R13" basis: PRINTED unit: "fen" value: 690000 label { zh: "线" en: "line" } }
form { id: "alert" kind: "alert" subject: "household" recorder { office: "civil" } reader { role: "town" }
  label { zh: "预警" en: "alert" }
  field { key: "found_on" type: DATE fact: "found_on" label { zh: "发现" en: "found" } } }
procedure { id: "lead" subject: "lead" opened_by: "alert" label { zh: "线索" en: "lead" }
  stage { id: "sent" by { office: "rr_bureau" } label { zh: "下发" en: "sent" } due { next_day_of { period: MONTH day: 3 } } }
  stage { id: "done" after: "sent" by { role: "town" } label { zh: "办结" en: "done" } } }
)";

struct Read {
  std::vector<TextDefinition> texts;
  Loaded loaded;
  Symbols symbols;
};

Read read(const std::vector<std::string>& texts) {
  Read out;
  std::vector<BytesView> encoded;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto text = TextDefinition::parse("file" + std::to_string(i), texts[i]);
    EXPECT_TRUE(text) << (text ? "" : text.error().what);
    out.texts.push_back(std::move(*text));
  }
  for (const TextDefinition& text : out.texts) encoded.push_back(text.encoded());
  out.loaded = load(encoded, out.symbols);
  return out;
}

std::string said(const Read& read) {
  std::string out;
  for (const Problem& problem : read.loaded.problems)
    out += read.texts[problem.definition].describe(problem) + "\n";
  return out;
}

TEST(LoadDefinition, TakesOneInWhichAllIsRight) {
  const Read one = read({std::string(kGood)});
  EXPECT_EQ(said(one), "");
  ASSERT_EQ(one.loaded.definitions.size(), 1u);
  const Definition& definition = *one.loaded.definitions[0];
  EXPECT_EQ(one.symbols.word(definition.forms[0].id), "monitoring.alert");
  ASSERT_EQ(definition.procedures[0].stages.size(), 2u);
  EXPECT_EQ(definition.procedures[0].stages[0].due[0].kind, Deadline::Kind::NextDayOf);
  EXPECT_EQ(definition.parameters[0].value, 690'000);
}

// The pieces of A.5: whatever the schema becomes, these must have a place in it.
TEST(LoadDefinition, HasAPlaceForTheHardestRulesOfAllDocuments) {
  std::ifstream file(std::string(CUNJI_SOURCE_DIR) +
                     "/tests/unit/shared/programme/hardest_rules.txtpb");
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = TextDefinition::parse("hardest_rules.txtpb", text.str());
  ASSERT_TRUE(parsed) << parsed.error().what;
  Symbols symbols;
  const BytesView encoded = parsed->encoded();
  const Loaded loaded = load(std::span(&encoded, 1), symbols);
  ASSERT_EQ(loaded.definitions.size(), 1u);
  EXPECT_GE(loaded.definitions[0]->procedures.size(), 12u);
  // They leave out labels, readers and most of the ids they use; nothing else may be amiss.
  std::string wrong;
  for (const Problem& problem : loaded.problems) {
    if (problem.kind == Problem::Kind::Wrong) wrong += parsed->describe(problem) + "\n";
  }
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(loaded.unset, std::vector<std::string>{});  // Declared, and nothing reads it.
}

struct Case {
  const char* name;
  const char* added;
  const char* says;  // Line 16 is the first of what is added.
};

class Refuses : public testing::TestWithParam<Case> {};

TEST_P(Refuses, WithFileLineAndId) {
  const Read one = read({std::string(kGood) + GetParam().added});
  EXPECT_NE(said(one).find(GetParam().says), std::string::npos) << said(one);
}

const Case kCases[] = {
    {"ReportSortedByNothing",
     "report { id: \"list\" layout: LIST rows: \"household\" rule: \"MON-R17\" reader { role: "
     "\"town\" } label { zh: \"甲\" en: \"a\" }\n"
     "  group_by: [\"village\", \"colour\"]\n  sort: [\"income\", \"incom\"] }",
     "file0:16: list: no fact, count, ratio or type \"incom\""},
    {"ReportWithAFormatThatIsNone",
     "report { id: \"list\" layout: LIST rows: \"household\" rule: \"MON-R17\" reader { role: "
     "\"town\" } label { zh: \"甲\" en: \"a\" }\n"
     "  column { title { zh: \"甲\" en: \"a\" } value { fact: \"income\" } format: \"roman\" } }",
     "list: no format \"roman\""},
    {"ChangesOfNoTable",
     "report { id: \"list\" layout: MATRIX rows: \"household\" of: \"lead\" rule: \"MON-R17\" "
     "reader { role: \"town\" } label { zh: \"甲\" en: \"a\" } }",
     "list: of which table"},
    {"UnknownFact",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"colours\" } in: \"open\" }\n  at { tell { role: \"town\" } } }",
     "file0:17: MON-W09: no fact \"colours\""},
    {"FactOfAnotherSubject",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"found_on\" } known: true }\n  at { tell { role: \"town\" } } }",
     "file0:17: MON-W09: fact \"found_on\" belongs to a lead and can't be read of a household"},
    {"AnotherType",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"income\" } is { below { today: true } } }\n"
     "  at { tell { role: \"town\" } } }",
     "fact \"income\" is MONEY and can't be held against DATE"},
    {"AnotherUnit",
     "parameter { key: \"share\" rule: \"X\" basis: PRINTED unit: \"bp\" value: 1 label { zh: "
     "\"甲\" en: \"a\" } }\n"
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"income\" } is { below { parameter: \"share\" } } }\n"
     "  at { tell { role: \"town\" } } }",
     "parameter \"share\" is in bp, fact \"income\" in fen"},
    {"UnknownCode",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"risk_status\" } in: \"opne\" } at { tell { role: \"town\" } } }",
     "file0:17: MON-W09: no code \"opne\" in \"risk\""},
    {"NobodyIsTold",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { value { fact: \"income\" } known: true } at { level: \"breach\" } }",
     "MON-W09: who is told?"},
    {"FourDeep",
     "warning { id: \"MON-W09\" rule: \"MON-R17\" each: \"household\" label { zh: \"甲\" en: \"a\" "
     "}\n"
     "  when { all { any { not { all { value { fact: \"income\" } known: true } } } } }\n"
     "  at { tell { role: \"town\" } } }",
     "MON-W09: conditions are at most three deep"},
    {"NoLabel", "subject { id: \"risk\" parent: \"household\" label { zh: \"甲\" } }",
     "file0:16: risk: it needs a label in both languages"},
    {"NoReader",
     "form { id: \"look\" kind: \"visit\" subject: \"household\" recorder { role: \"town\" }\n"
     "  label { zh: \"甲\" en: \"a\" } }",
     "file0:16: look: who may read it?"},
    {"NoSuchKind",
     "form { id: \"look\" kind: \"vist\" subject: \"household\" recorder { role: \"town\" }\n"
     "  reader { role: \"town\" } label { zh: \"甲\" en: \"a\" } }",
     "file0:16: look: no kind of event \"vist\""},
    {"DutyThatNothingFulfils",
     "duty { id: \"monthly\" who { role: \"coordinator\" } each: \"household\" period: MONTH\n"
     "  label { zh: \"甲\" en: \"a\" } }",
     "file0:16: monthly: nothing fulfils it"},
    {"UnreachableStage",
     "procedure { id: \"p\" subject: \"lead\" opened_by: \"alert\" label { zh: \"甲\" en: \"a\" }\n"
     "  stage { id: \"a\" after: \"b\" by { role: \"town\" } label { zh: \"甲\" en: \"a\" } }\n"
     "  stage { id: \"b\" after: \"a\" by { role: \"town\" } label { zh: \"甲\" en: \"a\" } } }",
     "file0:17: p.a: no way leads to this stage"},
    {"EndlessStage",
     "procedure { id: \"p\" subject: \"lead\" opened_by: \"alert\" label { zh: \"甲\" en: \"a\" }\n"
     "  stage { id: \"a\" by { role: \"town\" } label { zh: \"甲\" en: \"a\" }\n"
     "    outcome { code: \"on\" goto: \"b\" label { zh: \"甲\" en: \"a\" } } }\n"
     "  stage { id: \"b\" after: \"a\" by { role: \"town\" } label { zh: \"甲\" en: \"a\" }\n"
     "    outcome { code: \"back\" goto: \"a\" label { zh: \"甲\" en: \"a\" } } } }",
     "file0:17: p.a: no way leads from this stage to an end"},
    {"WrongWriter",
     "table { id: \"t\" writes: \"income\" otherwise: \"x\" label { zh: \"甲\" en: \"a\" } }",
     "t: fact \"income\" is not declared as derived"},
    {"DerivedFactInAForm",
     "form { id: \"look\" kind: \"visit\" subject: \"household\" recorder { role: \"town\" }\n"
     "  reader { role: \"town\" } label { zh: \"甲\" en: \"a\" }\n"
     "  field { key: \"c\" type: CODE codes: \"risk\" fact: \"colour\" label { zh: \"甲\" en: "
     "\"a\" } } }",
     "file0:18: look.c: fact \"colour\" is derived and can't be written"},
    {"TwiceDefined",
     "parameter { key: \"line\" rule: \"X\" basis: UNSET label { zh: \"甲\" en: \"a\" } }",
     "file0:16: line: the parameter is defined twice"},
    {"CircleOfParents",
     "subject { id: \"a\" parent: \"b\" label { zh: \"甲\" en: \"a\" } }\n"
     "subject { id: \"b\" parent: \"a\" label { zh: \"甲\" en: \"a\" } }",
     "file0:16: a: it belongs to itself"},
    {"UnsetWithAValue",
     "parameter { key: \"p\" rule: \"X\" basis: UNSET value: 1 label { zh: \"甲\" en: \"a\" } }",
     "file0:16: p: an UNSET parameter has no value"},
    {"AggregateOfNoReach",
     "aggregate { id: \"n\" on: \"village\" over: \"household\" op: COUNT label { zh: \"甲\" en: "
     "\"a\" } }",
     "file0:16: n: within whose reach is it (scope)?"},
};
INSTANTIATE_TEST_SUITE_P(LoadDefinition, Refuses, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(LoadDefinition, ChecksAllTogether) {
  const std::string other = R"(programme: "education" document: "10" prefix: "EDU" version: 1
effective_from: "2022-01-01" label { zh: "教育" en: "education" }
table { id: "t" writes: "colour" otherwise: "open" label { zh: "甲" en: "a" } }
form { id: "aid" kind: "payment" subject: "household" recorder { role: "town" } reader { role: "town" }
  label { zh: "补" en: "aid" } due { value { fact: "income" } known: true }
  field { key: "income" type: MONEY fact: "income" label { zh: "甲" en: "a" } } })";
  const Read two = read({std::string(kGood), other});
  EXPECT_EQ(said(two),
            "file1:3: t: fact \"colour\" of monitoring may not be written by education\n"
            "file1:6: aid.income: fact \"income\" of monitoring may not be written by education\n"
            "file1:5: aid: fact \"income\" of monitoring is read and not named in `reads`\n");
  EXPECT_EQ(said(read({std::string(kGood), std::string(kGood)})),
            "file1:1: monitoring: the programme is given twice\n");
}

TEST(LoadDefinition, SaysWhatCannotBeJudged) {
  std::string unset(kGood);
  unset += R"(
parameter { key: "days" rule: "MON-A05" basis: UNSET label { zh: "天" en: "days" } }
warning { id: "MON-W01" rule: "MON-R16" each: "lead" label { zh: "甲" en: "a" }
  when { value { fact: "found_on" } known: true }
  at { deadline { after { of { fact: "found_on" } count { parameter: "days" } } } tell { role: "town" } } })";
  const Read one = read({unset});
  EXPECT_EQ(said(one), "");
  EXPECT_EQ(one.loaded.unset, std::vector<std::string>{"MON-A05 days"});
}

TEST(LoadDefinition, SaysWhichCalculationsAndRanksCannotBeJudged) {
  const Read one = read({std::string(kGood) + R"(
parameter { key: "towns" rule: "VCO-A14" basis: UNSET label { zh: "乡镇" en: "towns" } }
parameter { key: "unread" rule: "VCO-A15" basis: UNSET label { zh: "甲" en: "a" } }
parameter { key: "rate" rule: "MED-A04" basis: UNSET label { zh: "比例" en: "rate" } }
fact { id: "paid" subject: "household" type: MONEY derived: true label { zh: "报销" en: "paid" } }
fact { id: "points" subject: "town" type: POINTS label { zh: "分" en: "points" } }
calculation { id: "pay" version: 1 on: "household" scope: "subject" in: ["income", "rate"] out: "paid" label { zh: "算" en: "pay" } }
card { id: "ranks" subject: "town" population: "towns" period: YEAR label { zh: "排名" en: "ranks" }
  item { id: "points" entry: "points" label { zh: "分" en: "points" } } })"});
  EXPECT_EQ(said(one), "");
  EXPECT_EQ(one.loaded.unset, (std::vector<std::string>{"MED-A04 rate", "VCO-A14 towns"}));
}

TEST(LoadDefinition, RefusesWhatIsNoDefinition) {
  Symbols symbols;
  const BytesView bytes = "\xff\xff";
  const Loaded loaded = load(std::span(&bytes, 1), symbols);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].what, "it is no definition");
  const auto text = TextDefinition::parse("x.txtpb", "programme: \"a\"\n\nform { id: 3 }");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().what, "x.txtpb:3: Expected string, got: 3");
}
}  // namespace
}  // namespace cunji::programme
