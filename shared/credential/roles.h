#pragma once
// Which credentials one registrar may give alone. Everything else is a desk's and takes two persons
// where the county's founding event says so (D19).
#include <cstdint>
#include <set>
#include <string_view>

namespace cunji::credential {
// Whether `role` is one of those who go from door to door (glossary.md, actors).
bool is_field_role(std::string_view role);
// A field role with field kinds only. The kinds count too: otherwise one person alone could make a
// desk by calling it a coordinator.
bool is_field_credential(std::string_view role, const std::set<std::uint16_t>& kinds);
}  // namespace cunji::credential
