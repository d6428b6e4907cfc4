#pragma once
// Definitions on their way into the log (D12, D19): several files, one event, since programmes read
// each other's facts and come into force together. Checked with what the fold itself checks, so
// that what passes here is not refused there.
#include <optional>
#include <string>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/base/result.h"
#include "shared/credential/publication.h"
#include "shared/state/state.h"

namespace CLI {
class App;
}

namespace cunji::commands {
struct DefinitionFile {
  std::string name, text;
};

// What is asked for, as it was typed.
struct PublishOptions {
  std::vector<std::string> files;
  std::string effective;  // --effective: instead of each one's effective_from.
  bool shipped = false;   // Those that come with the program, too.
  bool check_only = false;
};
void add_publish_options(CLI::App& command, PublishOptions& options);

// One definition that would come into force.
struct Edition {
  std::string programme, label;
  std::uint32_t version = 0;
  Date effective_from{};
};

struct Prepared {
  std::vector<Bytes> parts;            // Of the event: encoded DefinitionParts.
  std::vector<Edition> editions;       // What they are, in the same order.
  std::vector<std::string> unchanged;  // Programmes that are published just so.
  std::vector<std::string> unset;      // Parameters without a value, once they are in force.
  std::vector<std::string> problems;   // "file:line: id: what"; then there are no parts.
  std::vector<std::string> notes;      // No problem, but to be known: a calculation is not there.
  std::vector<Digest> waiting;         // Publications that wait for their second person.

  // All of the above, in lines to print.
  std::string text() const;
};

// What of the definitions stands where on a day, for `status`.
struct DefinitionsNow {
  std::vector<Edition> in_force;     // By programme.
  std::vector<std::string> refused;  // "definition 17: lead: no fact …": without effect.
  std::vector<Digest> waiting;       // For their second person.
};
DefinitionsNow definitions_now(const state::State& state,
                               const std::vector<credential::Publication>& published, Date on);

// Reads the files. Errc::Malformed, in both languages, for options that make no sense; Errc::Io for
// a file that can't be read.
Result<Prepared> prepare(const PublishOptions& options,
                         const std::vector<credential::Publication>& published);
// The same without the disk.
Prepared prepare(const std::vector<DefinitionFile>& files, bool shipped,
                 const std::optional<Date>& effective,
                 const std::vector<credential::Publication>& published);
}  // namespace cunji::commands
