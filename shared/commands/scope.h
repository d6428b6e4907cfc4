#pragma once
// What every question has in common: checked once, before anything is worked out.
#include <optional>
#include <string>
#include <vector>

#include "shared/commands/questions.h"
#include "shared/state/inquiry.h"

namespace cunji::commands {
// Who is asked for: a role as credentials or definitions name it, an office.
struct For {
  std::string role, office;
};

struct Scope {
  Date on{};
  std::string prefix;                 // 6, 9 or 12 digits: what is asked for.
  std::vector<std::string> prefixes;  // What of that is held here.
  std::vector<SubjectId> under;       // All of it lies under these.
  std::optional<For> whom;
  state::Inquiry inquiry;

  bool contains(const DivisionCode& division) const;  // A division of zeros is the county's.
  bool is_for(const std::vector<state::Whom>& whom) const;
};

// Errc::Malformed, in both languages: a day, a division, a role or an office that is none, no
// definition in force.
Result<Scope> scope_of(const Basis& basis, const Asked& asked);
// Among those within the scope; by number, id or head.
Result<state::HouseholdView> find_household(const Basis& basis, const Scope& scope,
                                            const std::string& named);
Error bad(const std::string& zh, const std::string& en);
}  // namespace cunji::commands
