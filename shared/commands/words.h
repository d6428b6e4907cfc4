#pragma once
// How answers say things: labels, names, values, in a line for people and as JSON.
#include <nlohmann/json.hpp>
#include <string>

#include "shared/commands/scope.h"
#include "shared/state/duty_status.h"
#include "shared/terminal/table.h"

namespace cunji::commands {
using Json = nlohmann::ordered_json;

// "红 red"; `otherwise` where there is no label.
std::string label(const programme::Label& label, const std::string& otherwise);
Json json_of(const programme::Label& label);
std::string label_of(state::DutyStatus status);  // "未完成 missing"
std::string name_of(programme::Level level);
std::string label_of(programme::Level level);
std::string short_id(const SubjectId& id);
std::string day(TimePoint time);
std::string joined(const std::vector<std::string>& words, const char* between = " ");
std::string print(const Json& json);

class Words {
 public:
  Words(const Basis& basis, const Scope& scope) : basis_(basis), scope_(scope) {}
  // "0001 王桂兰", with what it is where it is no household: "0001 王桂兰 线索 lead".
  std::string subject(const SubjectId& id) const;
  Json subject_json(const SubjectId& id) const;
  std::string division(const DivisionCode& division) const;  // "东湖社区 411323001001"
  std::string whom(const state::Whom& whom) const;           // "村级协管员 coordinator"
  std::string whom(const std::vector<state::Whom>& whom) const;
  std::string value(const state::FactNow& fact) const;  // "1234.56 元"
  Json fact_json(const state::FactNow& fact) const;
  // What the answer rests on: first in every one of JSON.
  Json basis_json() const;
  // "2022-02-14, 已知至 known at 57": the end of every heading.
  std::string basis_text() const;
  // On a device that holds a part only: says so. Empty elsewhere, else with its newline.
  std::string partial_text() const;

 private:
  const Basis& basis_;
  const Scope& scope_;
};
Json json_of(const state::Whom& whom);
Json json_of(const std::vector<state::Whom>& whom);
Json json_of(const event::Value& value);
}  // namespace cunji::commands
