#pragma once
// Asks a person at a terminal what forms need, field by field; every answer is judged as it is
// typed. Lines come from and go to functions, so that tests need no terminal.
#include <functional>
#include <optional>
#include <string>

#include "fieldnode/cli/entry.h"

namespace cunji::fieldnode::cli {
struct Lines {
  // Shows the prompt and gives what was typed; nothing at the end of the input (Ctrl-D).
  std::function<std::optional<std::string>(const std::string& prompt)> ask;
  std::function<void(const std::string& line)> say;
};

// Fills in the entry: a visit's frame first, then what is due in the house (`offer_parts`), then
// evidence, then a summary to be confirmed. False: given up, nothing is to be recorded; the entry
// holds what was answered.
bool fill_in(const state::FormDesk& desk, Entry& entry, const Lines& lines, bool offer_parts);
// What can be typed at a field: type, choices, range.
std::string help_of(const state::FieldNow& field);
}  // namespace cunji::fieldnode::cli
