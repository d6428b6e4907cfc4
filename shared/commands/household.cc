// household: one household's status card (MON-P01), at any past day and as known at any size.
#include <algorithm>
#include <set>

#include "shared/commands/cases.h"

namespace cunji::commands {
using state::FactNow;

// At the top of the card, in this order; the rest follows by name.
static constexpr const char* kFirst[] = {"colour", "household_category", "monitored_type",
                                         "risk_status"};

namespace {
struct Card {
  state::HouseholdView household;
  std::vector<FactNow> facts;
  std::vector<state::CaseView> cases;
  std::vector<state::ListedView> listed;
  std::vector<state::VisitView> visits;
  std::vector<state::WarningNow> warnings;
  std::vector<state::DutyNow> duties;
};
}  // namespace

static Card card_of(const Scope& scope, const state::HouseholdView& household) {
  Card out{.household = household,
           .facts = scope.inquiry.facts(household.id),
           .cases = scope.inquiry.cases(household.id),
           .listed = scope.inquiry.listed(household.id),
           .visits = scope.inquiry.visits(household.id),
           .warnings = scope.inquiry.warnings(household.id),
           .duties = scope.inquiry.duties(household.id)};
  const auto order = [](const FactNow& fact) {
    const auto* first = std::find(std::begin(kFirst), std::end(kFirst), fact.name);
    return first - std::begin(kFirst);
  };
  std::stable_sort(out.facts.begin(), out.facts.end(),
                   [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return out;
}

static Json visit_json(const state::VisitView& visit) {
  Json out{{"occurred", format_time(visit.occurred)},
           {"outcome", event::name_of(visit.outcome)},
           {"check_in", visit.check_in},
           {"role", visit.role},
           {"division", visit.division.str()},
           {"contradicted", visit.contradicted}};
  if (!visit.office.empty()) out["office"] = visit.office;
  if (visit.index) out["index"] = *visit.index;
  return out;
}

static Json card_json(const Words& words, const Scope& scope, const Card& card) {
  Json out{{"basis", words.basis_json()},
           {"household", words.subject_json(card.household.id)},
           {"division", card.household.division.str()},
           {"facts", Json::array()},
           {"cases", Json::array()},
           {"without_effect", Json::array()},
           {"duties", Json::array()},
           {"warnings", Json::array()},
           {"visits", Json::array()}};
  for (const FactNow& fact : card.facts) out["facts"].push_back(words.fact_json(fact));
  for (const state::CaseView& one : card.cases) {
    Json json = case_json(words, one);
    json["facts"] = Json::array();
    for (const FactNow& fact : scope.inquiry.facts(one.subject))
      if (one.subject != card.household.id) json["facts"].push_back(words.fact_json(fact));
    out["cases"].push_back(std::move(json));
  }
  for (const state::ListedView& listed : card.listed)
    out["without_effect"].push_back(listed_json(listed));
  for (const state::DutyNow& duty : card.duties) {
    Json json{
        {"duty", duty.duty}, {"label", json_of(duty.label)}, {"status", name_of(duty.status)}};
    if (duty.due) json["due"] = format_date(*duty.due);
    out["duties"].push_back(std::move(json));
  }
  for (const state::WarningNow& warning : card.warnings) {
    Json json{{"id", warning.id},
              {"label", json_of(warning.label)},
              {"since", format_date(warning.since)},
              {"cannot_be_judged", warning.cannot_be_judged}};
    if (!warning.cannot_be_judged) {
      json["level"] = name_of(warning.level);
      json["tell"] = json_of(warning.tell);
    }
    out["warnings"].push_back(std::move(json));
  }
  for (const state::VisitView& visit : card.visits) out["visits"].push_back(visit_json(visit));
  return out;
}

static std::string facts_text(const Words& words, const std::vector<FactNow>& facts) {
  terminal::Table table({"情况 Fact", "值 Value", "自何时 Since", "依据 Because"});
  for (const FactNow& fact : facts) {
    std::string why;
    if (!fact.reason.empty()) {
      why = label(fact.reason_label, fact.reason);
    } else if (fact.derived) {
      why = "推算 derived";
    } else if (fact.index) {
      why = "第 " + std::to_string(*fact.index) + " 条 event";
    }
    table.add({label(fact.label, fact.name) + (fact.key.empty() ? "" : " " + fact.key),
               terminal::fit(words.value(fact), 60), format_date(fact.since), why});
  }
  return table.size() > 0 ? table.text() : std::string();
}

static std::string visits_text(const std::vector<state::VisitView>& visits) {
  terminal::Table table({"走访 Visit", "结果 Outcome", "谁 Who", "区划 Division", "日志 Index"});
  for (auto visit = visits.rbegin(); visit != visits.rend(); ++visit) {
    std::string outcome(event::name_of(visit->outcome));
    if (visit->check_in) outcome += " (签到 check-in)";
    if (visit->contradicted) outcome += " (时间矛盾 contradicted)";
    table.add({format_time(visit->occurred).substr(0, 16), outcome,
               visit->office.empty() ? visit->role : visit->role + "@" + visit->office,
               visit->division.str(),
               visit->index ? std::to_string(*visit->index) : "未发送 unsent"});
  }
  return table.size() > 0 ? "\n" + table.text() : std::string();
}

// The rows of a table, or what was said, behind one fact.
static Result<std::string> explained(const Words& words, const Scope& scope, const Card& card,
                                     const std::string& name) {
  const auto fact = scope.inquiry.fact(card.household.id, name);
  if (!fact)
    return bad("那天没有“" + name + "”这项情况",
               "there is no fact \"" + name + "\" of this household on the day");
  std::string out = label(fact->label, name) + ": " + words.value(*fact) + ", " +
                    format_date(fact->since) + " 起 since";
  if (!fact->reason.empty()) out += "\n  因为 because: " + label(fact->reason_label, fact->reason);
  if (fact->index) out += "\n  出自 said by: 第 " + std::to_string(*fact->index) + " 条 event";
  for (const state::Ground& ground : scope.inquiry.grounds(card.household.id, name)) {
    out += "\n  依据 rests on: " + label(ground.label, ground.what) + " = ";
    out += ground.fact
               ? words.value(*ground.fact) + " (" + format_date(ground.fact->since) + " 起 since)"
           : ground.value.empty() ? "未知 missing"
                                  : ground.value;
  }
  return out + "\n";
}

static Json explained_json(const Words& words, const Scope& scope, const Card& card,
                           const std::string& name) {
  Json out{{"fact", name}, {"rests_on", Json::array()}};
  if (const auto fact = scope.inquiry.fact(card.household.id, name))
    out["now"] = words.fact_json(*fact);
  for (const state::Ground& ground : scope.inquiry.grounds(card.household.id, name)) {
    Json json{{"what", ground.what}, {"label", json_of(ground.label)}};
    if (ground.fact) json["fact"] = words.fact_json(*ground.fact);
    if (!ground.value.empty()) json["value"] = ground.value;
    out["rests_on"].push_back(std::move(json));
  }
  return out;
}

static std::string card_text(const Words& words, const Scope& scope, const Card& card) {
  const state::HouseholdView& household = card.household;
  std::string out = "农户 household " + joined({household.number, household.head_name}) + "   " +
                    to_hex(household.id.view()) + "\n" + words.division(household.division) +
                    "   (" + words.basis_text() + ")\n" + words.partial_text() + "\n";
  out += facts_text(words, card.facts);
  if (!card.cases.empty()) out += "\n办理事项 cases\n";
  for (const state::CaseView& one : card.cases) {
    out += case_text(words, one, "  ");
    if (one.subject == household.id) continue;
    for (const FactNow& fact : scope.inquiry.facts(one.subject))
      out += "    " + label(fact.label, fact.name) + ": " + words.value(fact) + " (" +
             format_date(fact.since) + ")\n";
  }
  for (const state::ListedView& listed : card.listed) out += "  " + listed_text(listed) + "\n";
  if (!card.duties.empty()) out += "\n本期职责 duties\n";
  for (const state::DutyNow& duty : card.duties)
    out += "  " + label(duty.label, duty.duty) + ": " + label_of(duty.status) +
           (duty.due ? ", 截止 due " + format_date(*duty.due) : "") + "\n";
  if (!card.warnings.empty()) out += "\n预警 warnings\n";
  for (const state::WarningNow& warning : card.warnings)
    out += "  " + warning.id + " " + label(warning.label, "") + ": " +
           (warning.cannot_be_judged
                ? "无法判断 cannot be judged"
                : label_of(warning.level) + ", " + format_date(warning.level_since) +
                      " 起 since, 告知 tell " + words.whom(warning.tell)) +
           "\n";
  return out + visits_text(card.visits);
}

Result<std::string> answer_household(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  TRY_AS(household, find_household(basis, scope, asked.household));
  const Card card = card_of(scope, household);
  std::string explanations;
  for (const std::string& name : asked.explain) {
    TRY_AS(text, explained(words, scope, card, name));
    explanations += "\n" + text;
  }
  if (!asked.json) return card_text(words, scope, card) + explanations;
  Json out = card_json(words, scope, card);
  for (const std::string& name : asked.explain)
    out["explained"].push_back(explained_json(words, scope, card, name));
  return print(out);
}
}  // namespace cunji::commands
