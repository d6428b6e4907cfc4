// duties: how everybody stands in the period that holds the day.
#include <algorithm>
#include <map>
#include <tuple>

#include "shared/commands/words.h"

namespace cunji::commands {
using state::DutyNow;
using state::DutyStatus;

// In the list: what is left to do first.
static int order_of(DutyStatus status) {
  switch (status) {
    case DutyStatus::Missing: return 0;
    case DutyStatus::Contradicted: return 1;
    case DutyStatus::Open: return 2;
    case DutyStatus::Late: return 3;
    case DutyStatus::Done: return 4;
  }
  return 5;
}

struct Tally {
  programme::Label label;
  state::Whom who;
  std::map<DutyStatus, std::uint64_t> counts;
  std::uint64_t claimed = 0;  // Of those done: claimed, not proven in time.
  std::optional<Date> due;
};
static constexpr DutyStatus kStates[] = {DutyStatus::Done, DutyStatus::Late, DutyStatus::Missing,
                                         DutyStatus::Open, DutyStatus::Contradicted};

static Json tally_json(const std::string& id, const Tally& tally) {
  Json out{{"duty", id}, {"label", json_of(tally.label)}, {"who", json_of(tally.who)}};
  if (tally.due) out["due"] = format_date(*tally.due);
  for (const DutyStatus status : kStates) {
    const auto found = tally.counts.find(status);
    out[name_of(status)] = found == tally.counts.end() ? 0 : found->second;
  }
  out["done_claimed"] = tally.claimed;
  return out;
}

static Json line_json(const Words& words, const DutyNow& duty) {
  Json out{{"duty", duty.duty},
           {"subject", words.subject_json(duty.subject)},
           {"division", duty.division.str()},
           {"status", name_of(duty.status)},
           {"counted", duty.counted},
           {"needed", duty.needed},
           {"received", duty.received}};
  if (duty.due) out["due"] = format_date(*duty.due);
  if (duty.done_at) {
    out["done_at"] = format_time(*duty.done_at);
    out["time_class"] = name_of(duty.time_class);
  }
  return out;
}

static Result<std::vector<DutyNow>> duties_of(const Scope& scope, const Asked& asked) {
  if (!asked.duty.empty()) {
    const auto ids = scope.inquiry.duty_ids();
    if (std::find(ids.begin(), ids.end(), asked.duty) == ids.end())
      return bad("没有这项职责:" + asked.duty,
                 "no duty \"" + asked.duty + "\"; there are " + joined(ids, ", "));
  }
  std::vector<DutyNow> out;
  for (const SubjectId& under : scope.under) {
    for (DutyNow& duty : scope.inquiry.duties(under, asked.duty)) {
      if (scope.contains(duty.division) && scope.is_for({duty.who})) out.push_back(std::move(duty));
    }
  }
  std::sort(out.begin(), out.end(), [](const DutyNow& a, const DutyNow& b) {
    return std::tuple(order_of(a.status), a.duty, a.division, a.subject) <
           std::tuple(order_of(b.status), b.duty, b.division, b.subject);
  });
  return out;
}

Result<std::string> answer_duties(const Basis& basis, const Asked& asked) {
  TRY_AS(scope, scope_of(basis, asked));
  const Words words(basis, scope);
  TRY_AS(duties, duties_of(scope, asked));
  std::map<std::string, Tally> tallies;
  for (const DutyNow& duty : duties) {
    Tally& tally = tallies[duty.duty];
    tally.label = duty.label;
    tally.who = duty.who;
    ++tally.counts[duty.status];
    if (duty.due && (!tally.due || *duty.due < *tally.due)) tally.due = duty.due;
    if (duty.status == DutyStatus::Done && duty.time_class == state::TimeClass::ClaimedInTime)
      ++tally.claimed;
  }
  const auto is_finished = [](const DutyNow& duty) {
    return duty.status == DutyStatus::Done || duty.status == DutyStatus::Late;
  };
  const auto left = static_cast<std::uint64_t>(std::count_if(
      duties.begin(), duties.end(), [&](const auto& each) { return !is_finished(each); }));
  if (!asked.all)
    std::erase_if(duties, [&](const auto& each) { return is_finished(each) && each.received; });
  if (asked.json) {
    Json out{{"basis", words.basis_json()}, {"tallies", Json::array()}, {"lines", Json::array()}};
    for (const auto& [id, tally] : tallies) out["tallies"].push_back(tally_json(id, tally));
    for (const DutyNow& duty : duties) out["lines"].push_back(line_json(words, duty));
    return print(out);
  }
  std::string out = "还有 " + std::to_string(left) +
                    " 项未完成 · left to do: " + std::to_string(left) + "   (" +
                    words.basis_text() + ")\n" + words.partial_text();
  terminal::Table sums({"职责 Duty", "谁 Who", "截止 Due", "已完成 Done", "其中自报 Claimed",
                        "逾期 Late", "未完成 Missing", "待办 Open", "矛盾 Contradicted"});
  for (const auto& [id, tally] : tallies) {
    const auto count = [&](DutyStatus status) {
      const auto found = tally.counts.find(status);
      return std::to_string(found == tally.counts.end() ? 0 : found->second);
    };
    sums.add({label(tally.label, id), words.whom(tally.who),
              tally.due ? format_date(*tally.due) : "—", count(DutyStatus::Done),
              std::to_string(tally.claimed), count(DutyStatus::Late), count(DutyStatus::Missing),
              count(DutyStatus::Open), count(DutyStatus::Contradicted)});
  }
  if (sums.size() > 0) out += sums.text();
  terminal::Table table({"状态 Status", "职责 Duty", "对象 Subject", "区划 Division", "截止 Due",
                         "计数 Counted", "完成 Done"});
  for (const DutyNow& duty : duties) {
    std::string done = duty.done_at ? format_time(*duty.done_at).substr(0, 16) : "—";
    if (!duty.received) done += " 未发送 unsent";
    table.add({label_of(duty.status), label(duty.label, duty.duty), words.subject(duty.subject),
               words.division(duty.division), duty.due ? format_date(*duty.due) : "—",
               std::to_string(duty.counted) + "/" + std::to_string(duty.needed), done});
  }
  if (table.size() > 0) out += "\n" + table.text();
  return out;
}
}  // namespace cunji::commands
