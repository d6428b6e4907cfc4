// The coordinators' monthly duty (VCO-R09), as the county's definitions declare it: who is to be
// visited, and how far it is.
#include <algorithm>
#include <map>

#include "protocol/api.pb.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"
#include "server/api/text.h"
#include "shared/state/duty_status.h"
#include "shared/state/inquiry.h"

namespace cunji::server {
namespace {
using state::DutyNow;

void put(const state::DutyTally& tally, api::Tally& out) {
  out.set_households(tally.households);
  out.set_done(tally.done);
  out.set_done_claimed(tally.done_claimed);
  out.set_late(tally.late);
  out.set_missing(tally.missing);
  out.set_open(tally.open);
  out.set_contradicted(tally.contradicted);
}

// The month asked for; nothing: that of the day. Without `valid_at` a month that is over is judged
// at its end, one to come at its first day.
Outcome<Month> take_month(Call& call, Times& times, bool day_given) {
  TRY_AS(month, call.query.take_month("month"));
  if (!month) return month_of(times.valid_at);
  const Date first{*month / 1}, last{*month / std::chrono::last};
  if (!day_given) times.valid_at = std::clamp(times.valid_at, first, last);
  return *month;
}

// What both questions take.
struct Asked {
  Times times;
  Month month{};
  std::string wanted;
  std::vector<std::string> prefixes;
};
Outcome<Asked> take_asked(Call& call) {
  Asked out;
  const bool day_given = call.query.has("valid_at");
  TRY_AS(times, call.take_times());
  out.times = times;
  TRY_AS(month, take_month(call, out.times, day_given));
  out.month = month;
  TRY_AS(prefixes, call.take_prefixes(out.wanted));
  out.prefixes = prefixes;
  return out;
}

// The scope's lines: whole divisions, then subjects that are assigned one by one.
std::vector<DutyNow> lines_of(const Call& call, const Asked& asked, const state::State& state) {
  const state::Inquiry inquiry(state, asked.times.valid_at);
  const auto lines_in = [&](std::string_view prefix) {
    return inquiry.duty_of_month(prefix, state::kMonthlyVisit, asked.month);
  };
  std::vector<DutyNow> out;
  for (const std::string& prefix : asked.prefixes) {
    const auto some = lines_in(prefix);
    out.insert(out.end(), some.begin(), some.end());
  }
  std::set<DivisionCode> others;
  for (const SubjectId& id : call.scope->assigned()) {
    for (const DivisionCode& division : state.residences(id)) {
      const bool covered =
          std::any_of(asked.prefixes.begin(), asked.prefixes.end(),
                      [&](const auto& p) { return division.view().starts_with(p); });
      if (!covered && division.view().starts_with(asked.wanted)) others.insert(division);
    }
  }
  for (const DivisionCode& division : others) {
    for (const DutyNow& line : lines_in(division.view()))
      if (call.scope->assigned().contains(line.subject)) out.push_back(line);
  }
  return out;
}

bool is_declared(const Asked& asked, const state::State& state) {
  return state::Inquiry(state, asked.times.valid_at).is_declared(state::kMonthlyVisit, asked.month);
}

// Why the list is empty, beside what the basis says already.
void say_not_declared(api::Basis& basis) {
  const auto add = [](std::string* note, std::string_view between, std::string_view what) {
    if (!note->empty()) note->append(between);
    note->append(what);
  };
  add(basis.mutable_note_zh(), "；", state::kNoMonthlyVisitZh);
  add(basis.mutable_note_en(), "; ", state::kNoMonthlyVisitEn);
}
}  // namespace

Outcome<std::string> list_due(Call& call) {
  TRY_AS(asked, take_asked(call));
  TRY_AS(status,
         call.query.take_choice("status", {"", "done", "late", "missing", "open", "contradicted"}));
  TRY_AS(after, take_cursor(call.query, "due"));
  TRY_AS(limit, call.query.take_limit());
  TRY(call.query.finish());
  std::vector<DutyNow> lines;
  std::map<SubjectId, state::HouseholdView> households;
  api::DueList out;
  bool declared = false;
  TRY_AS(basis, call.look(asked.times, [&](const state::State& state) {
    declared = is_declared(asked, state);
    lines = lines_of(call, asked, state);
    put(state::tally_of(lines), *out.mutable_tally());
    std::erase_if(lines, [&](const DutyNow& line) {
      return !status.empty() && status != name_of(line.status);
    });
    const auto place = [](const DutyNow& line) {
      return RowPlace{line.division.str(), line.subject};
    };
    std::sort(lines.begin(), lines.end(),
              [&](const DutyNow& a, const DutyNow& b) { return place(a) < place(b); });
    std::erase_if(lines, [&](const DutyNow& line) { return after && place(line) <= *after; });
    if (lines.size() > limit) {
      lines.resize(limit);
      out.set_next_cursor(cursor_of("due", place(lines.back())));
    }
    for (const DutyNow& line : lines) {
      if (auto h = state.household(line.subject, asked.times.valid_at))
        households[line.subject] = std::move(*h);
    }
  }));
  // The duty stays with the village of the 1st (VCO-A12); who has moved away since is no longer
  // shown to it by name.
  call.fold.read([&](const state::State& newest) {
    std::erase_if(households, [&](const auto& each) {
      return call.scope->rights_to_household(each.first, newest).none();
    });
  });
  if (!declared) say_not_declared(basis);
  *out.mutable_basis() = basis;
  out.set_month(month_text(asked.month));
  for (const DutyNow& line : lines) {
    api::DueLine& row = *out.add_lines();
    row.set_household(to_hex(line.subject.view()));
    row.set_division(line.division.str());
    row.set_status(std::string(name_of(line.status)));
    if (line.done_at) {
      row.set_visited(rfc3339(*line.done_at));
      row.set_time_class(std::string(name_of(line.time_class)));
    }
    call.shown.insert(line.subject);
    const auto found = households.find(line.subject);
    if (found == households.end()) continue;
    row.set_number(found->second.number);
    row.set_head_name(found->second.head_name);
  }
  return json_of(out);
}

Outcome<std::string> show_progress(Call& call) {
  TRY_AS(asked, take_asked(call));
  TRY_AS(by, call.query.take_choice("by", {"village", "town"}));
  TRY(call.query.finish());
  constexpr std::size_t kTownDigits = 9;
  const std::size_t digits = by == "town" ? kTownDigits : DivisionCode::kSize;
  std::map<std::string, std::vector<DutyNow>> groups;
  std::map<std::string, std::string> names;
  api::Progress out;
  bool declared = false;
  TRY_AS(basis, call.look(asked.times, [&](const state::State& state) {
    declared = is_declared(asked, state);
    const auto lines = lines_of(call, asked, state);
    put(state::tally_of(lines), *out.mutable_total());
    for (const DutyNow& line : lines) groups[line.division.str().substr(0, digits)].push_back(line);
    for (const state::DivisionView& division : state.divisions(call.county.view())) {
      const bool whole = digits == DivisionCode::kSize || division.code.view().ends_with("000");
      if (whole) names.emplace(division.code.str().substr(0, digits), division.name);
    }
  }));
  if (!declared) say_not_declared(basis);
  *out.mutable_basis() = basis;
  out.set_month(month_text(asked.month));
  for (const auto& [division, lines] : groups) {
    api::ProgressLine& row = *out.add_lines();
    row.set_division(division);
    if (const auto name = names.find(division); name != names.end()) row.set_name(name->second);
    put(state::tally_of(lines), *row.mutable_tally());
  }
  return json_of(out);
}
}  // namespace cunji::server
