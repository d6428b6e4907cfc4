#pragma once
// Whether somebody is one of those whom a definition names.
#include <string_view>

#include "shared/programme/catalogue.h"

namespace cunji::state {
// `role` as credentials name it (server/app/roles.h) or as definitions do. Codes that stand under
// the named one count. An actor that names nobody is nobody; relations are not looked at.
bool acting_is(const programme::Catalogue& catalogue, const Symbols& words,
               const programme::Actor& actor, std::string_view role, Symbol office);
}  // namespace cunji::state
