// cases: where each stands, what it waits for, when that is due, and who is to act.
#include "shared/commands/cases.h"

#include <algorithm>

namespace cunji::commands {
using state::CaseView;
using state::StageView;

bool waits(const CaseView& one, const StageView& stage) {
  return !one.closed && !stage.reached && !stage.withdrawn;
}

std::string lateness(const StageView& stage) {
  std::vector<std::string> out;
  if (stage.late_own > 0) out.push_back("逾期 " + std::to_string(stage.late_own) + " 天 late");
  if (stage.late_inherited > 0)
    out.push_back("到达时已迟 " + std::to_string(stage.late_inherited) + " 天 came late");
  return joined(out, ", ");
}

Json listed_json(const state::ListedView& listed) {
  Json out{{"index", listed.index},
           {"part", listed.part},
           {"why", listed.why},
           {"label", json_of(listed.label)}};
  if (!listed.stage.empty()) out["stage"] = listed.stage;
  if (!listed.rule.empty()) out["rule"] = listed.rule;
  return out;
}
std::string listed_text(const state::ListedView& listed) {
  std::string out = "不计 without effect: 第 " + std::to_string(listed.index) + " 条";
  if (!listed.stage.empty()) out += " " + listed.stage;
  out += ": " + label(listed.label, listed.why);
  return listed.rule.empty() ? out : out + " (" + listed.rule + ")";
}

Json case_json(const Words& words, const CaseView& one) {
  Json out{{"id", to_hex(one.id.view())},    {"procedure", one.procedure},
           {"label", json_of(one.label)},    {"subject", words.subject_json(one.subject)},
           {"division", one.division.str()}, {"opened", format_time(one.opened)}};
  if (one.closed) out["closed"] = format_time(*one.closed);
  if (!one.exit.empty()) out["exit"] = one.exit;
  out["stages"] = Json::array();
  for (const StageView& stage : one.stages) {
    Json json{{"stage", stage.stage},
              {"label", json_of(stage.label)},
              {"round", stage.round},
              {"arrived", format_time(stage.arrived)}};
    if (stage.reached) json["reached"] = format_time(*stage.reached);
    if (!stage.outcome.empty()) json["outcome"] = stage.outcome;
    if (stage.due) json["due"] = format_date(*stage.due);
    json["late_own"] = stage.late_own;
    json["late_inherited"] = stage.late_inherited;
    json["withdrawn"] = stage.withdrawn;
    json["waits"] = waits(one, stage);
    if (waits(one, stage)) json["by"] = json_of(stage.by);
    out["stages"].push_back(std::move(json));
  }
  out["without_effect"] = Json::array();
  for (const state::ListedView& listed : one.listed)
    out["without_effect"].push_back(listed_json(listed));
  return out;
}

std::string case_text(const Words& words, const CaseView& one, const std::string& indent) {
  std::string out = indent + label(one.label, one.procedure) + " " + short_id(one.id) + " · " +
                    words.subject(one.subject) + ", " + day(one.opened) + " 起 opened";
  if (one.closed) out += ", " + day(*one.closed) + " 办结 closed";
  if (!one.exit.empty()) out += " (" + one.exit + ")";
  out += "\n";
  for (const StageView& stage : one.stages) {
    if (stage.withdrawn && !stage.reached) continue;
    if (one.closed && !stage.reached) continue;  // An optional stage that nobody took.
    std::vector<std::string> said;
    std::string name = label(stage.label, stage.stage);
    if (stage.round > 0) name += " (再次 again)";
    said.push_back(stage.reached ? "✓ " + day(*stage.reached)
                                 : "待办,自 waits since " + day(stage.arrived));
    if (!stage.outcome.empty()) said.back() += " " + stage.outcome;
    if (stage.due) said.push_back("截止 due " + format_date(*stage.due));
    if (const std::string late = lateness(stage); !late.empty()) said.push_back(late);
    if (stage.withdrawn) said.push_back("已退回 sent back");
    if (waits(one, stage) && !stage.by.empty()) said.push_back("由 by " + words.whom(stage.by));
    out += indent + "  " + name + ": " + joined(said, ", ") + "\n";
  }
  for (const state::ListedView& listed : one.listed)
    out += indent + "  " + listed_text(listed) + "\n";
  return out;
}

static bool is_late(const CaseView& one) {
  return std::any_of(one.stages.begin(), one.stages.end(), [&](const StageView& stage) {
    return waits(one, stage) && stage.late_own > 0;
  });
}

static bool is_theirs(const Scope& scope, const CaseView& one) {
  return !scope.whom ||
         std::any_of(one.stages.begin(), one.stages.end(), [&](const StageView& stage) {
           return waits(one, stage) && scope.is_for(stage.by);
         });
}

Result<std::string> answer_cases(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  if (!asked.procedure.empty()) {
    const auto ids = scope.inquiry.procedure_ids();
    if (std::find(ids.begin(), ids.end(), asked.procedure) == ids.end())
      return bad("没有这种程序:" + asked.procedure,
                 "no procedure \"" + asked.procedure + "\"; there are " + joined(ids, ", "));
  }
  std::vector<CaseView> cases;
  for (const std::string& prefix : scope.prefixes) {
    for (CaseView& one : scope.inquiry.cases_in(prefix)) {
      const bool other = !asked.procedure.empty() && one.procedure != asked.procedure;
      if (other || (one.closed && !asked.all) || (asked.late && !is_late(one))) continue;
      if (is_theirs(scope, one)) cases.push_back(std::move(one));
    }
  }
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"cases", Json::array()}};
    for (const CaseView& one : cases) out["cases"].push_back(case_json(words, one));
    return print(out);
  }
  const std::string count = std::to_string(cases.size());
  std::string out = "办理事项 " + count + " 件 · cases: " + count + "   (" + words.basis_text() +
                    ")\n" + words.partial_text();
  terminal::Table table({"事项 Case", "对象 Subject", "区划 Division", "起 Opened", "步骤 Stage",
                         "截止 Due", "逾期 Late", "由谁 By"});
  for (const CaseView& one : cases) {
    const std::vector<std::string> head = {label(one.label, one.procedure),
                                           words.subject(one.subject), words.division(one.division),
                                           day(one.opened)};
    bool any = false;
    for (const StageView& stage : one.stages) {
      if (!waits(one, stage) || (scope.whom && !scope.is_for(stage.by))) continue;
      std::vector<std::string> row = head;
      row.push_back(label(stage.label, stage.stage));
      row.push_back(stage.due ? format_date(*stage.due) : "—");
      row.push_back(stage.late_own > 0 ? std::to_string(stage.late_own) + " 天 days" : "");
      row.push_back(words.whom(stage.by));
      table.add(std::move(row));
      any = true;
    }
    if (any) continue;
    std::vector<std::string> row = head;
    row.push_back(one.closed ? "已办结 closed " + day(*one.closed) : "—");
    table.add(std::move(row));
  }
  if (table.size() > 0) out += table.text();
  return out;
}
}  // namespace cunji::commands
