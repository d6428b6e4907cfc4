// What a subject is, and what the definitions in force declare.
#include <algorithm>
#include <map>

#include "shared/state/audience.h"
#include "shared/state/data.h"
#include "shared/state/inquiry.h"

namespace cunji::state {
namespace pg = programme;

static std::string text_of(const World& world, const char* fact, std::uint32_t subject, Date on) {
  const pg::Fact* declared = world.catalogue(on).facts.find(world.values().words.find(fact));
  if (declared == nullptr) return {};
  const Val val = world.fact(*declared, subject, At::end_of_day(subject, on)).val;
  return val.is_set() ? world.values().value_of(val).text : std::string();
}

SubjectView Inquiry::about(const SubjectId& subject) const {
  SubjectView out{.type = {}, .label = {}, .name = {}};
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  if (number == kNoNumber) return out;
  const Symbol type = world.type_of(number);
  out.type = world.values().words.word(type);
  out.division = world.division_of(number, on_);
  static const std::map<std::string, pg::Label> kBuiltIn = {
      {"county", {"县", "county"}},   {"town", {"乡镇", "town"}},
      {"village", {"村", "village"}}, {"household", {"农户", "household"}},
      {"person", {"人员", "person"}}, {"office", {"单位", "office"}}};
  const pg::SubjectType* declared = world.catalogue(on_).subjects.find(type);
  if (declared != nullptr) {
    out.label = declared->label;
  } else if (const auto built_in = kBuiltIn.find(out.type); built_in != kBuiltIn.end()) {
    out.label = built_in->second;
  }
  if (out.type == "person") out.name = text_of(world, "name", number, on_);
  if (out.type == "office") out.name = text_of(world, "office_name", number, on_);
  if (out.type == "county" || out.type == "town" || out.type == "village") {
    for (const DivisionView& each : world.facts().divisions(out.division->view()))
      if (each.code == *out.division) out.name = each.name;
  }
  // A spell's measure's step lies a handful of steps below its household.
  constexpr int kStepsMax = 12;
  std::uint32_t above = number;
  for (int steps = 0; above != kNoNumber && steps < kStepsMax; ++steps) {
    if (world.values().words.word(world.type_of(above)) == "household") {
      out.household = world.values().subjects[above];
      break;
    }
    above = world.parent_of(above, on_);
  }
  return out;
}

std::vector<VisitView> Inquiry::visits(const SubjectId& household) const {
  std::vector<VisitView> out;
  const World world = state_.data_->world();
  const Symbols& words = world.values().words;
  const auto all = world.events().occurrences_of(household);
  for (const Occurrence& one : all.first(count_before(all, end_of(on_)))) {
    if (one.form != kVisitForm && one.form != kAttemptForm) continue;
    const EventRecord& record = world.events().at(one.event);
    const Acting& who = world.events().author_of(record);
    out.push_back({.occurred = one.occurred,
                   .outcome = static_cast<event::VisitOutcome>(one.outcome),
                   .check_in = one.form == kAttemptForm,
                   .role = words.word(who.role),
                   .office = words.word(who.office),
                   .division = world.events().division_of(record),
                   .index = record.time.upper ? std::optional(record.index) : std::nullopt,
                   .contradicted = record.time.contradicted()});
  }
  return out;
}

bool Inquiry::is_for(const Whom& whom, const std::string& role, const std::string& office) const {
  const World world = state_.data_->world();
  const Symbols& words = world.values().words;
  // A seat's relation is named after its role (register/README.md).
  if (!whom.relation.empty())
    return whom.relation == role + "_of" || (whom.relation == "desk_of" && role == "county_desk");
  const pg::Actor actor{.role = words.find(whom.role),
                        .office = words.find(whom.office),
                        .level = words.find(whom.level)};
  return acting_is(world.catalogue(on_), words, actor, role, words.find(office));
}

std::optional<pg::Label> Inquiry::code(const std::string& list, const std::string& code) const {
  const World world = state_.data_->world();
  const Symbols& words = world.values().words;
  const pg::Codes* codes = world.catalogue(on_).codes.find(words.find(list));
  if (codes == nullptr) return std::nullopt;
  for (const pg::Codes::Code& each : codes->codes)
    if (words.word(each.id) == code) return each.label;
  return std::nullopt;
}

std::vector<DefinitionView> Inquiry::definitions() const {
  std::vector<DefinitionView> out;
  const World world = state_.data_->world();
  for (const auto& each : world.catalogue(on_).definitions())
    out.push_back({.programme = world.values().words.word(each->programme),
                   .label = each->label,
                   .version = each->version,
                   .effective_from = each->effective_from});
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.programme < b.programme; });
  return out;
}

template <class T>
static std::vector<std::string> ids_of(const World& world, const pg::ById<T>& things) {
  std::vector<std::string> out;
  for (const auto& [id, thing] : things.all()) out.push_back(world.values().words.word(id));
  std::sort(out.begin(), out.end());
  return out;
}
std::vector<std::string> Inquiry::duty_ids() const {
  const World world = state_.data_->world();
  return ids_of(world, world.catalogue(on_).duties);
}
std::vector<std::string> Inquiry::form_ids() const {
  const World world = state_.data_->world();
  return ids_of(world, world.catalogue(on_).forms);
}
std::vector<std::string> Inquiry::procedure_ids() const {
  const World world = state_.data_->world();
  return ids_of(world, world.catalogue(on_).procedures);
}
}  // namespace cunji::state
