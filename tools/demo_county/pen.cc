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

Result<const state::FormDesk*> Pen::desk() {
  if (!desk_) {
    TRY_AS(state, worker_.node->shown());
    desk_.emplace(*state, date_of(at_), state::Recorder{worker_.role, worker_.office, {}});
  }
  return &*desk_;
}

Result<Pen::Made> Pen::made(const std::string& id, const SubjectId& subject,
                            const std::vector<std::string>& typed) {
  TRY_AS(desk, this->desk());
  state::Filled filled{.form = id, .subject = subject};
  const auto form = desk->look(filled);
  if (!form)
    return Error{Errc::Malformed, worker_.role + " of " + worker_.division.str() + ": no form " +
                                      id + " is in force by what this device holds"};
  for (const std::string& text : typed) {
    const auto equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const auto field = std::find_if(form->fields.begin(), form->fields.end(),
                                    [&](const state::FieldNow& each) { return each.key == key; });
    if (field == form->fields.end()) return Error{Errc::Malformed, id + " has no field " + key};
    TRY_AS(value, fieldnode::cli::parse_typed(*field, text.substr(equals + 1)));
    filled.answer(key, std::move(value));
  }
  desk->prefill(filled);
  // Nobody takes photos here; all else must be in order.
  for (const state::Fault& fault : desk->faults(filled))
    if (fault.stops() && fault.kind != state::Fault::Kind::Evidence &&
        fault.kind != state::Fault::Kind::SecondOfPeriod)
      return Error{Errc::Malformed, id + ": " + fieldnode::cli::line_of(fault)};
  const auto dot = id.find('.');
  return Made{form->kind,
              {.answers = std::move(filled.answers)},
              event::PartFrame{.programme = id.substr(0, dot),
                               .form = id.substr(dot + 1),
                               .form_version = form->version}};
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
  TRY_AS(made, this->made(id, about.subject, typed));
  if (made.kind == event::Kind::Visit) {
    TRY_AS(inquiry, this->inquiry());
    const auto household = inquiry.about(about.subject).household.value_or(about.subject);
    return visit({household, about.division}, {{id, typed, about.subject}});
  }
  made.answers.case_id = case_id;
  return record(made.kind, about, {event::encode_part(made.answers, made.frame)});
}

Result<void> Pen::visit(const Place& door, const std::vector<Filled>& forms) {
  const event::VisitPart met{.outcome = event::VisitOutcome::Met,
                             .place = std::nullopt,
                             .purpose = {},
                             .who_was_met = {"head"},
                             .changes_found = false,
                             .remark = {}};
  std::vector<Bytes> parts{event::encode_part(
      met, {.programme = "village_coordinators", .form = "visit", .form_version = 1})};
  for (const Filled& each : forms) {
    const SubjectId& subject = each.subject.is_zero() ? door.subject : each.subject;
    TRY_AS(made, this->made(each.id, subject, each.typed));
    made.frame.subject = each.subject;
    parts.push_back(event::encode_part(made.answers, made.frame));
  }
  return record(event::Kind::Visit, door, std::move(parts));
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
