#pragma once
// The signed header of an event: 193 bytes, fixed layout, names nobody (D2, design section 4).
#include <array>
#include <cstdint>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/event/limits.h"

namespace cunji::event {
inline constexpr std::uint8_t kSuiteEd25519 = 1;  // Ed25519 with SHA-256.

// The newest checkpoint a node knew when it signed (D5): tree size, SHA-256 of the note's text.
struct Seen {
  std::uint64_t size = 0;
  Digest digest;
  bool operator==(const Seen&) const = default;
};

struct Header {
  CountyCode county;
  PublicKey author;
  std::uint64_t sequence = 0;  // From 1.
  Digest previous;             // Of the event before, or of the enrolment request.
  Seen seen;
  TimePoint recorded{};  // The device's wall clock, never adjusted.
  DivisionCode division;
  SubjectId subject;  // Zero where there is none.
  std::uint16_t kind = 0;
  std::uint32_t body_length = 0;  // Of all padded parts together.
  Digest commitment;
  bool operator==(const Header&) const = default;
};

using HeaderBytes = FixedBytes<kHeaderBytes, struct HeaderTag>;

HeaderBytes encode(const Header& header);

// Strict: Errc::Malformed with the field's name for a wrong size or suite, digits that are none, a
// division outside the county, a governance kind outside the county's own division, sequence 0 or
// beyond kSequenceMax, a time beyond the year 9999, a body length that no parts can have, seen size
// 0 in anything but a founding event, or with a digest. An unknown kind is fine: it is stored and
// has no effect.
Result<Header> decode_header(BytesView bytes);
}  // namespace cunji::event
