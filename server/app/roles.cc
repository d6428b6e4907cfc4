#include "server/app/roles.h"

namespace cunji::server {
using event::Kind;

// A phone in a village sends some dozens of events a day; the default allows a season at once.
static constexpr std::uint32_t kFieldEvents = 2'000;
static constexpr std::uint64_t kFieldBytes = 20ULL << 20;
// A desk files whole lists.
static constexpr std::uint32_t kDeskEvents = 50'000;
static constexpr std::uint64_t kDeskBytes = 500ULL << 20;
// The registrar fills the register of a county in a day.
static constexpr std::uint32_t kRegistrarEvents = 2'000'000;
static constexpr std::uint64_t kRegistrarBytes = 4ULL << 30;

const std::vector<Role>& all_roles() {
  static const std::vector<Kind> field = {Kind::Visit,  Kind::CheckIn,    Kind::Application,
                                          Kind::Survey, Kind::Correction, Kind::Receipt};
  // Whoever keeps a village's meetings and notices, its doors and its grids; a second person
  // approves.
  static const std::vector<Kind> village = {
      Kind::Visit,   Kind::CheckIn, Kind::Application, Kind::Survey,       Kind::Correction,
      Kind::Receipt, Kind::Step,    Kind::Notice,      Kind::Registration, Kind::Assignment};
  static const std::vector<Kind> desk = {
      Kind::Application, Kind::Survey,  Kind::Registration, Kind::Assignment, Kind::Alert,
      Kind::Step,        Kind::Notice,  Kind::Payment,      Kind::Score,      Kind::Correction,
      Kind::Endorsement, Kind::Receipt, Kind::Visit,        Kind::CheckIn};
  static const std::vector<Role> roles = {
      {"coordinator", "村级协管员", "village coordinator", field, kFieldEvents, kFieldBytes},
      {"helper", "帮扶责任人", "helper", field, kFieldEvents, kFieldBytes},
      {"grid_leader", "网格长", "grid leader", field, kFieldEvents, kFieldBytes},
      {"grid_member", "网格员", "grid member", field, kFieldEvents, kFieldBytes},
      {"village_doctor", "村医", "village doctor", field, kFieldEvents, kFieldBytes},
      {"teacher", "教师", "teacher", field, kFieldEvents, kFieldBytes},
      {"group_leader", "村级责任组组长", "leader of the responsibility group", village,
       kFieldEvents, kFieldBytes},
      {"first_secretary", "驻村第一书记", "first secretary", village, kFieldEvents, kFieldBytes},
      {"work_team", "驻村工作队", "work team", village, kFieldEvents, kFieldBytes},
      {"village_two_committees", "村两委", "two committees of the village", village, kFieldEvents,
       kFieldBytes},
      {"town_desk", "乡镇工作台", "town desk", desk, kDeskEvents, kDeskBytes},
      {"county_desk", "县级工作台", "county desk", desk, kDeskEvents, kDeskBytes},
      {"registrar", "登记员", "registrar", registrar_role().kinds, kRegistrarEvents,
       kRegistrarBytes},
  };
  return roles;
}

Result<Role> role_named(std::string_view name) {
  std::string names;
  for (const Role& role : all_roles()) {
    if (role.name == name) return role;
    names += (names.empty() ? "" : ", ") + role.name;
  }
  return Error{Errc::Malformed, "no role \"" + std::string(name) + "\"; there are " + names};
}

const Role& system_role() {
  static const Role role = {"system",    "系统",    "system", {Kind::Incident, Kind::Anchor},
                            kDeskEvents, kDeskBytes};
  return role;
}

const Role& registrar_role() {
  static const Role role = {
      "registrar",
      "登记员",
      "registrar",
      {Kind::Credential, Kind::Revocation, Kind::Definition, Kind::Erasure, Kind::Endorsement,
       Kind::Registration, Kind::Assignment, Kind::Correction, Kind::Receipt},
      kRegistrarEvents,
      kRegistrarBytes};
  return role;
}

std::vector<std::uint16_t> numbers_of(const std::vector<Kind>& kinds) {
  std::vector<std::uint16_t> out;
  for (const Kind kind : kinds) out.push_back(static_cast<std::uint16_t>(kind));
  return out;
}
}  // namespace cunji::server
