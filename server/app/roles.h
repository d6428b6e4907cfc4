#pragma once
// What a role may record unless said otherwise, and how much in a day (D21). Which roles a
// registrar must agree to by comparing digits, credential/roles.h says: all but field roles.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/event/kinds.h"

namespace cunji::server {
struct Role {
  std::string name;
  std::string_view label_zh, label_en;
  std::vector<event::Kind> kinds;
  std::uint32_t events_a_day;
  std::uint64_t bytes_a_day;
};

const std::vector<Role>& all_roles();
// Errc::Malformed with the list of roles.
Result<Role> role_named(std::string_view name);
// Not among all_roles(): the keys that `init` makes.
const Role& system_role();
const Role& registrar_role();
std::vector<std::uint16_t> numbers_of(const std::vector<event::Kind>& kinds);
}  // namespace cunji::server
