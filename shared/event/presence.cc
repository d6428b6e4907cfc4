#include "shared/event/presence.h"

#include "shared/event/body.h"
#include "shared/event/limits.h"

namespace cunji::event {
namespace {
// As the structure of UTF-8 is in RFC 3629, section 4: what protobuf wants of a string.
bool is_utf8(BytesView text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
  };
  const auto is_tail = [&](std::size_t at) { return (byte(at) & 0xc0) == 0x80; };
  for (std::size_t at = 0; at < text.size();) {
    const std::uint8_t lead = byte(at);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const std::uint8_t next = byte(at + 1);
    if (!is_tail(at + 1) || lead < 0xc2 || lead > 0xf4) return false;
    if (lead < 0xe0) {
      at += 2;
    } else if (lead < 0xf0) {
      if (!is_tail(at + 2) || (lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f))
        return false;
      at += 3;
    } else {
      if (!is_tail(at + 2) || !is_tail(at + 3) || (lead == 0xf0 && next < 0x90) ||
          (lead == 0xf4 && next > 0x8f))
        return false;
      at += 4;
    }
  }
  return true;
}

// Protobuf fields in ascending order. ok() is false for good once anything is unusual.
class Fields {
 public:
  explicit Fields(BytesView in) : in_(in) {}
  bool ok() const { return ok_; }

  // The next field's number; 0 at the end or where something is wrong.
  std::uint32_t next() {
    if (!ok_ || in_.empty()) return 0;
    const std::uint64_t tag = varint();
    wire_type_ = static_cast<std::uint32_t>(tag & 7);
    const std::uint64_t number = tag >> 3;
    // A field may only be there again where it is a list; callers say so.
    if (!ok_ || number <= last_ || number > 100) return wrong();
    last_ = static_cast<std::uint32_t>(number);
    return last_;
  }
  void may_come_again() { --last_; }

  std::uint64_t number(std::uint64_t max) {
    if (wire_type_ != 0) return wrong();
    const std::uint64_t out = varint();
    if (out > max) return wrong();
    return out;
  }
  BytesView bytes() {
    if (wire_type_ != 2) return wrong(), BytesView{};
    const std::uint64_t size = varint();
    if (!ok_ || size > in_.size()) return wrong(), BytesView{};
    const BytesView out = in_.substr(0, static_cast<std::size_t>(size));
    in_.remove_prefix(out.size());
    return out;
  }
  void text() {
    const BytesView text = bytes();
    if (text.size() > kTextBytesMax || !is_utf8(text)) wrong();
  }
  std::uint32_t wrong() {
    ok_ = false;
    return 0;
  }

 private:
  // Of at most nine bytes; protobuf would take ten.
  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 9 && i < in_.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(in_[i]);
      out |= std::uint64_t{byte & 0x7fU} << (7 * i);
      if (byte < 0x80) {
        in_.remove_prefix(i + 1);
        return out;
      }
    }
    return wrong();
  }

  BytesView in_;
  bool ok_ = true;
  std::uint32_t wire_type_ = 0, last_ = 0;
};

bool is_place(BytesView bytes) {
  constexpr std::int64_t kLatitudeMax = 900'000'000, kLongitudeMax = 1'800'000'000;
  Fields fields(bytes);
  const auto within = [&](std::int64_t max) {
    const std::uint64_t zigzag = fields.number(UINT32_MAX);
    const auto half = static_cast<std::int64_t>(zigzag >> 1);
    const std::int64_t value = (zigzag & 1) != 0 ? -half - 1 : half;
    if (value < -max || value > max) fields.wrong();
  };
  while (const std::uint32_t field = fields.next()) {
    switch (field) {
      case 1: within(kLatitudeMax); break;
      case 2: within(kLongitudeMax); break;
      case 3: fields.number(UINT32_MAX); break;
      case 4: fields.number(1); break;
      default: fields.wrong();
    }
  }
  return fields.ok();
}

// proto::Visit or proto::CheckIn.
bool read_content(BytesView bytes, bool is_visit, VisitOutcome& outcome) {
  Fields fields(bytes);
  std::size_t met = 0;
  while (const std::uint32_t field = fields.next()) {
    if (!is_visit && field > 3) return false;
    switch (field) {
      case 1:
        outcome = static_cast<VisitOutcome>(
            fields.number(static_cast<std::uint64_t>(VisitOutcome::Ended)));
        break;
      case 2:
        if (!is_place(fields.bytes())) return false;
        break;
      case 3: fields.text(); break;  // Purpose; a check-in's remark.
      case 4:
        fields.text();
        fields.may_come_again();
        if (++met > kListMax) return false;
        break;
      case 5: fields.number(1); break;
      case 6: fields.text(); break;
      default: return false;
    }
  }
  return fields.ok();
}

constexpr std::size_t kVisitForm = 1, kCheckInForm = 2;
static_assert(std::is_same_v<std::variant_alternative_t<kVisitForm, PartContent>, VisitPart> &&
              std::is_same_v<std::variant_alternative_t<kCheckInForm, PartContent>, CheckInPart>);
}  // namespace

bool PresenceGist::is_visit() const { return form == kVisitForm; }

std::optional<PresenceGist> read_presence(BytesView padded) {
  if (padded.size() > kPartBytesMax) return std::nullopt;
  const auto bytes = unpad_part(padded);
  if (!bytes) return std::nullopt;
  PresenceGist out;
  Fields fields(*bytes);
  while (const std::uint32_t field = fields.next()) {
    switch (field) {
      case 1:
      case 2: fields.text(); break;  // Programme, form.
      case 3: fields.number(UINT32_MAX); break;
      case 4: {
        const auto subject = SubjectId::from(fields.bytes());
        if (!subject) return std::nullopt;
        out.subject = *subject;
        break;
      }
      case 5: {
        const std::uint64_t millis = fields.number(kTimeMillisMax);
        if (millis != 0) out.occurred = from_millis(millis);
        break;
      }
      case 8: fields.number(static_cast<std::uint64_t>(Medium::Import)); break;
      case 16:
      case 17:
        if (out.form != 0) return std::nullopt;
        out.form = field == 16 ? kVisitForm : kCheckInForm;
        if (!read_content(fields.bytes(), out.is_visit(), out.outcome)) return std::nullopt;
        break;
      default: return std::nullopt;
    }
  }
  if (!fields.ok() || out.form == 0) return std::nullopt;
  return out;
}
}  // namespace cunji::event
