#pragma once
// The body of an event: 1 to 32 padded parts, each with a commitment of its own, so that one part
// can be shown, withheld or erased and every proof still holds (D2).
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/event/header.h"
#include "shared/event/limits.h"

namespace cunji::event {
// Appends 0x80, then zeros up to a multiple of 16 bytes; a part of protobuf bytes becomes a padded
// part. Errc::Limit when the result is larger than kPartBytesMax.
Result<Bytes> pad_part(BytesView part);
// The view without its padding. Errc::Malformed where there is none.
Result<BytesView> unpad_part(BytesView padded);

// The salt of part `number` (from 1): HMAC-SHA-256(salt, number)[0..16).
Salt part_salt(const Salt& salt, std::uint8_t number);
// SHA-256(part salt ‖ padded part).
Digest part_commitment(const Salt& part_salt, BytesView padded);
// SHA-256(n ‖ c_1 ‖ … ‖ c_n).
Digest body_commitment(std::span<const Digest> commitments);

enum class PartState : std::uint8_t {
  Present = 0,   // Bytes and salt are here.
  Withheld = 1,  // Its reader may not see it: commitment only.
  Erased = 2,    // Erased by law (D20): commitment only.
  Lost = 3,      // Damaged on the author's device: commitment only.
};

// Parts of a body by number: bit k - 1 stands for part k.
using PartSet = std::bitset<kPartsMax>;

struct PartSlot {
  PartState state = PartState::Present;
  Salt salt;          // The part's own; Present only.
  Bytes padded;       // Present only.
  Digest commitment;  // Always.
  bool operator==(const PartSlot&) const = default;
};

struct Body {
  // The salt all part salts come from; only where every part is present.
  std::optional<Salt> salt;
  // Empty when the whole body was lost on the device and not even commitments are left.
  std::vector<PartSlot> parts;

  bool whole() const;  // Every part is present.
  bool lost() const;   // No part is left to anyone: the verdict is then "accepted, body lost" (D7).
  bool operator==(const Body&) const = default;
};

// A whole body from padded parts. Errc::Limit for no part, too many, too large.
Result<Body> make_body(const Salt& salt, std::vector<Bytes> padded_parts);

// Whether `body` is what `header` commits to: every present part hashes to its commitment, all
// commitments to the header's, lengths add up. Errc::Forged or Errc::Malformed with the position.
// An empty (lost) body passes.
Result<void> check_body(const Header& header, const Body& body);

// The parts that are in this state.
PartSet parts_in(const Body& body, PartState state);
// Deletes content and salt of the parts named, of which commitments stay. The body's own salt goes,
// since any part could be guessed with it: what is left keeps salts of its own. Lost parts stay
// lost, since the verdict rests on them; parts that the body does not have are passed over. Whether
// anything was deleted.
bool erase_parts(Body& body, const PartSet& parts);

// A body in bytes, for stores, exports and vectors (protocol/README.md, "Body"). Not signed.
Bytes encode_body(const Body& body);
Result<Body> decode_body(BytesView bytes);
}  // namespace cunji::event
