#pragma once
// An event as it stands in the county log: 300 bytes, hashed into the tree (D6, design section 4).
#include <cstdint>
#include <optional>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/event/body.h"
#include "shared/event/signed_event.h"

namespace cunji::event {
// What the log says of an event's authority (D7, D8). Never changes once logged.
enum class Verdict : std::uint16_t {
  Accepted = 0,
  AcceptedBodyLost = 1,
  AcceptedChainUnproven = 2,  // Only when a log is rebuilt from nodes' copies.
  NoCredential = 16,
  OutsideValidity = 17,
  OutsideDivision = 18,
  OutsideKind = 19,
  Revoked = 20,
  Frozen = 21,
};
inline bool is_accepted(Verdict verdict) { return static_cast<std::uint16_t>(verdict) < 16; }
std::optional<Verdict> verdict_from(std::uint16_t number);  // Nothing for a number not listed.
std::string_view name_of(Verdict verdict);                  // "no_credential"
std::string_view label_zh_of(Verdict verdict);              // "无有效授权"

inline constexpr std::uint8_t kEntryVersion = 1;

// The place of a signed event in the log.
struct Entry {
  TimePoint received{};  // The county's clock; never decreases along the log.
  Verdict verdict = Verdict::Accepted;
  Digest division_previous;  // Leaf hash of the division's entry before; zero for its first.
  SignedEvent event;

  Bytes encode() const;
  // SHA-256(0x00 ‖ entry), RFC 6962 section 2.1.
  Digest leaf_hash() const;
};

// Errc::Malformed for a wrong size or version, an unknown verdict, a bad time or header.
Result<Entry> decode_entry(BytesView bytes);

// An entry with its index and whatever is held of its body.
struct LoggedEvent {
  std::uint64_t index = 0;
  Entry entry;
  Body body;
};
}  // namespace cunji::event
