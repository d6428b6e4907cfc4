#include "tools/demo_county/pen.h"

#include <algorithm>

#include "fieldnode/cli/answers.h"

namespace cunji::demo {
Result<state::Inquiry> Pen::inquiry() {
  TRY_AS(state, worker_.node->shown());
  return state::Inquiry(*state, date_of(at_));
}

Result<event::Value> Pen::fact(const SubjectId& subject, const std::string& name) {
  TRY_AS(inquiry, this->inquiry());
  const auto known = inquiry.fact(subject, name);
  return known ? known->value : event::Value{};
}

Result<state::FormDesk> Pen::desk() {
  TRY_AS(state, worker_.node->shown());
  return state::FormDesk(*state, date_of(at_), {worker_.role, worker_.office, {}});
}

Result<void> Pen::sign(fieldnode::cli::Entry entry, const Place& about) {
  TRY_AS(desk, this->desk());
  fieldnode::cli::complete(desk, entry);
  // Nobody takes photos here; all else must be in order.
  for (const auto& [part, fault] : fieldnode::cli::faults_of(desk, entry))
    if (fault.stops() && fault.kind != state::Fault::Kind::Evidence &&
        fault.kind != state::Fault::Kind::SecondOfPeriod)
      return Error{Errc::Malformed,
                   entry.parts[part].filled.form + ": " + fieldnode::cli::line_of(fault)};
  const auto no_photo = [](const fieldnode::Photo&) -> Result<Digest> {
    return Error{Errc::Malformed, "nobody takes photos here"};
  };
  TRY_AS(parts, fieldnode::cli::encode(desk, entry, about.subject, no_photo));
  return record(entry.kind, about, std::move(parts));
}

Result<void> Pen::record(event::Kind kind, const Place& about, std::vector<Bytes> parts) {
  const auto recorded = worker_.node->record({.kind = kind,
                                              .division = about.division,
                                              .subject = about.subject,
                                              .recorded = at_,
                                              .parts = std::move(parts)});
  if (!recorded)
    return Error{recorded.error().code, worker_.role + " of " + worker_.division.str() + ", kind " +
                                            std::to_string(static_cast<int>(kind)) + ": " +
                                            recorded.error().what};
  ++worker_.recorded;
  return {};
}

Result<void> Pen::form(const std::string& id, const Place& about,
                       const std::vector<std::string>& typed, const SubjectId& case_id) {
  TRY_AS(inquiry, this->inquiry());
  TRY_AS(desk, this->desk());
  const SubjectId house = inquiry.about(about.subject).household.value_or(about.subject);
  TRY_AS(entry, fieldnode::cli::begin_entry(desk, id, about.subject, house));
  auto& part = entry.parts[entry.own];
  part.filled.case_id = case_id;
  for (const std::string& line : typed) TRY(fieldnode::cli::type_line(desk, entry, part, line));
  const SubjectId subject = entry.is_visit ? house : about.subject;
  return sign(std::move(entry), {subject, about.division});
}

Result<void> Pen::visit(const Place& door, const std::vector<Filled>& forms) {
  TRY_AS(desk, this->desk());
  TRY_AS(entry, fieldnode::cli::begin_entry(desk, "register.visit", door.subject, door.subject));
  for (const Filled& each : forms) {
    fieldnode::cli::add_part(entry, each.id, door.subject, {});
    for (const std::string& line : each.typed)
      TRY(fieldnode::cli::type_line(desk, entry, entry.parts.back(), line));
  }
  return sign(std::move(entry), door);
}

Result<void> Pen::statement(const std::string& report, const std::set<SubjectId>& rows) {
  TRY_AS(inquiry, this->inquiry());
  TRY_AS(status, worker_.node->status(at_));
  const Date today = date_of(at_);
  event::StatementPart part{.of = report,
                            .period = format_date(today).substr(0, 7),
                            .valid_at = today,
                            .log_size = status.trusted_size,
                            .signer = "分管领导",
                            .post = "leader_in_charge"};
  for (const SubjectId& row : rows) part.rows.push_back({row, {}});
  return record(
      event::Kind::Step, {inquiry.division_subject(worker_.division), worker_.division},
      {event::encode_part(part, {.programme = "monitoring", .form = report, .form_version = 1})});
}

Result<void> Pen::move(const Household& household, const MadeUpCounty& county) {
  TRY_AS(inquiry, this->inquiry());
  const std::string_view town = worker_.division.view().substr(0, 9);
  const auto next =
      std::find_if(county.villages.begin(), county.villages.end(), [&](const auto& v) {
        return v.division.code.view().starts_with(town) && v.division.code != worker_.division;
      });
  if (next == county.villages.end()) return {};
  const std::string village = to_hex(inquiry.division_subject(next->division.code).view());
  return form("register.change_reported", {household.id, worker_.division},
              {"kind=moved", "on=" + format_date(date_of(at_)), "village=" + village});
}

Result<void> Pen::split(const Household& household) {
  if (household.persons.size() < 2) return {};
  const std::string leaver = to_hex(household.persons[1].id.view());
  return form("register.change_reported", {household.id, worker_.division},
              {"kind=split", "on=" + format_date(date_of(at_)), "head=" + leaver,
               R"(members=[{"person": ")" + leaver + R"("}])"});
}
}  // namespace cunji::demo
