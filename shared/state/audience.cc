#include "shared/state/audience.h"

namespace cunji::state {
bool acting_is(const programme::Catalogue& catalogue, const Symbols& words,
               const programme::Actor& actor, std::string_view role, Symbol office) {
  // Credentials name a desk by its level, definitions by its office's.
  std::string_view level = "village";
  if (role == "town_desk" || role.starts_with("town")) level = "town";
  if (role == "county_desk" || role == "registrar" || role == "sector_department" ||
      role.starts_with("office_") || role == "county_leader")
    level = "county";
  if (role == "town_desk") role = "town";
  if (role == "county_desk") role = "sector_department";
  const auto stands_under = [&](const char* list, Symbol code, Symbol wanted) {
    return catalogue.stands_under(words.find(list), code, wanted);
  };
  if (actor.role != kNoSymbol && !stands_under("role", words.find(role), actor.role)) return false;
  if (actor.office != kNoSymbol && !stands_under("office", office, actor.office)) return false;
  if (actor.level != kNoSymbol && words.word(actor.level) != level) return false;
  return actor.role != kNoSymbol || actor.office != kNoSymbol || actor.level != kNoSymbol;
}
}  // namespace cunji::state
