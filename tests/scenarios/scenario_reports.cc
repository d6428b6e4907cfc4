// Reports as they are printed, statements of them, and what has come to differ since.
#include "shared/state/statements.h"
#include "tests/scenarios/scenario.h"

namespace cunji::scenarios {
// … REPORT about SUBJECT [of=SUBJECT] [mask=yes] [period=DATE]: of a division, an office; `of`: one
// row alone; `period`: that holds the day.
state::ReportAsked Scenario::report_asked(const Words& words) {
  const std::string about = words.after("about");
  state::ReportAsked out{.mask = words.get("mask") == "yes"};
  std::string prefix = "411323";
  if (const auto division = divisions_.find(about); division != divisions_.end()) {
    out.about = subject(about);
    prefix = division->second.str();
    for (const std::size_t digits : {9u, 6u})
      if (prefix.find_first_not_of('0', digits) == std::string::npos) prefix.resize(digits);
  } else {
    out.office = subject(about);
  }
  out.prefixes = {prefix};
  if (const std::string one = words.get("of"); !one.empty()) out.one = subject(one);
  if (const std::string day = words.get("period"); !day.empty())
    out.in_period = parse_date(day).value();
  return out;
}

static std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : " | ") + text;
  return out;
}

static std::string line_of(const state::ReportRow& row) {
  std::vector<std::string> out = row.group;
  for (const state::ReportCell& cell : row.cells) out.push_back(cell.text);
  return joined(out);
}

// show DATE report REPORT about SUBJECT: header, rows, how many; the first `rows=N` of them.
std::vector<std::string> Scenario::show_report(const state::Inquiry& inquiry, const Words& words) {
  state::ReportAsked asked = report_asked(words);
  asked.id = words.at(3);
  const auto made = state::report(inquiry, asked);
  if (!made) throw std::runtime_error("no report " + asked.id);
  std::vector<std::string> out;
  for (const state::ReportHeading& heading : made->header)
    out.push_back(heading.title.zh + ": " + heading.cell.text);
  std::vector<std::string> titles;
  for (const programme::Label& title : made->groups) titles.push_back(title.zh);
  for (const programme::Label& title : made->titles) titles.push_back(title.zh);
  out.push_back(joined(titles));
  const std::size_t shown = std::stoul(words.get("rows", "100"));
  for (std::size_t i = 0; i < made->rows.size() && i < shown; ++i)
    out.push_back(line_of(made->rows[i]));
  out.push_back(made->period + (made->period.empty() ? "" : ", ") + "rows " +
                std::to_string(made->rows.size()));
  return out;
}

// WHO files REPORT about SUBJECT: what the report gives today.
void Scenario::files(const Words& words) {
  state::ReportAsked asked = report_asked(words);
  asked.id = words.at(2);
  const state::Inquiry inquiry(now(), date_of(log_.now()));
  const auto made = state::report(inquiry, asked);
  if (!made) throw std::runtime_error("no report " + asked.id);
  std::uint32_t supplement = 0;
  for (const state::StatementView& each : state::statements(inquiry, asked.prefixes))
    if (each.of == asked.id && each.about == made->about && each.period == made->period)
      ++supplement;
  commit(words.at(0), event::Kind::Step, made->about,
         {event::encode_part(state::statement_of(*made, log_.size(), supplement), frame(words))},
         words);
}

// show DATE statements SUBJECT
std::vector<std::string> Scenario::show_statements(const state::Inquiry& inquiry,
                                                   const Words& words) {
  std::vector<std::string> out;
  for (const state::StatementView& each : state::statements(inquiry, {"411323"})) {
    if (each.about != subject(words.at(3))) continue;
    std::string line = each.of + " " + each.period + " by " + each.by.role +
                       (each.by.office.empty() ? "" : "@" + each.by.office) + ", received " +
                       format_time(each.received).substr(0, 16) + ", rows " +
                       std::to_string(each.rows);
    if (each.due) line += ", due " + format_date(*each.due) + (each.late ? " late" : " in time");
    if (each.supplement > 0) line += ", supplement " + std::to_string(each.supplement);
    out.push_back(line);
  }
  return out;
}

// show DATE differences EVENT about SUBJECT: between the statement and what its report gives now.
std::vector<std::string> Scenario::show_differences(const state::State& state, const Words& words) {
  using Kind = state::StatementDifference::Kind;
  std::vector<std::string> out;
  for (const event::LoggedEvent& logged : log_.entries()) {
    if (logged.entry.event.digest() != events_.at(words.at(3))) continue;
    const auto part = event::parse_part(logged.body.parts.front().padded);
    const auto& filed = std::get<event::StatementPart>(part.value().content);
    const state::Inquiry later(state, parse_date(words.at(1)).value());
    state::ReportAsked asked = report_asked(words);
    asked.id = filed.of;
    for (const state::StatementView& each : state::statements(later, asked.prefixes))
      if (each.index == logged.index) asked.before = each.when;
    const auto now = state::report(state::Inquiry(state, filed.valid_at), asked);
    for (const state::StatementDifference& each : state::differences(filed, *now)) {
      switch (each.kind) {
        case Kind::Header:
          out.push_back(now->header.at(each.column).title.zh + ": " + each.filed + " -> " +
                        each.now);
          break;
        case Kind::Added: out.push_back("+ " + joined(each.cells)); break;
        case Kind::Gone: out.push_back("- " + joined(each.cells)); break;
        case Kind::Changed:
          out.push_back(name_of(each.subject) + " " + now->titles.at(each.column).zh + ": " +
                        each.filed + " -> " + each.now);
          break;
      }
    }
  }
  return out;
}
}  // namespace cunji::scenarios
