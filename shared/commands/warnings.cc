// warnings: what holds on the day, since when, and whom to tell (D15).
#include <algorithm>
#include <tuple>

#include "shared/commands/words.h"

namespace cunji::commands {
using state::WarningNow;

static Json warning_json(const Words& words, const WarningNow& warning) {
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
  return out;
}

// The worst first; what can't be judged last, since somebody else has to act on it.
static bool comes_before(const WarningNow& a, const WarningNow& b) {
  const auto order = [](const WarningNow& w) {
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
  std::sort(warnings.begin(), warnings.end(), comes_before);
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"warnings", Json::array()}};
    for (const WarningNow& warning : warnings)
      out["warnings"].push_back(warning_json(words, warning));
    return print(out);
  }
  std::string out = "预警 " + std::to_string(warnings.size()) +
                    " 条 · warnings: " + std::to_string(warnings.size()) + "   (" +
                    words.basis_text() + ")\n" + words.partial_text();
  terminal::Table table({"级别 Level", "编号 Id", "预警 Warning", "对象 Subject", "区划 Division",
                         "自何时 Since", "告知 Tell"});
  for (const WarningNow& warning : warnings) {
    const bool judged = !warning.cannot_be_judged;
    table.add({judged ? label_of(warning.level) : "无法判断 cannot be judged", warning.id,
               terminal::fit(label(warning.label, ""), 44), words.subject(warning.subject),
               words.division(warning.division),
               format_date(judged ? warning.level_since : warning.since),
               judged ? words.whom(warning.tell) : "须先定参数 a parameter is UNSET"});
  }
  if (table.size() > 0) out += table.text();
  return out;
}
}  // namespace cunji::commands
