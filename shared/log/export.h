#pragma once
// A whole log in one stream of bytes (protocol/README.md, "Log export"), for auditors and
// strangers' verifiers: magic, the signed checkpoint note, then every entry under it with its body.
// Neither side holds more than one entry in memory. Whoever reads one trusts nothing in it: see
// credential/verify_log.h.
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "shared/event/entry.h"
#include "shared/log/event_log.h"

namespace cunji::log {
inline constexpr BytesView kExportMagic = "cunji/export/v1\n";

// Takes the next bytes; an error ends the writing and is returned.
using ByteSink = std::function<Result<void>(BytesView)>;
// Fills `out` from the front and gives how many bytes it put there; 0 at the end.
using ByteSource = std::function<Result<std::size_t>(std::span<char> out)>;

struct ExportOptions {
  bool bodies = true;  // False: only those that needs_body() names.
};
// Whether verdicts rest on the event's body: governance, and endorsements in the county's division,
// among which are those of a second person (D19). Such bodies are public (D2), always exported.
bool needs_body(const event::Header& header);
bool needs_body(std::uint16_t kind, const DivisionCode& division);

// Writes the first `size` entries, where `size` is that of the checkpoint in `note` (not looked
// at). Errc::Corrupt when the log has fewer, Errc::Limit for a note above kNoteBytesMax.
Result<void> write_export(const EventLog& log, std::string_view note, std::uint64_t size,
                          const ExportOptions& options, const ByteSink& sink);

// An entry as an export holds it.
struct ExportedEntry {
  event::LoggedEvent logged;
  bool body_included = true;  // False: the export was written without it; `body` says nothing.
};

class ExportReader {
 public:
  // Reads up to the first entry. Errc::Malformed for another magic or a cut, Errc::Limit for a note
  // or a number of entries beyond the limits, and whatever `source` gives.
  static Result<ExportReader> open(ByteSource source);

  const std::string& note() const { return note_; }  // Not verified.
  std::uint64_t size() const { return size_; }       // Entries, as the export says.
  // The next entry, indexes from 0; nothing after the last. Errc::Malformed with the index for an
  // entry or body that does not decode, a cut, or bytes after the last entry.
  Result<std::optional<ExportedEntry>> next();

 private:
  explicit ExportReader(ByteSource source) : source_(std::move(source)) {}
  Result<Bytes> read(std::size_t bytes, const std::string& what);

  ByteSource source_;
  std::string note_;
  std::uint64_t size_ = 0, next_ = 0;
};

// Reads from bytes in memory, which outlive the source.
ByteSource source_of(BytesView bytes);
}  // namespace cunji::log
