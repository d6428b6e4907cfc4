// warnings: what holds on the day, since when, and whom to tell (D15).
#include <algorithm>
#include <tuple>

#include "shared/commands/reports.h"

namespace cunji::commands {
using state::Shown;
using state::WarningNow;

namespace {
struct Line {
  WarningNow warning;
  std::vector<Shown> shown;
};
}  // namespace

static Json line_json(const Words& words, const Line& line) {
  const WarningNow& warning = line.warning;
  Json out{{"id", warning.id},
           {"label", json_of(warning.label)},
           {"rules", warning.rules},
           {"subject", words.subject_json(warning.subject)},
           {"division", warning.division.str()},
           {"since", format_date(warning.since)},
           {"cannot_be_judged", warning.cannot_be_judged}};
  if (!warning.cannot_be_judged) {
    out["level"] = name_of(warning.level);
    out["level_since"] = format_date(warning.level_since);
    out["tell"] = json_of(warning.tell);
  }
  if (!warning.offer.empty()) out["offer"] = warning.offer;
  out["shown"] = Json::array();
  for (const Shown& each : line.shown)
    out["shown"].push_back({{"label", json_of(each.label)}, {"value", json_of(each.cell)}});
  return out;
}

// "应走访户数 60,已走访户数 33"
static std::string shown_text(const std::vector<Shown>& shown) {
  std::string out;
  for (const Shown& each : shown)
    out += (out.empty() ? "" : ",") + each.label.zh + " " + each.cell.text + each.cell.unit;
  return out;
}

// The worst first; what can't be judged last, since somebody else has to act on it.
static bool comes_before(const Line& a, const Line& b) {
  const auto order = [](const Line& line) {
    const WarningNow& w = line.warning;
    const int level = w.cannot_be_judged ? 0 : 1 + static_cast<int>(w.level);
    return std::tuple(-level, std::string(w.division.view()), w.id, w.subject);
  };
  return order(a) < order(b);
}

Result<std::string> answer_warnings(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  std::vector<WarningNow> warnings;
  for (const SubjectId& under : scope.under)
    for (WarningNow& warning : scope.inquiry.warnings(under))
      warnings.push_back(std::move(warning));
  std::erase_if(warnings, [&](const WarningNow& warning) {
    const bool other = !asked.warning.empty() && warning.id != asked.warning;
    return other || !scope.contains(warning.division) || !scope.is_for(warning.tell);
  });
  auto shown = state::shown_beside(
      scope.inquiry, warnings,
      {.prefixes = scope.prefixes, .partial = basis.held.has_value(), .mask = asked.mask});
  std::vector<Line> lines;
  for (std::size_t i = 0; i < warnings.size(); ++i)
    lines.push_back({std::move(warnings[i]), std::move(shown[i])});
  std::sort(lines.begin(), lines.end(), comes_before);
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"warnings", Json::array()}};
    for (const Line& line : lines) out["warnings"].push_back(line_json(words, line));
    return print(out);
  }
  const std::string count = std::to_string(lines.size());
  std::string out = "预警 " + count + " 条 · warnings: " + count + "   (" + words.basis_text() +
                    ")\n" + words.partial_text();
  terminal::Table table({"级别 Level", "编号 Id", "预警 Warning", "对象 Subject", "区划 Division",
                         "自何时 Since", "告知 Tell", "情况 Shown"});
  for (const auto& [warning, beside] : lines) {
    const bool judged = !warning.cannot_be_judged;
    table.add({judged ? label_of(warning.level) : "无法判断 cannot be judged", warning.id,
               terminal::fit(label(warning.label, ""), 44), words.subject(warning.subject),
               words.division(warning.division),
               format_date(judged ? warning.level_since : warning.since),
               judged ? words.whom(warning.tell) : "须先定参数 a parameter is UNSET",
               terminal::fit(shown_text(beside), 60)});
  }
  if (table.size() > 0) out += table.text();
  return out;
}
}  // namespace cunji::commands
