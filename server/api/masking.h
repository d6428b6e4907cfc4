#pragma once
// Masking by role (GEN-15): names are shown; identity numbers, bank accounts, illness and telephone
// numbers only to whom `sees()` names. One place for all answers.
#include <optional>
#include <string>
#include <string_view>

#include "server/api/rights.h"

namespace cunji::proto {
class Part;
}

namespace cunji::server {
// What a fact or a form's field holds, told from its name; nothing where it is not sensitive.
std::optional<Sensitive> sensitive_by_name(std::string_view name);

// Whether a fact of this name is shown as it is.
bool is_shown(const Rights& rights, std::string_view fact);
// Free text with numbers that look like a telephone (11 digits), an identity number (15 or 18
// characters) or an account (16, 17, 19 or more) replaced: the last four digits of telephone and
// account stay. Twelve digits are a division.
std::string masked_text(const Rights& rights, std::string_view text);
// Masks every field of the part in place. Whether anything changed.
bool mask(const Rights& rights, proto::Part& part);
}  // namespace cunji::server
