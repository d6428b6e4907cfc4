#pragma once
// What is being recorded by forms: one part, or a visit with its parts, as it was typed so far. No
// terminal, no node: state::FormDesk judges, photos come from files.
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fieldnode/cli/record_commands.h"
#include "fieldnode/photo.h"
#include "shared/base/result.h"
#include "shared/event/parts.h"
#include "shared/state/form_desk.h"

namespace cunji::fieldnode::cli {
struct PartEntry {
  state::Filled filled{};
  bool unchanged = false;  // As the last time, by one answer.
  // Paths by what they are: a kind of evidence, or the field of a photo or signature.
  std::map<std::string, std::vector<std::string>> files{};
};

struct Entry {
  event::Kind kind = event::Kind::Step;
  // The first is the visit's frame (register.visit or register.visit_attempt), where it is a visit.
  std::vector<PartEntry> parts{};
  std::size_t own = 0;  // Which of them the command named: what --answer and JSON speak of.
  bool is_visit = false;
  event::Medium medium = event::Medium::Direct;
  std::optional<TimePoint> occurred{};
  std::map<std::string, Photo> photos{};  // By path, once read.
};

// Of a form that is in force; `subject` is the part's, `household` its house, which a visit is to.
// Errc::Malformed names the field or option, Chinese first.
Result<Entry> begin_entry(const state::FormDesk& desk, const std::string& form,
                          const SubjectId& subject, const SubjectId& household);
// A further part of the visit.
void add_part(Entry& entry, const std::string& form, const SubjectId& subject,
              const SubjectId& case_id);
// What was typed as options, on top of what JSON said:
//   {"answers": {FIELD: …}, "unchanged": true, "evidence": {KIND: PATH or [PATH]}, "case": ID,
//    "participants": ["ROLE@OFFICE:PERSON"], "acted_by": "ROLE@OFFICE",
//    "visit": {FIELD: …}  what is said of the visit around a form,
//    "parts": [{"form", "subject", "case", "answers", "unchanged", "evidence"}]}  of a visit
// Paths of files come out absolute.
Result<void> take_json(const state::FormDesk& desk, Entry& entry, const std::string& text);
Result<void> take_options(const state::FormDesk& desk, Entry& entry, const RecordOptions& options);
nlohmann::ordered_json json_of(const state::FormDesk& desk, const Entry& entry);
// Whether a JSON text is such an entry, and no list of parts in protobuf's mapping.
bool is_entry_json(const std::string& text);

// Answers a field as it is typed; "" takes the answer away.
Result<void> type_answer(Entry& entry, PartEntry& part, const state::FieldNow& field,
                         const std::string& text);
// The same from FIELD=VALUE, as --answer has it.
Result<void> type_line(const state::FormDesk& desk, Entry& entry, PartEntry& part,
                       const std::string& line);
// Who took part, each as ROLE[@OFFICE][:PERSON].
Result<void> take_participants(PartEntry& part, const std::vector<std::string>& texts);
// Adds a file as evidence of a kind. Errc::Io, Errc::Limit, Errc::Malformed for what is no photo.
Result<void> attach(Entry& entry, PartEntry& part, const std::string& kind,
                    const std::string& path);
// Fills in what is known beforehand, or the answers of the last time where nothing has changed.
void complete(const state::FormDesk& desk, Entry& entry);

struct PartFault {
  std::size_t part = 0;
  state::Fault fault{};
};
// Of all parts. Photos of the visit are evidence for each of its parts; so is a refusal.
std::vector<PartFault> faults_of(const state::FormDesk& desk, const Entry& entry);

// The parts of the event; `keep` makes a photo durable and gives its digest.
Result<std::vector<Bytes>> encode(const state::FormDesk& desk, const Entry& entry,
                                  const SubjectId& event_subject,
                                  const std::function<Result<Digest>(const Photo&)>& keep);
}  // namespace cunji::fieldnode::cli
