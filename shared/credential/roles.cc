#include "shared/credential/roles.h"

#include <algorithm>

#include "shared/event/kinds.h"

namespace cunji::credential {
using event::Kind;

static constexpr std::string_view kFieldRoles[] = {
    "coordinator",     "coordinator_full_time", "coordinator_part_time", "helper",  "grid_leader",
    "grid_member",     "village_doctor",        "group_leader",          "teacher", "work_team",
    "first_secretary",
};
static constexpr Kind kFieldKinds[] = {Kind::Visit,      Kind::CheckIn,      Kind::Application,
                                       Kind::Survey,     Kind::Registration, Kind::Assignment,
                                       Kind::Correction, Kind::Receipt};

bool is_field_role(std::string_view role) {
  return std::find(std::begin(kFieldRoles), std::end(kFieldRoles), role) != std::end(kFieldRoles);
}

bool is_field_credential(std::string_view role, const std::set<std::uint16_t>& kinds) {
  return is_field_role(role) && std::all_of(kinds.begin(), kinds.end(), [](std::uint16_t kind) {
           return std::any_of(std::begin(kFieldKinds), std::end(kFieldKinds),
                              [&](Kind k) { return static_cast<std::uint16_t>(k) == kind; });
         });
}
}  // namespace cunji::credential
