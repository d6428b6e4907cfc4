#include "shared/sync/wire.h"

#include <vector>

#include "protocol/sync.pb.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
namespace {
const Error kNoMessage{Errc::Malformed, "no protobuf message"};

// Reads the protobuf wire format: tags and lengths, not meanings.
class WireReader {
 public:
  explicit WireReader(BytesView in) : in_(in) {}
  bool at_end() const { return in_.empty(); }

  // The next field with its content (empty for numbers). Groups are not used by this protocol.
  Result<OnlyField> next() {
    TRY_AS(tag, varint());
    const std::uint64_t field = tag >> 3;
    if (field == 0 || field > 536'870'911) return kNoMessage;
    std::uint64_t length = 0;
    switch (tag & 7) {
      case 0: TRY(varint()); break;
      case 1: length = 8; break;
      case 2: {
        TRY_AS(size, varint());
        length = size;
        break;
      }
      case 5: length = 4; break;
      default: return kNoMessage;
    }
    if (length > in_.size()) return kNoMessage;
    const BytesView content = in_.substr(0, static_cast<std::size_t>(length));
    in_.remove_prefix(content.size());
    last_was_content_ = (tag & 7) == 2;
    return OnlyField{static_cast<std::uint32_t>(field), content};
  }
  bool last_was_content() const { return last_was_content_; }

 private:
  Result<std::uint64_t> varint() {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 10 && i < in_.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(in_[i]);
      out |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if ((byte & 0x80) == 0) {
        in_.remove_prefix(i + 1);
        return out;
      }
    }
    return kNoMessage;
  }

  BytesView in_;
  bool last_was_content_ = false;
};
}  // namespace

Result<void> check_counts(BytesView message, std::span<const FieldLimit> limits) {
  std::vector<std::size_t> counts(limits.size());
  WireReader in(message);
  while (!in.at_end()) {
    TRY_AS(field, in.next());
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (limits[i].field == field.field && ++counts[i] > limits[i].count_max)
        return Error{Errc::Limit, "more than " + std::to_string(limits[i].count_max) +
                                      " times field " + std::to_string(field.field)};
    }
  }
  return {};
}

Result<OnlyField> only_field(BytesView message) {
  WireReader in(message);
  TRY_AS(out, in.next());
  if (!in.at_end() || !in.last_was_content()) return kNoMessage;
  return out;
}

std::string reason_line(BytesView text) {
  std::string out(text.substr(0, kReasonBytesMax));
  // A character of several bytes is not cut in the middle.
  if (text.size() > out.size()) {
    while (!out.empty() && (static_cast<std::uint8_t>(out.back()) & 0xc0) == 0x80) out.pop_back();
    if (!out.empty() && (static_cast<std::uint8_t>(out.back()) & 0x80) != 0) out.pop_back();
  }
  for (char& c : out) {
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

void to_proto(const event::LoggedEvent& logged, proto::LoggedEvent& out) {
  out.set_index(logged.index);
  out.set_entry(logged.entry.encode());
  out.set_body(event::encode_body(logged.body));
}

Result<event::LoggedEvent> from_proto(const proto::LoggedEvent& logged) {
  if (logged.index() > event::kSequenceMax) return Error{Errc::Malformed, "logged event: index"};
  TRY_AS(entry, event::decode_entry(logged.entry()));
  TRY_AS(body, event::decode_body(logged.body()));
  TRY(event::check_body(entry.event.header(), body));
  return event::LoggedEvent{logged.index(), entry, std::move(body)};
}
}  // namespace cunji::sync
