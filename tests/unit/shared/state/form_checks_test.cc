// Checks of forms over several answers: a definition of its own, for none that is shipped has them
// yet.
#include <gtest/gtest.h>

#include "shared/state/form_desk.h"
#include "shared/state/inquiry.h"
#include "tests/unit/shared/state/published.h"

namespace cunji::state {
// The checks of a sheet of amounts and of a team, as documents 04 and 16 have them (X17).
constexpr std::string_view kSheets = R"(
programme: "sheets" document: "04" prefix: "AST" version: 1 effective_from: "2022-01-01" label { zh: "分配" en: "sheets" }
form { id: "shares" kind: "survey" subject: "household" recorder { role: "coordinator" } reader { role: "town" }
  label { zh: "分配" en: "shares" } field { key: "total" type: MONEY label { zh: "总额" en: "total" } }
  field { key: "team" type: CODE_SET codes: "who" label { zh: "小组" en: "team" } }
  field { key: "accused" type: CODE codes: "who" label { zh: "被反映人" en: "complained about" } }
  field { key: "items" type: ROWS label { zh: "明细" en: "items" }
    row { key: "amount" type: MONEY label { zh: "金额" en: "amount" } } row { key: "on" type: DATE label { zh: "日期" en: "day" } } }
  check { sum_of: "items.amount" equals { field: "total" } force: BLOCK } check { not_all_equal: "items.amount" force: WARN }
  check { in_order: "items.on" force: BLOCK label { zh: "日期应先后排列" en: "the days are not in order" } }
  check { disjoint: "team" disjoint: "accused" force: BLOCK } }
codes { id: "who" label { zh: "人员" en: "who" } code { id: "first" label { zh: "甲" en: "first" } } code { id: "second" label { zh: "乙" en: "second" } } }
)";

TEST(FormChecks, LookAtAllRows) {
  CountyLog log;
  publish(log, kSheets);
  log.say(log.desk("desk"), registers(house(1), village(1), household_part({"general"})));
  const State state = fold(log.entries());
  ASSERT_EQ(Inquiry(state, day("2022-02-05")).refused_definitions(), std::vector<std::string>{});
  struct Item {
    std::int64_t amount;
    const char* on;
  };
  const auto wrong = [&](std::int64_t total, const std::vector<Item>& items,
                         const char* accused = "second") {
    Filled sheet{.form = "sheets.shares", .subject = house(1)};
    sheet.answer("total", event::integer_value(total));
    sheet.answer("team", event::codes_value({"first"}));
    sheet.answer("accused", event::code_value(accused));
    std::vector<std::vector<event::Answer>> rows;
    for (const auto& [amount, on] : items)
      rows.push_back(
          {{"amount", event::integer_value(amount)}, {"on", event::date_value(day(on))}});
    sheet.answer("items", event::rows_value(rows));
    std::vector<std::string> out;
    const FormDesk desk(state, day("2022-02-05"), {.role = "coordinator", .office = ""});
    for (const Fault& each : desk.faults(sheet)) {
      EXPECT_EQ(each.kind, Fault::Kind::Check);
      out.push_back(each.what.en);
    }
    return out;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(wrong(300, {{100, "2022-01-01"}, {200, "2022-01-01"}}), Texts{});
  EXPECT_EQ(wrong(299, {{100, "2022-01-01"}, {200, "2022-01-02"}}),
            (Texts{"the sum is another: items.amount"}));
  EXPECT_EQ(wrong(1, {}), (Texts{"the sum is another: items.amount"}));
  EXPECT_EQ(wrong(INT64_MAX, {{INT64_MAX, "2022-01-01"}, {1, "2022-01-01"}}),
            (Texts{"the sum is another: items.amount"}));
  EXPECT_EQ(wrong(200, {{100, "2022-01-01"}, {100, "2022-01-01"}}),
            (Texts{"they should not all be equal: items.amount"}));
  EXPECT_EQ(wrong(100, {{100, "2022-01-01"}}), Texts{}) << "one is not several";
  EXPECT_EQ(wrong(300, {{100, "2022-01-02"}, {200, "2022-01-01"}}),
            (Texts{"the days are not in order: items.on"}));
  EXPECT_EQ(wrong(300, {{100, "2022-01-01"}, {200, "2022-01-01"}}, "first"),
            (Texts{"named in more than one: team, accused"}));
}
}  // namespace cunji::state
