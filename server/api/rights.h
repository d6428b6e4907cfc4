#pragma once
// Who reads which part, and who sees what unmasked, by role and office (D18, GEN-15). Two small
// tables, in force until the programmes' definitions name their readers themselves.
#include <string>
#include <string_view>

#include "shared/event/header.h"
#include "shared/event/parts.h"

namespace cunji::server {
// What a credential's role and office make of its holder. A set, as one key may have several.
struct Rights {
  unsigned groups = 0;
  bool none() const { return groups == 0; }
  void add(const Rights& other) { groups |= other.groups; }
};
// No group for a role that is not a reader's: the root, the system key.
Rights rights_of(std::string_view role, std::string_view office);

// Whether a part may be read. `kind` is its event's.
bool may_read(const Rights& rights, std::uint16_t kind, const event::Part& part);

// Kinds of what is masked (GEN-15).
enum class Sensitive { Identity, BankAccount, Illness, Telephone };
bool sees(const Rights& rights, Sensitive what);
}  // namespace cunji::server
