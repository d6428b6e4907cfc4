#include "shared/commands/words.h"

#include <algorithm>

#include "shared/state/value_text.h"

namespace cunji::commands {
using state::degrees;
using state::DutyStatus;
using state::hundredths;

std::string label(const programme::Label& label, const std::string& otherwise) {
  if (label.zh.empty()) return label.en.empty() ? otherwise : label.en;
  return label.en.empty() ? label.zh : label.zh + " " + label.en;
}
Json json_of(const programme::Label& label) { return {{"zh", label.zh}, {"en", label.en}}; }

std::string label_of(DutyStatus status) {
  switch (status) {
    case DutyStatus::Done: return "已完成 done";
    case DutyStatus::Late: return "逾期完成 late";
    case DutyStatus::Missing: return "未完成 missing";
    case DutyStatus::Open: return "待办 open";
    case DutyStatus::Contradicted: return "时间矛盾 contradicted";
  }
  return {};
}
std::string name_of(programme::Level level) {
  switch (level) {
    case programme::Level::Info: return "info";
    case programme::Level::Reminder: return "reminder";
    case programme::Level::Urgent: return "urgent";
    case programme::Level::Breach: return "breach";
  }
  return {};
}
std::string label_of(programme::Level level) {
  switch (level) {
    case programme::Level::Info: return "提示 info";
    case programme::Level::Reminder: return "提醒 reminder";
    case programme::Level::Urgent: return "紧急 urgent";
    case programme::Level::Breach: return "违规 breach";
  }
  return {};
}

std::string short_id(const SubjectId& id) { return to_hex(id.view()).substr(0, 8); }
std::string day(TimePoint time) { return format_date(date_of(time)); }
std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}
std::string print(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string Words::subject(const SubjectId& id) const {
  const state::SubjectView about = scope_.inquiry.about(id);
  std::string out;
  if (about.household) {
    const auto household = basis_.state->household(*about.household, scope_.on);
    if (household) out = joined({household->number, household->head_name});
    if (out.empty() || out == " ") out = short_id(*about.household);
  }
  if (about.type == "household") return out;
  if (!about.name.empty()) return out.empty() ? about.name : out + " " + about.name;
  const std::string what = label(about.label, about.type);
  if (out.empty()) out = short_id(id);
  return what.empty() ? out : out + " " + what;
}

Json Words::subject_json(const SubjectId& id) const {
  const state::SubjectView about = scope_.inquiry.about(id);
  Json out{{"id", to_hex(id.view())}, {"type", about.type}};
  if (!about.name.empty()) out["name"] = about.name;
  if (!about.household) return out;
  out["household"] = to_hex(about.household->view());
  if (const auto household = basis_.state->household(*about.household, scope_.on)) {
    out["number"] = household->number;
    out["head_name"] = household->head_name;
  }
  return out;
}

std::string Words::division(const DivisionCode& division) const {
  if (division == DivisionCode{}) return "全县 county";
  const std::string name = scope_.inquiry.about(scope_.inquiry.division_subject(division)).name;
  return name.empty() ? division.str() : name + " " + division.str();
}

std::string Words::whom(const state::Whom& whom) const {
  std::string role = whom.role;
  if (role.empty() && whom.relation.ends_with("_of"))
    role = whom.relation.substr(0, whom.relation.size() - 3);
  std::vector<std::string> out;
  if (!role.empty())
    out.push_back(label(scope_.inquiry.code("role", role).value_or(programme::Label{}), role));
  if (!whom.office.empty())
    out.push_back(label(scope_.inquiry.code("office", whom.office).value_or(programme::Label{}),
                        whom.office));
  if (out.empty()) out.push_back(whom.level.empty() ? whom.relation : whom.level);
  return joined(out, "@");
}
std::string Words::whom(const std::vector<state::Whom>& named) const {
  std::vector<std::string> out;
  for (const state::Whom& one : named) out.push_back(whom(one));
  return joined(out, "; ");
}

Json json_of(const state::Whom& whom) {
  Json out = Json::object();
  if (!whom.role.empty()) out["role"] = whom.role;
  if (!whom.office.empty()) out["office"] = whom.office;
  if (!whom.level.empty()) out["level"] = whom.level;
  if (!whom.relation.empty()) out["relation"] = whom.relation;
  return out;
}
Json json_of(const std::vector<state::Whom>& whom) {
  Json out = Json::array();
  for (const state::Whom& one : whom) out.push_back(json_of(one));
  return out;
}

std::string Words::value(const state::FactNow& fact) const {
  using Type = event::Value::Type;
  const event::Value& value = fact.value;
  switch (value.type) {
    case Type::Integer: {
      const bool two = fact.type == programme::Type::Money ||
                       fact.type == programme::Type::Points || fact.type == programme::Type::Area;
      if (fact.type == programme::Type::BasisPoints) return hundredths(value.integer) + " %";
      const std::string number = two ? hundredths(value.integer) : std::to_string(value.integer);
      return fact.unit.empty() ? number : number + " " + fact.unit;
    }
    case Type::Yes: return value.yes ? "是 yes" : "否 no";
    case Type::Subject: return subject(value.subject);
    case Type::Code:
      return label(fact.codes.empty() ? programme::Label{} : fact.codes.front(), value.text);
    case Type::Codes: {
      std::vector<std::string> out;
      for (std::size_t i = 0; i < value.codes.size(); ++i)
        out.push_back(
            label(i < fact.codes.size() ? fact.codes[i] : programme::Label{}, value.codes[i]));
      return joined(out, "; ");
    }
    case Type::Place:
      return degrees(value.place.latitude_e7) + "," + degrees(value.place.longitude_e7) + " ±" +
             std::to_string(value.place.accuracy_m) + " m";
    case Type::Rows: return "…";
    case Type::Text:
    case Type::Date: return value.text;
  }
  return {};
}

Json json_of(const event::Value& value) {
  using Type = event::Value::Type;
  switch (value.type) {
    case Type::Integer: return value.integer;
    case Type::Yes: return value.yes;
    case Type::Subject: return to_hex(value.subject.view());
    case Type::Codes: return value.codes;
    case Type::Place:
      return {{"latitude_e7", value.place.latitude_e7},
              {"longitude_e7", value.place.longitude_e7},
              {"accuracy_m", value.place.accuracy_m}};
    case Type::Rows: return nullptr;
    case Type::Text:
    case Type::Code:
    case Type::Date: return value.text;
  }
  return nullptr;
}

Json Words::fact_json(const state::FactNow& fact) const {
  Json out{{"name", fact.name}};
  if (!fact.key.empty()) out["key"] = fact.key;
  out["label"] = json_of(fact.label);
  out["value"] = json_of(fact.value);
  out["text"] = value(fact);
  out["since"] = format_date(fact.since);
  out["derived"] = fact.derived;
  if (!fact.reason.empty()) {
    out["reason"] = fact.reason;
    out["reason_label"] = json_of(fact.reason_label);
  }
  if (fact.index) out["index"] = *fact.index;
  return out;
}

Json Words::basis_json() const {
  Json out{{"county", basis_.county.str()},
           {"division", scope_.prefix},
           {"on", format_date(scope_.on)},
           {"known_at", basis_.known_at}};
  if (scope_.whom) {
    out["for"] = {{"role", scope_.whom->role}};
    if (!scope_.whom->office.empty()) out["for"]["office"] = scope_.whom->office;
  }
  if (basis_.held) out["held"] = *basis_.held;
  return out;
}

std::string Words::basis_text() const {
  return format_date(scope_.on) + ",已知至 known at " + std::to_string(basis_.known_at);
}

std::string Words::partial_text() const {
  if (!basis_.held) return {};
  return "只按本机所持区划计算,全县情况以县里为准 · computed from what this device holds alone: " +
         joined(*basis_.held) + "\n";
}
}  // namespace cunji::commands
