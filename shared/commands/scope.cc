#include "shared/commands/scope.h"

#include <algorithm>

namespace cunji::commands {
Error bad(const std::string& zh, const std::string& en) {
  return {Errc::Malformed, zh + " · " + en};
}

// The digits that say something: the rest of a division's code is zeros.
static std::string prefix_of(std::string code) {
  constexpr std::size_t kTownDigits = 9;
  if (code.size() == DivisionCode::kSize && code.ends_with("000")) code.resize(kTownDigits);
  if (code.size() == kTownDigits && code.ends_with("000")) code.resize(CountyCode::kSize);
  return code;
}

static Result<std::string> division_of(const Basis& basis, const std::string& text) {
  if (text.empty()) return basis.county.str();
  const bool length = text.size() == 6 || text.size() == 9 || text.size() == 12;
  if (!is_digits(text) || !length)
    return bad("区划代码写法不对:" + text,
               "\"" + text + "\" is no division: 12 digits, or the first 6 or 9 of them");
  if (!text.starts_with(basis.county.view()))
    return bad("区划 " + text + " 不在本县", "division " + text + " is not in this county");
  return prefix_of(text);
}

// What lies in both, each once: a town and one of its villages are the town.
static std::vector<std::string> common(const std::string& prefix, std::vector<std::string> held) {
  std::vector<std::string> out;
  std::sort(held.begin(), held.end());
  for (const std::string& one : held) {
    if (one.starts_with(prefix) && (out.empty() || !one.starts_with(out.back())))
      out.push_back(one);
    if (prefix.size() > one.size() && prefix.starts_with(one)) return {prefix};
  }
  return out;
}

// The divisions of the prefixes where they are registered, else what is in them: households and
// divisions below.
static std::vector<SubjectId> subjects_of(const Basis& basis, const Scope& scope) {
  std::vector<SubjectId> out;
  for (const std::string& prefix : scope.prefixes) {
    std::string code = prefix;
    code.resize(DivisionCode::kSize, '0');
    const SubjectId division = scope.inquiry.division_subject(DivisionCode::parse(code).value());
    if (!scope.inquiry.about(division).type.empty()) {
      out.push_back(division);
      continue;
    }
    std::vector<std::string> covered;
    for (const state::DivisionView& below : basis.state->divisions(prefix)) {
      const std::string own = prefix_of(below.code.str());
      const bool twice = std::any_of(covered.begin(), covered.end(),
                                     [&](const auto& each) { return own.starts_with(each); });
      if (twice) continue;
      covered.push_back(own);
      out.push_back(scope.inquiry.division_subject(below.code));
    }
    for (const state::HouseholdView& household : basis.state->households(prefix, scope.on)) {
      const bool twice = std::any_of(covered.begin(), covered.end(), [&](const auto& each) {
        return household.division.view().starts_with(each);
      });
      if (!twice) out.push_back(household.id);
    }
  }
  return out;
}

static Result<For> whom_of(const state::Inquiry& inquiry, const std::string& text) {
  const std::size_t at = text.find('@');
  For out{.role = text.substr(0, at),
          .office = at == std::string::npos ? std::string() : text.substr(at + 1)};
  const bool desk = out.role == "town_desk" || out.role == "county_desk";
  if (out.role.empty() && out.office.empty())
    return bad("--for 要写 ROLE[@OFFICE]", "--for takes ROLE[@OFFICE]");
  if (!out.role.empty() && !desk && !inquiry.code("role", out.role))
    return bad("没有这个岗位角色:" + out.role,
               "no role \"" + out.role +
                   "\": coordinator, group_leader, town, town_leader, helper, "
                   "sector_department, county_desk …");
  if (!out.office.empty() && !inquiry.code("office", out.office))
    return bad("没有这个单位:" + out.office,
               "no office \"" + out.office + "\": rr_bureau, medical_insurance, education …");
  if (out.role.empty()) out.role = "county_desk";  // An office's: its desk.
  return out;
}

Result<Scope> scope_of(const Basis& basis, const Asked& asked) {
  Date on = basis.today;
  if (!asked.on.empty()) {
    const auto date = parse_date(asked.on);
    if (!date) return bad("日期写法不对:" + asked.on, "bad date \"" + asked.on + "\": 2022-02-10");
    on = *date;
  }
  Scope out{.on = on,
            .prefix = {},
            .prefixes = {},
            .under = {},
            .whom = std::nullopt,
            .inquiry = state::Inquiry(*basis.state, on)};
  TRY_AS(prefix, division_of(basis, asked.division));
  out.prefix = prefix;
  out.prefixes = basis.held ? common(prefix, *basis.held) : std::vector{prefix};
  if (out.prefixes.empty())
    return bad("本机没有区划 " + prefix + " 的数据",
               "this device does not hold division " + prefix);
  const bool known =
      !basis.state->divisions(prefix).empty() || !basis.state->households(prefix, out.on).empty();
  if (!known && !asked.division.empty())
    return bad("那天登记册里没有区划 " + asked.division,
               "nothing is registered in division " + asked.division + " on " + format_date(on));
  if (out.inquiry.definitions().empty())
    return bad("那天没有生效的政策定义,请先 publish",
               "no definition is in force on " + format_date(on) + " as known at " +
                   std::to_string(basis.known_at) + ": publish them first");
  if (!asked.whom.empty()) {
    TRY_AS(whom, whom_of(out.inquiry, asked.whom));
    out.whom = whom;
  }
  out.under = subjects_of(basis, out);
  return out;
}

bool Scope::contains(const DivisionCode& division) const {
  if (division == DivisionCode{}) return prefix.size() == CountyCode::kSize;
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& one) { return division.view().starts_with(one); });
}

bool Scope::is_for(const std::vector<state::Whom>& named) const {
  if (!whom) return true;
  return std::any_of(named.begin(), named.end(), [&](const state::Whom& one) {
    return inquiry.is_for(one, whom->role, whom->office);
  });
}

Result<state::HouseholdView> find_household(const Basis& basis, const Scope& scope,
                                            const std::string& named) {
  constexpr std::size_t kIdDigitsMin = 6;
  std::vector<state::HouseholdView> by_number, by_id, by_head;
  for (const std::string& prefix : scope.prefixes) {
    for (const state::HouseholdView& each : basis.state->households(prefix, scope.on)) {
      if (each.number == named) by_number.push_back(each);
      if (named.size() >= kIdDigitsMin && to_hex(each.id.view()).starts_with(named))
        by_id.push_back(each);
      if (each.head_name == named) by_head.push_back(each);
    }
  }
  for (const auto& found : {by_number, by_id, by_head}) {
    if (found.size() == 1) return found.front();
    if (found.size() > 1)
      return bad(
          "“" + named + "”有 " + std::to_string(found.size()) + " 户,请写标识或加 --division",
          "\"" + named + "\" names " + std::to_string(found.size()) +
              " households: give the id, or --division");
  }
  return bad("那天没有农户“" + named + "”",
             "no household \"" + named + "\" on " + format_date(scope.on));
}
}  // namespace cunji::commands
