#pragma once
// Reports filed as statements (protocol/README.md): what a desk signs.
#include <string>

#include "shared/commands/questions.h"

namespace cunji::commands {
// A statement, ready to be signed.
struct Filing {
  event::StatementPart part;
  std::string programme;
  SubjectId about;
  DivisionCode division;
  std::string text;  // What is filed, to print.
};
// From the report as `basis` has it. `with_unsent`: where own statements not yet received count.
// Errc::Malformed for what this reader does not file, or what can't be said here alone.
Result<Filing> file_report(const Basis& basis, const Asked& asked, const state::State& with_unsent);
}  // namespace cunji::commands
