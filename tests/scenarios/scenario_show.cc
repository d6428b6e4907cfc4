// What a scenario shows: from the state that grew entry by entry, compared with what a replay and
// one from a snapshot say.
#include "shared/programmes/all.h"
#include "shared/state/duty_status.h"
#include "shared/state/snapshot.h"
#include "tests/scenarios/scenario.h"

namespace cunji::scenarios {
namespace pg = programme;

const state::State& Scenario::now() {
  while (entries_.size() < log_.entries().size()) {
    entries_.push_back(log_.entries()[entries_.size()]);
    state_.apply(entries_.back());
  }
  return state_;
}

static credential::Governance governance_of(const std::vector<event::LoggedEvent>& entries) {
  credential::Governance out;
  for (const event::LoggedEvent& logged : entries) out.apply(logged);
  return out;
}

std::string Scenario::shown(const event::Value& value, pg::Type type) {
  using Type = event::Value::Type;
  switch (value.type) {
    case Type::Integer: {
      if (type != pg::Type::Money && type != pg::Type::Points) return std::to_string(value.integer);
      const std::int64_t whole = value.integer < 0 ? -value.integer : value.integer;
      std::string cents = std::to_string(whole % 100);
      if (cents.size() < 2) cents = "0" + cents;
      return (value.integer < 0 ? "-" : "") + std::to_string(whole / 100) + "." + cents;
    }
    case Type::Yes: return value.yes ? "yes" : "no";
    case Type::Subject: return name_of(value.subject);
    case Type::Codes: {
      std::string out;
      for (const std::string& code : value.codes) out += (out.empty() ? "" : ",") + code;
      return out;
    }
    case Type::Place:
      return std::to_string(value.place.latitude_e7) + "," +
             std::to_string(value.place.longitude_e7);
    case Type::Rows: return "(rows)";
    case Type::Text:
    case Type::Code:
    case Type::Date: return value.text;
  }
  return {};
}

std::vector<std::string> Scenario::show_cases(const state::Inquiry& inquiry,
                                              const SubjectId& subject) {
  std::vector<std::string> out;
  const auto day = [](TimePoint time) { return format_date(date_of(time)); };
  for (const state::CaseView& view : inquiry.cases(subject)) {
    std::string head =
        view.procedure + " of " + name_of(view.subject) + " opened " + day(view.opened);
    if (view.closed) head += ", closed " + day(*view.closed);
    if (!view.exit.empty()) head += " by " + view.exit;
    out.push_back(head);
    for (const state::StageView& stage : view.stages) {
      if (stage.withdrawn && !stage.reached) continue;
      std::string line = "  " + stage.stage;
      if (stage.round > 0) line += " (again)";
      line += stage.reached ? ": " + day(*stage.reached) : ": waits since " + day(stage.arrived);
      if (!stage.outcome.empty()) line += " " + stage.outcome;
      if (stage.due) line += ", due " + format_date(*stage.due);
      if (stage.late_own > 0) line += ", late " + std::to_string(stage.late_own);
      if (stage.late_inherited > 0) line += ", came late " + std::to_string(stage.late_inherited);
      if (stage.withdrawn) line += ", sent back";
      out.push_back(line);
    }
    for (const state::ListedView& listed : view.listed)
      out.push_back("  ! " + listed.stage + ": " + listed.why +
                    (listed.rule.empty() ? "" : " " + listed.rule));
  }
  for (const state::ListedView& listed : inquiry.listed(subject))
    out.push_back("! " + listed.why + (listed.rule.empty() ? "" : " " + listed.rule));
  return out;
}

std::vector<std::string> Scenario::show_facts(const state::Inquiry& inquiry, const Words& words) {
  std::vector<std::string> out;
  for (std::size_t i = 4; i < words.plain.size(); ++i) {
    const std::string& name = words.at(i);
    const pg::Fact* declared = definitions_.catalogue->facts.find(definitions_.words.find(name));
    if (declared == nullptr) throw std::runtime_error("no fact " + name);
    const auto fact = inquiry.fact(subject(words.at(3)), name);
    if (!fact) {
      out.push_back(name + ": -");
      continue;
    }
    std::string line =
        name + ": " + shown(fact->value, declared->type) + " since " + format_date(fact->since);
    if (!fact->reason.empty()) line += " (" + fact->reason + ")";
    out.push_back(line);
  }
  return out;
}

std::vector<std::string> Scenario::show_duties(const state::Inquiry& inquiry, const Words& words) {
  std::vector<std::string> out;
  std::map<state::DutyStatus, int> tally;
  for (const state::DutyNow& duty : inquiry.duties(subject(words.at(3)), words.at(4))) {
    ++tally[duty.status];
    std::string line = name_of(duty.subject) + ": " + std::string(state::name_of(duty.status));
    if (duty.status == state::DutyStatus::Done)
      line += duty.time_class == state::TimeClass::ProvenInTime ? " proven" : " claimed";
    if (duty.done_at) line += " " + format_time(*duty.done_at).substr(0, 16);
    if (duty.due) line += ", due " + format_date(*duty.due);
    out.push_back(line);
  }
  std::sort(out.begin(), out.end());
  std::string sum = "all " + std::to_string(out.size());
  for (const auto& [status, count] : tally)
    sum += ", " + std::string(state::name_of(status)) + " " + std::to_string(count);
  if (words.after("sum") == "only") out.clear();
  out.push_back(sum);
  return out;
}

std::vector<std::string> Scenario::show_warnings(const state::Inquiry& inquiry,
                                                 const SubjectId& under) {
  std::vector<std::string> out;
  static constexpr std::string_view kLevels[] = {"info", "reminder", "urgent", "breach"};
  const auto warnings = inquiry.warnings(under);
  const auto shown = state::shown_beside(inquiry, warnings, {});
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    const state::WarningNow& warning = warnings[i];
    std::string line = warning.id + " " + name_of(warning.subject) + ": ";
    if (warning.cannot_be_judged) {
      out.push_back(line + "cannot be judged");
      continue;
    }
    line += std::string(kLevels[static_cast<std::size_t>(warning.level)]) + " since " +
            format_date(warning.level_since) + ", to";
    for (const auto& who : warning.tell) {
      line += " " + who.role + who.relation;
      if (!who.office.empty()) line += (who.role.empty() ? "" : "@") + who.office;
      if (who.role.empty() && who.office.empty() && who.relation.empty()) line += who.level;
    }
    for (const state::Shown& each : shown[i])
      line += "; " + each.label.en + " " + each.cell.text + each.cell.unit;
    out.push_back(line);
  }
  return out;
}

// show DATE numbers SUBJECT NAME …: aggregates; ratios with two decimals, half up (GEN-05).
std::vector<std::string> Scenario::show_numbers(const state::Inquiry& inquiry, const Words& words) {
  std::vector<std::string> out;
  for (std::size_t i = 4; i < words.plain.size(); ++i) {
    const auto number = inquiry.number(subject(words.at(3)), words.at(i));
    if (!number) {
      out.push_back(words.at(i) + ": -");
    } else if (number->over == 0) {
      out.push_back(words.at(i) + ": " + std::to_string(number->of));
    } else {
      const std::int64_t half_up = (number->of * 20'000 + number->over) / (2 * number->over);
      std::string cents = std::to_string(half_up % 100);
      if (cents.size() < 2) cents = "0" + cents;
      out.push_back(words.at(i) + ": " + std::to_string(number->of) + "/" +
                    std::to_string(number->over) + " = " + std::to_string(half_up / 100) + "." +
                    cents + " %");
    }
  }
  return out;
}

// show DATE links RELATION SUBJECT: whom it has at either end.
std::vector<std::string> Scenario::show_links(const state::State& state, const Words& words) {
  std::vector<std::string> out;
  const Date on = parse_date(words.at(1)).value();
  const SubjectId subject = this->subject(words.at(4));
  for (const state::LinkView& link : state::Inquiry(state, on).links(subject, words.at(3)))
    out.push_back(name_of(link.from) + " " + words.at(3) + " " + name_of(link.to) + " since " +
                  format_date(link.since));
  return out;
}

std::vector<std::string> Scenario::answer(const state::State& state, const Words& words) {
  const state::Inquiry inquiry(state, parse_date(words.at(1)).value());
  if (words.at(2) == "cases") return show_cases(inquiry, subject(words.at(3)));
  if (words.at(2) == "facts") return show_facts(inquiry, words);
  if (words.at(2) == "duties") return show_duties(inquiry, words);
  if (words.at(2) == "warnings") return show_warnings(inquiry, subject(words.at(3)));
  if (words.at(2) == "numbers") return show_numbers(inquiry, words);
  if (words.at(2) == "links") return show_links(state, words);
  if (words.at(2) == "report") return show_report(inquiry, words);
  if (words.at(2) == "statements") return show_statements(inquiry, words);
  if (words.at(2) == "differences") return show_differences(state, words);
  if (words.at(2) == "over_limits") {
    std::vector<std::string> out;
    for (const state::OverLimitView& each : inquiry.over_limits())
      out.push_back(name_of(each.link.from) + " " + each.relation + " " + name_of(each.link.to) +
                    " since " + format_date(each.link.since));
    return out;
  }
  if (words.at(2) == "definitions") return inquiry.refused_definitions();
  throw std::runtime_error("show what? " + words.at(2));
}

std::vector<std::string> Scenario::show(const Words& words) {
  const std::vector<std::string> out = answer(now(), words);
  const auto compare = [&](const state::State& other, const std::string& which) {
    std::string said = which + " gives another state";
    const std::vector<std::string> lines = answer(other, words);
    for (const std::string& line : lines) said += "\n" + line;
    if (lines != out) throw std::runtime_error(said);
    if (other.digest() != state_.digest()) throw std::runtime_error(which + ": another digest");
  };
  state::State replay(programmes::all_calculations());
  for (const event::LoggedEvent& logged : entries_) replay.apply(logged);
  compare(replay, "a replay");
  Bytes snapshot = encode_snapshot(state_, {.size = state_.next_index(), .root = {}});
  state::seal_snapshot(snapshot);
  const state::State read =
      state::read_snapshot(snapshot, governance_of(entries_), programmes::all_calculations())
          .value();
  compare(read, "a snapshot");
  return out;
}
}  // namespace cunji::scenarios
