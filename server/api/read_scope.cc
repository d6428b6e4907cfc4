#include "server/api/read_scope.h"

#include <algorithm>

namespace cunji::server {
ReadScope::ReadScope(const std::vector<const credential::Grant*>& standing,
                     const state::State& newest, Date today)
    : today_(today) {
  for (const credential::Grant* grant : standing) {
    const Rights rights = rights_of(grant->role, grant->office);
    if (rights.none()) continue;
    for (const std::string& prefix : grant->scope.divisions) areas_.push_back({prefix, rights});
    if (grant->scope.assigned.empty()) continue;
    Assignment assignment{.subjects = {}, .rights = rights};
    for (const SubjectId& id : newest.assigned(grant->scope.assigned, grant->person, today))
      assignment.subjects.insert(id);
    subjects_.insert(assignment.subjects.begin(), assignment.subjects.end());
    assigned_.push_back(std::move(assignment));
  }
}

std::vector<std::string> ReadScope::prefixes_within(std::string_view wanted) const {
  std::set<std::string> all;
  for (const Area& area : areas_) {
    if (area.prefix.starts_with(wanted)) {
      all.insert(area.prefix);
    } else if (wanted.starts_with(area.prefix)) {
      all.emplace(wanted);
    }
  }
  std::vector<std::string> out;  // A prefix sorts right before what it contains.
  for (const std::string& prefix : all) {
    if (out.empty() || !prefix.starts_with(out.back())) out.push_back(prefix);
  }
  return out;
}

Rights ReadScope::rights(const DivisionCode& division, const SubjectId& subject) const {
  Rights out;
  for (const Area& area : areas_) {
    if (division.view().starts_with(area.prefix)) out.add(area.rights);
  }
  for (const Assignment& assignment : assigned_) {
    if (assignment.subjects.contains(subject)) out.add(assignment.rights);
  }
  return out;
}

Rights ReadScope::rights_to_household(const SubjectId& household,
                                      const state::State& newest) const {
  if (const auto now = newest.household(household, today_)) return rights(now->division, household);
  // It lives nowhere today: registered for a day to come, say. Only who reads all its places.
  const auto residences = newest.residences(household);
  Rights out;
  for (const DivisionCode& division : residences) {
    const Rights here = rights(division, household);
    if (here.none()) return {};
    out.add(here);
  }
  return out;
}
}  // namespace cunji::server
