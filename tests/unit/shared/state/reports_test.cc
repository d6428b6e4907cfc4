// Reports: each layout and format, what is missing or can't be judged, masking, what a device can't
// say; statements and what has come to differ since.
#include "shared/state/reports.h"

#include <gtest/gtest.h>

#include <limits>

#include "shared/event/statement.h"
#include "shared/state/report_cells.h"
#include "shared/state/statements.h"
#include "shared/state/value_text.h"
#include "tests/unit/shared/state/published.h"

namespace cunji::state {
namespace {
constexpr std::string_view kDefinition = R"(
programme: "lists" document: "08" prefix: "MON" version: 1 effective_from: "2022-01-01" label { zh: "名单" en: "lists" }
codes { id: "colour" label { zh: "颜色" en: "colour" } code { id: "red" label { zh: "红" en: "red" } }
  code { id: "green" label { zh: "绿" en: "green" } } }
codes { id: "kind" label { zh: "类型" en: "kind" } code { id: "ill" label { zh: "大病" en: "ill" } } code { id: "poor" label { zh: "低保" en: "poor" } } }
codes { id: "role" label { zh: "角色" en: "role" } code { id: "town" label { zh: "乡镇" en: "town" } } }
fact { id: "number" subject: "household" type: TEXT label { zh: "编号" en: "number" } }
fact { id: "head_name" subject: "household" type: TEXT personal: true label { zh: "户主" en: "head" } }
fact { id: "phone" subject: "household" type: TEXT personal: true label { zh: "电话" en: "telephone" } }
fact { id: "income" subject: "household" type: MONEY unit: "元" label { zh: "收入" en: "income" } }
fact { id: "area" subject: "household" type: AREA unit: "平方米" label { zh: "面积" en: "area" } }
fact { id: "rate" subject: "household" type: BASIS_POINTS label { zh: "比例" en: "rate" } }
fact { id: "found_on" subject: "household" type: DATE label { zh: "日期" en: "day" } }
fact { id: "kinds" subject: "household" type: CODE_SET codes: "kind" merge: SET label { zh: "类型" en: "kinds" } }
fact { id: "told" subject: "household" type: CODE codes: "kind" label { zh: "所报" en: "told" } }
fact { id: "insured" subject: "household" type: YES_NO label { zh: "参保" en: "insured" } }
fact { id: "state" subject: "household" type: CODE codes: "colour" derived: true label { zh: "颜色" en: "colour" } }
parameter { key: "line" rule: "MON-R13" basis: UNSET label { zh: "线" en: "line" } }
table { id: "two_colours" writes: "state" rule: "MON-R17" label { zh: "二色" en: "two" }
  row { when { value { fact: "income" } is { below { number: 100000 } } } value: "red" reason: "low" label { zh: "收入低" en: "low income" } }
  otherwise: "green" }
aggregate { id: "all" on: ["village", "town", "county"] over: "household" op: COUNT scope: "village" label { zh: "户数" en: "households" } rule: "MON-R13" }
aggregate { id: "sum" on: ["village", "town", "county"] over: "household" op: SUM of { fact: "income" } scope: "village" label { zh: "收入" en: "income" } rule: "MON-R13" }
aggregate { id: "ill" on: ["village", "town", "county"] over: "household" op: COUNT scope: "village" label { zh: "大病户" en: "ill" } rule: "MON-R13"
  where { value { fact: "kinds" } in: "ill" } }
aggregate { id: "under" on: ["village", "town", "county"] over: "household" op: COUNT scope: "village" label { zh: "线下" en: "below" } rule: "MON-R13"
  where { value { fact: "income" } is { below { parameter: "line" } } } }
aggregate { id: "wide" on: ["village", "county"] over: "household" op: COUNT scope: "county" label { zh: "全县" en: "county" } rule: "MON-R13" }
ratio { id: "ill_share" plus: "ill" over: "all" on: ["village", "town", "county"] scope: "village" label { zh: "占比" en: "share" } rule: "MON-R13" }
report { id: "houses" layout: LIST rows: "household" label { zh: "农户表" en: "houses" } rule: "MON-R13" period: MONTH sort: "number"
  signer: "leader" note: "注" reader { role: "town" } mask: true where { value { fact: "income" } known: true }
  header { title { zh: "户数" en: "all" } value { aggregate: "all" } } header { title { zh: "签字" en: "signed" } }
  header { title { zh: "时间" en: "date" } value { today: true } format: "yyyy年M月d日" }
  column { title { zh: "户主" en: "head" } value { fact: "head_name" } }
  column { title { zh: "电话" en: "phone" } value { fact: "phone" } }
  column { title { zh: "收入" en: "income" } value { fact: "income" } }
  column { title { zh: "面积" en: "area" } value { fact: "area" } }
  column { title { zh: "比例" en: "rate" } value { fact: "rate" } }
  column { title { zh: "月" en: "month" } value { fact: "found_on" } format: "yyyy年M月" }
  column { title { zh: "日" en: "day" } value { fact: "found_on" } }
  column { title { zh: "类型" en: "kinds" } value { fact: "kinds" } }
  column { title { zh: "符合" en: "meets" } value { fact: "told" } format: "yes_no:ill" }
  column { title { zh: "参保" en: "insured" } value { fact: "insured" } }
  column { title { zh: "颜色" en: "colour" } value { fact: "state" } format: "reason" }
  column { title { zh: "知情" en: "known" } value { fact: "told" } format: "received" } }
report { id: "phones" layout: CARD rows: "household" label { zh: "电话" en: "phones" } rule: "MON-R13" reader { role: "town" } sort: "number"
  column { title { zh: "电话" en: "phone" } value { fact: "phone" } } column { title { zh: "收入" en: "income" } value { fact: "income" } } }
report { id: "villages" layout: LIST rows: "village" label { zh: "各村" en: "villages" } rule: "MON-R13" group_by: "town" reader { level: "county" }
  column { title { zh: "户数" en: "all" } value { aggregate: "all" } } column { title { zh: "收入" en: "income" } value { aggregate: "sum" } }
  column { title { zh: "占比" en: "share" } value { ratio: "ill_share" } } column { title { zh: "线下" en: "below" } value { aggregate: "under" } }
  column { title { zh: "全县" en: "wide" } value { aggregate: "wide" } } }
report { id: "by_colour" layout: LIST rows: "household" label { zh: "分色" en: "by colour" } rule: "MON-R13" group_by: "state" sort: "number"
  reader { role: "town" } column { title { zh: "编号" en: "number" } value { fact: "number" } } }
report { id: "moves" layout: MATRIX of: "two_colours" rows: "household" label { zh: "变化" en: "moves" } rule: "MON-R17" period: MONTH
  group_by: "village" reader { role: "town" } }
)";

class ReportsTest : public testing::Test {
 protected:
  ReportsTest() {
    publish(log, kDefinition);
    log.set_now(local("2022-02-01T08:00"));
    place("411323000000", "西峡县");
    place("411323001000", "白羽街道");
    place(std::string(village(1).view()), "一村");
    place(std::string(village(2).view()), "二村");
    house(1, village(1), "9", 99'999, {{"kinds", "", event::codes_value({"poor"})}});
    house(2, village(1), "10", 123'456,
          {{"kinds", "", event::codes_value({"ill"})},
           {"area", "", event::integer_value(-5)},
           {"rate", "", event::integer_value(3'333)},
           {"found_on", "", event::date_value(day("2022-02-09"))},
           {"phone", "", event::text_value("13900001234")},
           {"insured", "", event::yes_value(false)},
           {"told", "", event::code_value("ill")}});
    house(3, village(2), "1", 0, {});
    says(2, {{"kinds", "", event::codes_value({"poor"})}});
  }
  void place(const std::string& code, const std::string& name) {
    const DivisionCode division = DivisionCode::parse(code).value();
    const char* level = code.ends_with("000000") ? "county"
                        : code.ends_with("000")  ? "town"
                                                 : "village";
    log.say(desk, {.kind = Kind::Registration,
                   .division = division,
                   .subject = subject_of(division),
                   .parts = {event::encode_part(event::RegistrationPart{
                       .type = event::SubjectType::Division,
                       .create = true,
                       .facts = {{"name", "", event::text_value(name)},
                                 {"level", "", event::code_value(level)}}})}});
  }
  void house(int id, DivisionCode where, const std::string& number, std::int64_t income,
             std::vector<event::Fact> more) {
    more.push_back({"number", "", event::text_value(number)});
    more.push_back({"head_name", "", event::text_value("户" + number)});
    more.push_back({"income", "", event::integer_value(income)});
    log.say(desk,
            registers(
                state::house(id), where,
                {.type = event::SubjectType::Household, .create = true, .facts = std::move(more)}));
  }
  void says(int id, std::vector<event::Fact> facts) {
    const DivisionCode where = id == 3 ? village(2) : village(1);
    log.say(desk, registers(state::house(id), where,
                            {.type = event::SubjectType::Household, .facts = std::move(facts)}));
  }
  ReportNow make(const std::string& id, const std::string& on = "2022-02-10",
                 ReportAsked asked = {}) const {
    const State state = fold(log.entries());
    const Inquiry inquiry(state, day(on));
    asked.id = id;
    if (asked.prefixes.empty()) asked.prefixes = {"411323"};
    std::string code = asked.prefixes.front();
    code.resize(12, '0');
    asked.about = inquiry.division_subject(DivisionCode::parse(code).value());
    auto out = report(inquiry, asked);
    EXPECT_TRUE(out) << id;
    return out.value_or(ReportNow{});
  }
  static std::vector<std::string> texts(const std::vector<ReportCell>& cells) {
    std::vector<std::string> out;
    for (const ReportCell& cell : cells) out.push_back(cell.text);
    return out;
  }
  using Texts = std::vector<std::string>;

  CountyLog log;
  Signer& desk = log.desk("desk");
};

TEST_F(ReportsTest, EveryFormatIsAsDeclared) {  // GEN-05 GEN-15 MON-P02
  const ReportNow made = make("houses");
  EXPECT_EQ(made.period, "2022-02");
  EXPECT_EQ(made.programme, "lists");
  ASSERT_EQ(made.header.size(), 3u);
  EXPECT_EQ(made.header[0].cell.text, "3");
  EXPECT_EQ(made.header[1].cell.text, "") << "a place to sign";
  EXPECT_EQ(made.header[2].cell.text, "2022年2月10日");
  ASSERT_EQ(made.rows.size(), 3u);
  EXPECT_EQ(texts(made.rows[0].cells),
            (Texts{"户1", "—", "0.00", "—", "—", "—", "—", "—", "—", "—", "红（收入低）", "—"}));
  EXPECT_EQ(texts(made.rows[1].cells)[0], "户9") << "house 9 stands before house 10";
  EXPECT_EQ(texts(made.rows[2].cells),
            (Texts{"户10", "***", "1234.56", "-0.05", "33.33%", "2022年2月", "2022-02-09",
                   "大病、低保", "是", "否", "绿", "2022-02-01 08:00"}));
  EXPECT_EQ(made.rows[2].cells[2].unit, "元");
  EXPECT_EQ(made.rows[0].cells[1].kind, ReportCell::Kind::Missing);
}

TEST_F(ReportsTest, PersonalDataIsHiddenOnlyWhereTheReportOrTheReaderSaysSo) {  // GEN-15
  EXPECT_EQ(make("phones").rows.back().cells[0].text, "13900001234");
  EXPECT_EQ(make("phones", "2022-02-10", {.mask = true}).rows.back().cells[0].text, "***");
  EXPECT_EQ(make("phones", "2022-02-10", {.mask = true}).rows.back().cells[1].text, "1234.56");
  const ReportNow one = make("phones", "2022-02-10", {.one = state::house(1)});
  ASSERT_EQ(one.rows.size(), 1u);
  EXPECT_EQ(one.rows[0].cells[1].text, "999.99");
}

TEST_F(ReportsTest, WhatCanNotBeJudgedSaysSo) {  // S8 S7 X24
  const ReportNow made = make("villages");
  ASSERT_EQ(made.rows.size(), 2u);
  EXPECT_EQ(made.rows[0].group, (Texts{"白羽街道"}));
  EXPECT_EQ(texts(made.rows[0].cells), (Texts{"2", "2234.55", "50.00%", "无法判断", "2"}));
  EXPECT_EQ(made.rows[0].cells[3].kind, ReportCell::Kind::Unset);
  const std::string first(village(1).view());
  const ReportNow held = make("villages", "2022-02-10", {.prefixes = {first}, .partial = true});
  ASSERT_EQ(held.rows.size(), 1u);
  EXPECT_EQ(texts(held.rows[0].cells), (Texts{"2", "2234.55", "50.00%", "无法判断", "以县里为准"}));
  EXPECT_EQ(held.rows[0].cells[4].kind, ReportCell::Kind::Elsewhere);
  EXPECT_FALSE(report(Inquiry(fold(log.entries()), day("2022-02-10")), {.id = "nothing"}));
}

TEST_F(ReportsTest, GroupsStandInTheOrderOfTheirList) {
  const ReportNow made = make("by_colour");
  std::vector<Texts> seen;
  for (const ReportRow& row : made.rows) seen.push_back({row.group[0], row.cells[0].text});
  EXPECT_EQ(seen, (std::vector<Texts>{{"红", "1"}, {"红", "9"}, {"绿", "10"}}));
}

TEST_F(ReportsTest, AMatrixCountsFromWhatWasBeforeThePeriod) {  // MON-P05 MON-E06
  log.set_now(local("2022-03-05T08:00"));
  says(1, {{"income", "", event::integer_value(200'000)}});
  house(4, village(2), "4", 5, {});
  const ReportNow made = make("moves", "2022-03-31");
  std::vector<Texts> seen;
  for (const ReportRow& row : made.rows) {
    seen.push_back(texts(row.cells));
    seen.back().insert(seen.back().begin(), row.group[0]);
  }
  EXPECT_EQ(seen, (std::vector<Texts>{{"一村", "红", "0", "1"},
                                      {"一村", "绿", "0", "1"},
                                      {"二村", "红", "1", "0"},
                                      {"二村", "新增", "1", "0"}}));
}

TEST(ReportCells, PercentagesAreHalfUpFromExactTerms) {  // GEN-05 MON-X06 VCO-X02
  EXPECT_EQ(percentage(40, 42), "95.24");
  EXPECT_EQ(percentage(61, 64), "95.31");
  EXPECT_EQ(percentage(1, 20'000), "0.01") << "half up";
  EXPECT_EQ(percentage(1, 20'001), "0.00");
  EXPECT_EQ(percentage(-1, 20'000), "0.00");
  EXPECT_EQ(percentage(-1, 8), "-12.50");
  EXPECT_EQ(percentage(std::numeric_limits<std::int64_t>::max(), 1), std::nullopt);
  EXPECT_EQ(hundredths(-5), "-0.05");
  EXPECT_EQ(hundredths(std::numeric_limits<std::int64_t>::min()), "-92233720368547758.08");
  EXPECT_EQ(format_day(day("2022-04-08"), "yyyy年MM月dd日"), "2022年04月08日");
  EXPECT_EQ(format_day(day("2022-04-08"), "percent"), "2022-04-08");
}

TEST_F(ReportsTest, WhatIsFiledStandsAndDifferencesAreListed) {  // S6 X15
  const ReportNow before = make("houses");
  const event::StatementPart filed = statement_of(before, log.size(), 0);
  EXPECT_TRUE(differences(filed, before).empty());
  says(1, {{"income", "", event::integer_value(5'000)}});
  house(5, village(1), "5", 7, {});
  using Kind = StatementDifference::Kind;
  const auto now = differences(filed, make("houses"));
  ASSERT_EQ(now.size(), 3u);
  EXPECT_EQ(now[0].kind, Kind::Header);
  EXPECT_EQ(now[0].filed + now[0].now, "34");
  EXPECT_EQ(now[1].kind, Kind::Changed);
  EXPECT_EQ(now[1].subject, state::house(1));
  EXPECT_EQ(now[1].column, 2u);
  EXPECT_EQ(now[1].filed, "999.99");
  EXPECT_EQ(now[1].now, "50.00");
  EXPECT_EQ(now[2].kind, Kind::Added);
  EXPECT_EQ(now[2].cells[0], "户5");
  const std::string first(village(1).view());
  const auto gone = differences(filed, make("houses", "2022-02-10", {.prefixes = {first}}));
  EXPECT_EQ(std::count_if(gone.begin(), gone.end(),
                          [](const auto& one) { return one.kind == Kind::Gone; }),
            1);
}

TEST_F(ReportsTest, TheDigestIsOfAllThatWasFiled) {  // X15
  const event::StatementPart filed = statement_of(make("houses"), 7, 0);
  ASSERT_TRUE(filed.digest);
  EXPECT_EQ(*filed.digest, event::digest_of(filed));
  const auto changed = [&](auto change) {
    event::StatementPart other = filed;
    change(other);
    return event::digest_of(other) != *filed.digest;
  };
  EXPECT_TRUE(changed([](auto& s) { s.of = "house"; }));
  EXPECT_TRUE(changed([](auto& s) { s.period = "2022-03"; }));
  EXPECT_TRUE(changed([](auto& s) { s.valid_at = day("2022-02-11"); }));
  EXPECT_TRUE(changed([](auto& s) { s.log_size = 8; }));
  EXPECT_TRUE(changed([](auto& s) { s.supplement = 1; }));
  EXPECT_TRUE(changed([](auto& s) { s.header[0] = "4"; }));
  EXPECT_TRUE(changed([](auto& s) { s.rows.pop_back(); }));
  EXPECT_TRUE(changed([](auto& s) { std::swap(s.rows[0], s.rows[1]); }));
  EXPECT_TRUE(changed([](auto& s) { s.rows[0].cells[2] += "0"; }));
  EXPECT_TRUE(changed([](auto& s) { s.rows[0].subject = SubjectId{}; }));
  EXPECT_FALSE(changed([](auto& s) { s.signer = "李四"; }));
  // It goes through the wire as it is.
  const auto part = event::parse_part(event::pad_part(event::encode_part(filed)).value());
  ASSERT_TRUE(part);
  EXPECT_EQ(std::get<event::StatementPart>(part->content), filed);
}

TEST(Statement, DigestOfASmallOne) {  // protocol/README.md, "Statement"
  const event::StatementPart said{.of = "form_3",
                                  .period = "2022-04",
                                  .valid_at = day("2022-04-18"),
                                  .log_size = 258,
                                  .rows = {{.subject = subject("house"), .cells = {"一村", "—"}}},
                                  .supplement = 1,
                                  .header = {"白羽街道"}};
  EXPECT_EQ(to_hex(event::digest_of(said).view()),
            "1141e3b358cd9d8aa91ea40abee667c6564f88144eda3e763af9b077f2758930");
}
}  // namespace
}  // namespace cunji::state
