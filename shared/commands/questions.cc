#include "shared/commands/questions.h"

#include <CLI/CLI.hpp>

namespace cunji::commands {
void add_report_scope(CLI::App& command, Asked& asked) {
  command.add_option("--office", asked.office,
                     "单位,如 medical_insurance · an office, by its code");
  command.add_option("--period,--month", asked.period,
                     "月份或年度 2022-04、2022,缺省为当天所在 · the month or year");
}

void add_questions(CLI::App& app,
                   const std::function<void(CLI::App&, std::shared_ptr<Asked>, Answer)>& added) {
  std::shared_ptr<Asked> o;
  const auto add = [&](const char* name, const char* text, Answer answer) {
    CLI::App* command = app.add_subcommand(name, text);
    o = std::make_shared<Asked>();
    added(*command, o, answer);
    command->add_option("--division", o->division,
                        "区划代码或其前 6、9 位 · a division, or the first 6 or 9 digits of one");
    command->add_option("--on", o->on,
                        "看哪一天 2022-02-10,缺省为今天 · at the end of which day; default: today");
    command->add_option(
        "--known-at", o->known_at,
        "只看县日志前 N 条所知 · as it was known from the first N entries of the county's log");
    command->add_flag("--json", o->json, "JSON");
    return command;
  };
  const auto add_whom = [&](CLI::App* command, const char* text) {
    command->add_option("--for", o->whom, text);
  };
  CLI::App* warnings = add(
      "warnings", "预警:须告知谁、自何时起 · what holds today, and whom to tell", answer_warnings);
  add_whom(warnings,
           "只看给谁的,ROLE[@OFFICE] · for whom: coordinator, town, county_desk@rr_bureau");
  warnings->add_option("--warning", o->warning, "只看一种,如 MON-W01 · one kind only");

  CLI::App* duties = add(
      "duties", "职责:本期谁已完成、谁未完成 · how each duty stands in its period", answer_duties);
  add_whom(duties, "只看谁的职责,ROLE[@OFFICE] · whose duties");
  duties->add_option("--duty", o->duty, "只看一项 · one duty only, by its id");
  duties->add_flag("--all", o->all, "连同已完成的 · also those that are done");

  CLI::App* cases =
      add("cases", "办理事项:到哪一步、何时到期、谁来办 · where each case stands", answer_cases);
  add_whom(cases, "只看轮到谁的,ROLE[@OFFICE] · those that wait for whom");
  cases->add_option("--procedure", o->procedure, "只看一种程序 · one procedure only, by its id");
  cases->add_flag("--all", o->all, "连同已办结的 · also those that are closed");
  cases->add_flag("--late", o->late, "只看逾期的 · those that are late only");

  CLI::App* household =
      add("household", "一户的状况卡(MON-P01)· one household's status card", answer_household);
  household
      ->add_option("HOUSEHOLD", o->household,
                   "编号、户主或标识 · its number, head or id (beginning)")
      ->required();
  household->add_option("--explain", o->explain,
                        "说明一项情况从何而来,可多次 · where a fact comes from; may be repeated");

  CLI::App* report =
      add("report", "报表;不写编号则列出可查看的 · a report, or without ID those that one may read",
          answer_report);
  report->add_option("REPORT", o->report, "编号,如 form_3 · its id");
  add_whom(report, "由谁查看,ROLE[@OFFICE] · who reads it");
  add_report_scope(*report, *o);
  report->add_option("--row", o->row, "只看一行:农户、标识或名称 · one row: household, id or name");
  report->add_option("--statement", o->statement,
                     "与所报的第 N 条对照 · beside what was filed as entry N of the log");
  report->add_flag("--mask", o->mask, "隐去个人信息,供公示 · personal data hidden, for a notice");
  report->add_flag("--csv", o->csv, "CSV");

  CLI::App* statements = add(
      "statements", "已报送的报表:何时收到、是否按时 · what was filed, when, and whether in time",
      answer_statements);
  statements->add_option("REPORT", o->report, "只看一种 · one report only, by its id");
  statements->add_option("--office", o->office, "只看一个单位 · one office only");

  CLI::App* board = add(
      "board", "本月看板:各步骤与职责、五色、预警(MON-P04、P05)· the month's board", answer_board);
  add_whom(board, "只看谁的事项,ROLE[@OFFICE] · whose work");
}
}  // namespace cunji::commands
