#pragma once
// The questions that people ask of the fold on a command line, the same on node and server:
// warnings, duties, cases, household, board, report, statements. An answer is the whole text to
// print, Chinese first, or JSON. The program says from which state it is answered; nothing here
// reads a file or a clock.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/state/state.h"

namespace CLI {
class App;
}

namespace cunji::commands {
// A question as it was typed; nothing is checked yet but what CLI11 does.
struct Asked {
  std::string whom, division, on;  // --for ROLE[@OFFICE], --division, --on.
  std::optional<std::uint64_t> known_at;
  bool json = false, all = false, late = false;
  std::string household;                 // household: number, head or id.
  std::vector<std::string> explain;      // household: facts to be shown with where they come from.
  std::string duty, procedure, warning;  // One of them only.
  // report, statements: which; of which month or year; of which office, of which row alone.
  std::string report, period, office, row;
  std::optional<std::uint64_t> statement;  // Its place in the log: compared with it.
  bool csv = false, mask = false;
};

// From what it is answered.
struct Basis {
  const state::State* state = nullptr;  // Of the entries before `known_at`.
  CountyCode county;
  std::uint64_t known_at = 0;
  // Prefixes of the divisions that are held here; nothing: all of the county's.
  std::optional<std::vector<std::string>> held{};
  Date today{};
  // On a device: whom its credential names, ROLE[@OFFICE]; empty: whoever holds the log.
  std::string self{};
  // What was filed as the entry of this index; nothing where it is not held, erased, or no
  // statement.
  std::function<Result<std::optional<event::StatementPart>>(std::uint64_t index)> statement{};
};

// Errc::Malformed for what can't be asked so, in both languages.
using Answer = Result<std::string> (*)(const Basis& basis, const Asked& asked);
Result<std::string> answer_warnings(const Basis& basis, const Asked& asked);
Result<std::string> answer_duties(const Basis& basis, const Asked& asked);
Result<std::string> answer_cases(const Basis& basis, const Asked& asked);
Result<std::string> answer_household(const Basis& basis, const Asked& asked);
Result<std::string> answer_board(const Basis& basis, const Asked& asked);
Result<std::string> answer_report(const Basis& basis, const Asked& asked);
Result<std::string> answer_statements(const Basis& basis, const Asked& asked);

// Adds a command for each; `added` puts in what the program needs beside, before any argument of
// the question's own, and what runs when it was chosen.
void add_questions(CLI::App& app,
                   const std::function<void(CLI::App& command, std::shared_ptr<Asked> asked,
                                            Answer answer)>& added);
// What of it names a report and its scope, for a command that files one.
void add_report_scope(CLI::App& command, Asked& asked);
}  // namespace cunji::commands
