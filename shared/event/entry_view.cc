#include "shared/event/entry_view.h"

namespace cunji::event {
Result<void> view_body(BytesView bytes, BodyView& out) {
  const Error bad{Errc::Malformed, "body bytes"};
  ByteReader in(bytes);
  out.salt.reset();
  out.parts.clear();
  const std::size_t count = in.u8();
  const std::uint8_t whole = in.u8();
  if (count > kPartsMax || whole > 1 || (count == 0 && whole != 0)) return bad;
  if (whole != 0) out.salt = in.fixed<Salt>();
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t state = in.u8();
    if (!in.ok() || state > static_cast<std::uint8_t>(PartState::Lost)) return bad;
    PartView& part = out.parts.emplace_back();
    part.state = static_cast<PartState>(state);
    if (part.state != PartState::Present) {
      if (out.salt) return bad;
      part.commitment = in.raw(Digest::kSize);
      continue;
    }
    if (!out.salt) part.salt = in.raw(Salt::kSize);
    const std::uint32_t length = in.u32();
    if (length > kPartBytesMax) return bad;
    part.padded = in.raw(length);
  }
  if (!in.at_end()) return bad;
  return {};
}

void view_parts(const Body& body, std::vector<PartView>& parts) {
  parts.clear();
  for (const PartSlot& slot : body.parts)
    parts.push_back({.state = slot.state, .padded = slot.padded});
}

EntryView view_of(const LoggedEvent& logged, std::vector<PartView>& parts) {
  view_parts(logged.body, parts);
  return {logged.index, logged.entry, parts};
}

PartSet parts_in(std::span<const PartView> parts, PartState state) {
  PartSet out;
  for (std::size_t i = 0; i < parts.size(); ++i) out[i] = parts[i].state == state;
  return out;
}
}  // namespace cunji::event
