#include "shared/state/register.h"

#include <algorithm>

namespace cunji::state {
using event::RegistrationPart;
using event::SubjectType;
using event::Value;

SubjectId subject_of(const DivisionCode& division) {
  const Digest digest = crypto::sha256({"division", division.view()});
  return SubjectId::from(digest.view().substr(0, SubjectId::kSize)).value();
}

// Null where the registration has no effect: an unknown type, or a division that is not its own.
Register::Subjects* Register::subjects_of(const Registration& registration) {
  switch (registration.said->type) {
    case SubjectType::Household: return &households_;
    case SubjectType::Person: return &persons_;
    case SubjectType::Division:
      return registration.subject == subject_of(registration.division) ? &divisions_ : nullptr;
    case SubjectType::Unspecified: return nullptr;
  }
  return nullptr;
}

void Register::add(const When& when, const Registration& registration) {
  Subjects* subjects = subjects_of(registration);
  if (subjects == nullptr || registration.subject.is_zero()) return;
  (*subjects)[registration.subject].emplace(when, registration);
  if (subjects == &households_) ++residences_[{registration.division, registration.subject}];
}

void Register::remove(const When& when, const Registration& registration) {
  Subjects* subjects = subjects_of(registration);
  if (subjects == nullptr || registration.subject.is_zero()) return;
  const auto found = subjects->find(registration.subject);
  CHECK(found != subjects->end() && found->second.erase(when) == 1);
  if (found->second.empty()) subjects->erase(found);
  if (subjects != &households_) return;
  const auto residence = residences_.find({registration.division, registration.subject});
  if (--residence->second == 0) residences_.erase(residence);
}

static constexpr std::string_view kCoordinatorOf = "coordinator_of";

// Null where the assignment has no effect.
Register::Untils* Register::untils_of(const event::AssignmentPart& said) {
  if (!said.to.is_zero()) return &relations_[{said.relation, said.from, said.to, said.since}];
  if (said.relation != kCoordinatorOf || !said.division) return nullptr;
  return &seats_[{*said.division, said.from, said.since}];
}

void Register::add(const When& when, const event::AssignmentPart& said) {
  if (Untils* untils = untils_of(said)) untils->emplace(when, said.until);
}

void Register::remove(const When& when, const event::AssignmentPart& said) {
  Untils* untils = untils_of(said);
  if (untils == nullptr) return;
  CHECK(untils->erase(when) == 1);
  if (!untils->empty()) return;
  if (said.to.is_zero()) {
    seats_.erase({*said.division, said.from, said.since});
  } else {
    relations_.erase({said.relation, said.from, said.to, said.since});
  }
}

// The newest value of a fact in versions before `end`; null where there is none.
static const Value* fact_before(const std::map<When, Registration>& versions, const When* end,
                                std::string_view name) {
  auto it = end == nullptr ? versions.end() : versions.lower_bound(*end);
  while (it != versions.begin()) {
    const auto& facts = (--it)->second.said->facts;
    const auto found = std::find_if(facts.rbegin(), facts.rend(), [&](const event::Fact& fact) {
      return fact.name == name && fact.key.empty();
    });
    if (found != facts.rend()) return &found->value;
  }
  return nullptr;
}

const Register::Versions* Register::household(const SubjectId& id) const {
  const auto found = households_.find(id);
  return found == households_.end() ? nullptr : &found->second;
}

// The smallest code that begins with `prefix`.
static DivisionCode first_of(std::string_view prefix) {
  std::string code(prefix);
  code.resize(DivisionCode::kSize, '0');
  const auto parsed = DivisionCode::parse(code);
  return parsed ? *parsed : DivisionCode{};
}

std::vector<std::pair<DivisionCode, SubjectId>> Register::households(std::string_view prefix,
                                                                     Date on) const {
  std::vector<std::pair<DivisionCode, SubjectId>> out;
  const When end = end_of(on);
  for (auto it = residences_.lower_bound({first_of(prefix), SubjectId{}});
       it != residences_.end() && it->first.first.view().starts_with(prefix); ++it) {
    const auto& [division, id] = it->first;
    const Versions& versions = households_.at(id);
    const auto newer = versions.lower_bound(end);
    if (newer != versions.begin() && std::prev(newer)->second.division == division)
      out.emplace_back(division, id);
  }
  return out;
}

bool Register::knows_in(const DivisionCode& division, const SubjectId& household) const {
  return residences_.contains({division, household});
}

static void append_codes(const Value* value, std::string_view prefix,
                         std::vector<std::string>& out) {
  if (value == nullptr) return;
  std::vector<std::string> codes = value->codes;
  if (value->type == Value::Type::Code || value->type == Value::Type::Text) codes = {value->text};
  for (const std::string& code : codes) {
    if (code.empty() || code == "none") continue;
    out.push_back(code.starts_with(prefix) ? code : std::string(prefix) + code);
  }
}

std::vector<std::string> Register::categories(const SubjectId& id, Date on) const {
  std::vector<std::string> out;
  const Versions* versions = household(id);
  if (versions == nullptr) return out;
  const When end = end_of(on);
  append_codes(fact_before(*versions, &end, "household_category"), "", out);
  append_codes(fact_before(*versions, &end, "monitored_type"), "", out);
  append_codes(fact_before(*versions, &end, "risk_status"), "risk_", out);
  return out;
}

bool Register::must_be_visited(const SubjectId& id, Date on) const {
  static constexpr std::string_view kVisited[] = {
      "out_of_poverty", "policy_out_of_poverty", "stable_out_of_poverty", "monitored",
      "risk_open",      "risk_eliminated",       "risk_reopened"};
  const Versions* versions = household(id);
  if (versions == nullptr) return false;
  const When end = end_of(on);
  std::vector<std::string> type;
  append_codes(fact_before(*versions, &end, "monitored_type"), "", type);
  if (!type.empty()) return true;
  for (const std::string& code : categories(id, on)) {
    if (std::find(std::begin(kVisited), std::end(kVisited), code) != std::end(kVisited))
      return true;
  }
  return false;
}

static std::string text_or_empty(const Value* value) {
  return value == nullptr ? std::string{} : value->text;
}

std::string Register::household_text(const SubjectId& id, std::string_view fact, Date on) const {
  const Versions* versions = household(id);
  if (versions == nullptr) return {};
  const When end = end_of(on);
  return text_or_empty(fact_before(*versions, &end, fact));
}

std::optional<DivisionCode> Register::residence(const SubjectId& id, Date on) const {
  const Versions* versions = household(id);
  if (versions == nullptr) return std::nullopt;
  const auto newer = versions->lower_bound(end_of(on));
  if (newer == versions->begin()) return std::nullopt;
  return std::prev(newer)->second.division;
}

std::vector<DivisionCode> Register::residences(const SubjectId& id) const {
  std::set<DivisionCode> out;
  if (const Versions* versions = household(id)) {
    for (const auto& [when, registration] : *versions) out.insert(registration.division);
  }
  return {out.begin(), out.end()};
}

std::vector<FactView> Register::facts(const SubjectId& id, Date on) const {
  std::map<std::pair<std::string, std::string>, FactView> newest;
  const Versions* versions = household(id);
  if (versions == nullptr) return {};
  const When end = end_of(on);
  for (auto it = versions->begin(); it != versions->end() && it->first < end; ++it) {
    for (const event::Fact& fact : it->second.said->facts)
      newest[{fact.name, fact.key}] = {fact.name, fact.key, fact.value, it->first.occurred,
                                       it->first.index};
  }
  std::vector<FactView> out;
  for (auto& [name, fact] : newest) out.push_back(std::move(fact));
  return out;
}

std::vector<SubjectId> Register::assigned(std::string_view relation, const SubjectId& from,
                                          Date on) const {
  std::set<SubjectId> out;
  const Relation first{.name = std::string(relation), .from = from, .to = {}};
  for (auto it = relations_.lower_bound(first);
       it != relations_.end() && it->first.name == relation && it->first.from == from; ++it) {
    const std::optional<Date>& until = it->second.rbegin()->second;
    if (it->first.since <= on && (!until || on <= *until)) out.insert(it->first.to);
  }
  return {out.begin(), out.end()};
}

std::vector<DivisionView> Register::divisions(std::string_view prefix) const {
  std::vector<DivisionView> out;
  for (const auto& [id, versions] : divisions_) {
    const DivisionCode code = versions.begin()->second.division;
    if (!code.view().starts_with(prefix)) continue;
    out.push_back({.code = code,
                   .name = text_or_empty(fact_before(versions, nullptr, "name")),
                   .level = text_or_empty(fact_before(versions, nullptr, "level")),
                   .parent = text_or_empty(fact_before(versions, nullptr, "parent"))});
  }
  std::sort(out.begin(), out.end(),
            [](const DivisionView& a, const DivisionView& b) { return a.code < b.code; });
  return out;
}

std::vector<CoordinatorView> Register::coordinators(std::string_view prefix) const {
  std::vector<CoordinatorView> out;
  const Seat first{.division = first_of(prefix), .person = {}};
  for (auto it = seats_.lower_bound(first);
       it != seats_.end() && it->first.division.view().starts_with(prefix); ++it) {
    const auto& [seat, versions] = *it;
    const auto person = persons_.find(seat.person);
    const std::optional<Date>& until = versions.rbegin()->second;
    out.push_back({.person = seat.person,
                   .name = person == persons_.end()
                               ? std::string{}
                               : text_or_empty(fact_before(person->second, nullptr, "name")),
                   .village = seat.division,
                   .since = seat.since,
                   .until = until.value_or(Date{})});
  }
  return out;
}

static void write(const Value& value, DigestWriter& out) {
  out.u64(static_cast<std::uint64_t>(value.type)).text(value.text);
  out.u64(static_cast<std::uint64_t>(value.integer)).flag(value.yes).text(value.subject.view());
  out.u64(value.codes.size());
  for (const std::string& code : value.codes) out.text(code);
  out.u64(static_cast<std::uint64_t>(value.place.latitude_e7));
  out.u64(static_cast<std::uint64_t>(value.place.longitude_e7));
  out.u64(value.place.accuracy_m).flag(value.place.mock_location);
}

static void write(const Registration& registration, DigestWriter& out) {
  const RegistrationPart& said = *registration.said;
  out.text(registration.division.view()).flag(said.create).text(said.source);
  out.u64(said.facts.size());
  for (const event::Fact& fact : said.facts) {
    out.text(fact.name).text(fact.key);
    write(fact.value, out);
  }
}

void Register::write(DigestWriter& out) const {
  for (const Subjects* subjects : {&divisions_, &households_, &persons_}) {
    out.u64(subjects->size());
    for (const auto& [id, versions] : *subjects) {
      out.text(id.view()).u64(versions.size());
      for (const auto& [when, registration] : versions) {
        out.when(when);
        state::write(registration, out);
      }
    }
  }
  const auto put = [&out](const Untils& untils) {
    out.u64(untils.size());
    for (const auto& [when, until] : untils) {
      out.when(when).flag(until.has_value());
      if (until) out.date(*until);
    }
  };
  out.u64(seats_.size());
  for (const auto& [seat, untils] : seats_) {
    out.text(seat.division.view()).text(seat.person.view()).date(seat.since);
    put(untils);
  }
  out.u64(relations_.size());
  for (const auto& [relation, untils] : relations_) {
    out.text(relation.name).text(relation.from.view()).text(relation.to.view());
    out.date(relation.since);
    put(untils);
  }
}
}  // namespace cunji::state
