#include "shared/log/export.h"

#include <algorithm>

#include "shared/event/kinds.h"
#include "shared/log/checkpoint.h"

namespace cunji::log {
bool needs_body(const event::Header& header) { return needs_body(header.kind, header.division); }

bool needs_body(std::uint16_t kind, const DivisionCode& division) {
  return event::is_governance(kind) ||
         (kind == static_cast<std::uint16_t>(event::Kind::Endorsement) &&
          division.view().substr(CountyCode::kSize) == "000000");
}

Result<void> write_export(const EventLog& log, std::string_view note, std::uint64_t size,
                          const ExportOptions& options, const ByteSink& sink) {
  if (note.size() > kNoteBytesMax) return Error{Errc::Limit, "export: note is too large"};
  TRY(sink(ByteWriter()
               .raw(kExportMagic)
               .u32(static_cast<std::uint32_t>(note.size()))
               .raw(note)
               .u64(size)
               .take()));
  std::uint64_t written = 0;
  const auto write = [&](const event::LoggedEvent& logged) -> Result<bool> {
    if (written == size) return false;
    Bytes body;
    if (options.bodies || needs_body(logged.entry.event.header()))
      body = event::encode_body(logged.body);
    TRY(sink(ByteWriter(event::kEntryBytes + 4 + body.size())
                 .raw(logged.entry.encode())
                 .u32(static_cast<std::uint32_t>(body.size()))
                 .raw(body)
                 .take()));
    ++written;
    return true;
  };
  if (size > 0) TRY(log.scan(0, write));
  if (written != size)
    return Error{Errc::Corrupt, "export: the log has " + std::to_string(written) + " of the " +
                                    std::to_string(size) + " entries of its checkpoint"};
  return {};
}

Result<Bytes> ExportReader::read(std::size_t bytes, const std::string& what) {
  Bytes out(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    TRY_AS(more, source_(std::span(out).subspan(have)));
    if (more == 0) return Error{Errc::Malformed, "export: ends in " + what};
    CHECK(more <= bytes - have);
    have += more;
  }
  return out;
}

Result<ExportReader> ExportReader::open(ByteSource source) {
  ExportReader out(std::move(source));
  TRY_AS(magic, out.read(kExportMagic.size(), "its first line"));
  if (magic != kExportMagic) return Error{Errc::Malformed, "export: not a log export of version 1"};
  TRY_AS(note_length, out.read(4, "the note's length"));
  const std::uint32_t note_bytes = ByteReader(note_length).u32();
  if (note_bytes > kNoteBytesMax) return Error{Errc::Limit, "export: note is too large"};
  TRY_AS(note, out.read(note_bytes, "the note"));
  out.note_ = std::move(note);
  TRY_AS(count, out.read(8, "the number of entries"));
  out.size_ = ByteReader(count).u64();
  if (out.size_ > event::kSequenceMax) return Error{Errc::Limit, "export: number of entries"};
  return out;
}

Result<std::optional<ExportedEntry>> ExportReader::next() {
  if (next_ == size_) {
    char more = 0;
    TRY_AS(left, source_(std::span(&more, 1)));
    if (left != 0) return Error{Errc::Malformed, "export: bytes after the last entry"};
    return std::optional<ExportedEntry>();
  }
  const std::string at = "entry " + std::to_string(next_);
  TRY_AS(bytes, read(event::kEntryBytes + 4, at));
  const auto entry = event::decode_entry(BytesView(bytes).substr(0, event::kEntryBytes));
  if (!entry) return Error{entry.error().code, "export: " + at + ": " + entry.error().what};
  const std::uint32_t body_bytes = ByteReader(BytesView(bytes).substr(event::kEntryBytes)).u32();
  if (body_bytes > event::kEncodedBodyBytesMax)
    return Error{Errc::Malformed, "export: " + at + ": body length"};
  ExportedEntry out{.logged = {.index = next_, .entry = *entry, .body = {}},
                    .body_included = body_bytes > 0};
  if (out.body_included) {
    TRY_AS(encoded, read(body_bytes, at));
    auto body = event::decode_body(encoded);
    if (!body) return Error{body.error().code, "export: " + at + ": " + body.error().what};
    out.logged.body = std::move(*body);
  }
  ++next_;
  return std::optional(std::move(out));
}

ByteSource source_of(BytesView bytes) {
  return [bytes](std::span<char> out) mutable -> Result<std::size_t> {
    const std::size_t n = std::min(out.size(), bytes.size());
    std::copy_n(bytes.begin(), n, out.begin());
    bytes.remove_prefix(n);
    return n;
  };
}
}  // namespace cunji::log
