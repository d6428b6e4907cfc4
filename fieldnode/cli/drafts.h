#pragma once
// Drafts: what was typed at `record` and is to be recorded later. They lie sealed in the store.
#include "fieldnode/cli/record_commands.h"

namespace cunji::fieldnode::cli {
// Keeps what was typed under options.draft instead of recording it, after read_files(); says so or
// why not. Gives the exit code.
int keep_draft(OpenNode& open, const RecordOptions& options, TimePoint now);
void add_draft_commands(CLI::App& app, Context& context);
}  // namespace cunji::fieldnode::cli
