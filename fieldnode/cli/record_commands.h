#pragma once
// What `record` takes, as it was typed: recorded at once, or kept as a draft (drafts.h) and read by
// the same code later.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/draft_form.h"
#include "fieldnode/photo.h"
#include "shared/event/parts.h"

namespace cunji::fieldnode::cli {
struct RecordOptions {
  std::string household, division, subject, occurred, medium = "direct", json_file, draft;
  std::string outcome, place, purpose, remark;
  std::vector<std::string> met;
  bool mock = false, changes = false;
  std::string type = "household", source = "visit";
  std::vector<std::string> facts;
  bool create = false;
  std::string relation, from, to, since, until;
  std::string event, reason;
  std::string form, case_id;  // A programme's form, and the case it is a step of.
  std::vector<std::string> answers, participants, evidence, refused;
  std::string acted_by;
  bool unchanged = false;
  std::uint32_t part = 0;
  std::vector<std::string> photo_files;
  // Which command it was.
  event::Kind kind = event::Kind::Visit;
  Result<event::PartContent> (*content_of)(const RecordOptions&) = nullptr;  // Null: a correction.
  TypedForm typed;
  // What the files hold that were named (read_files).
  std::vector<Photo> photos;
  std::optional<std::string> json;
};

// `record`, with a command for each kind below it; `on_chosen` runs when one of them was parsed
// into the options. A draft is parsed by an app of its own.
std::shared_ptr<RecordOptions> add_record_forms(CLI::App& app, std::function<void()> on_chosen);
// Reads photos and JSON. Gives the exit code, 0 or what fail() gave.
int read_files(RecordOptions& options);
// Records it, with what read_files() has read; says so or why not. Gives the exit code. Asks at the
// terminal where a form drives it and nothing was answered yet; given up there, it is kept as
// options.draft, if it has one.
int record(OpenNode& open, const RecordOptions& options, TimePoint now);
}  // namespace cunji::fieldnode::cli
