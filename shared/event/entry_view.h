#pragma once
// Bodies and entries read in place: what scans and the fold need, without a copy of each part, its
// salt worked out and its commitment hashed.
#include <optional>
#include <span>
#include <vector>

#include "shared/event/entry.h"
#include "shared/event/parts.h"

namespace cunji::event {
// One part within the bytes of a body.
struct PartView {
  PartState state = PartState::Present;
  BytesView padded{};      // Present only.
  BytesView salt{};        // Present, and the body has no salt that all come from.
  BytesView commitment{};  // All but Present.
};

struct BodyView {
  std::optional<Salt> salt{};
  std::vector<PartView> parts{};
};

// Reads bytes as encode_body writes them; `out`, whose memory is used again, holds views into them.
// Errc::Malformed as decode_body says.
Result<void> view_body(BytesView bytes, BodyView& out);

// An entry in the log, for as long as what it looks at lives.
struct EntryView {
  std::uint64_t index = 0;
  const Entry& entry;
  std::span<const PartView> body;
};
// Of an entry at hand: its padded parts and their states only, in `parts`.
EntryView view_of(const LoggedEvent& logged, std::vector<PartView>& parts);
void view_parts(const Body& body, std::vector<PartView>& parts);

// The parts that are in this state.
PartSet parts_in(std::span<const PartView> parts, PartState state);

// As first_content of a Body.
template <class Content>
std::optional<Content> first_content(std::span<const PartView> parts) {
  if (parts.empty() || parts[0].state != PartState::Present) return std::nullopt;
  auto part = parse_part(parts[0].padded);
  if (!part) return std::nullopt;
  auto* content = std::get_if<Content>(&part->content);
  if (content == nullptr) return std::nullopt;
  return std::move(*content);
}
}  // namespace cunji::event
