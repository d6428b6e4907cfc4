#pragma once
// Full verification of a county log by whoever trusts nobody but the digest of the county's root
// key: order, chains, signatures, bodies, division links, tree, checkpoint, and every verdict
// recomputed with Governance::judge. One pass; memory of about 100 bytes an entry. Used for a
// store, an export and a node's doubts alike.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "shared/credential/governance.h"
#include "shared/log/checkpoint.h"
#include "shared/log/event_log.h"
#include "shared/log/export.h"

namespace cunji::credential {
// Where a log is not what it should be.
struct LogFinding {
  std::uint64_t index = 0;  // Of the entry; the number of entries for the log as a whole.
  std::string reason;
};

struct LogReport {
  log::Checkpoint checkpoint;  // Of the note, where its signature verified.
  Digest root_digest;          // SHA-256 of the county's root key, as the founding event has it.
  std::uint64_t entries = 0;   // Verified, up to the finding where there is one.
  std::uint64_t keys = 0, divisions = 0;
  std::uint64_t bodies_whole = 0, bodies_partial = 0, bodies_lost = 0;
  std::uint64_t parts_erased = 0;     // By law; each is named by an erasure that the log holds.
  std::uint64_t bodies_left_out = 0;  // By the export: verdicts hold, contents were not seen.
  std::map<event::Verdict, std::uint64_t> verdicts;
  std::optional<LogFinding> finding;  // The first one; verification ends there. Nothing: in order.
  bool in_order() const { return !finding; }
};

// What the caller knows from elsewhere; a county's log can't vouch for its own root key.
struct LogExpectation {
  std::optional<Digest> root_digest;  // Nothing: whatever the log says, for the caller to compare.
};

// Called with the number of entries verified so far and their total, every 256 and at the end.
using VerifyProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Verifies the entries under the checkpoint `note`; later ones of the log are not looked at. An
// error is one of reading (Errc::Io, Errc::Corrupt); whatever is wrong with the log is the finding.
Result<LogReport> verify_log(const log::EventLog& log, std::string_view note,
                             const LogExpectation& expectation = {},
                             const VerifyProgress& progress = {});
// The same for an export. Bytes that make no export (cut, overlong, undecodable) are a finding too;
// an error is one that the export's source gave (Errc::Io).
Result<LogReport> verify_export(log::ByteSource source, const LogExpectation& expectation = {},
                                const VerifyProgress& progress = {});

// The pass itself, for callers that walk entries their own way.
class LogVerifier {
 public:
  LogVerifier();
  ~LogVerifier();
  LogVerifier(LogVerifier&&) noexcept;

  // Takes the next entry, index from 0. False: there is a finding, further entries are not wanted.
  bool take(const event::LoggedEvent& logged, bool body_included = true);
  // After the last entry: checks the tree against the note.
  LogReport finish(std::string_view note, const LogExpectation& expectation);

 private:
  struct State;
  std::unique_ptr<State> state_;
};
}  // namespace cunji::credential
