#pragma once
// Recording by forms, as their definitions say: from what was typed, or asked at the terminal, to
// the parts of an event. Everything is judged before anything is signed.
#include <optional>

#include "fieldnode/cli/record_commands.h"
#include "shared/state/form_desk.h"

namespace cunji::fieldnode::cli {
// Whether the rest is to be asked at the terminal: standard input is one, and nothing was answered.
bool is_asked_for(const RecordOptions& options);

// Whoever holds this node's key, as the fold knows him.
state::Recorder recorder_of(const Node& node);

// Adds kind and parts to `draft`, whose subject is known. False: it is a visit, and no form of one
// is in force. Nothing: refused or given up, which was said; nothing is to be recorded then.
std::optional<bool> answer_forms(OpenNode& open, const RecordOptions& options,
                                 const event::PartFrame& frame, TimePoint now, RecordDraft& draft);

void add_forms_command(CLI::App& app, Context& context);
}  // namespace cunji::fieldnode::cli
