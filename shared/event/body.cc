#include "shared/event/body.h"

#include "shared/crypto/hash.h"
#include "shared/event/entry_view.h"

namespace cunji::event {
Result<Bytes> pad_part(BytesView part) {
  if (part.size() >= kPartBytesMax) return Error{Errc::Limit, "part is too large"};
  Bytes out(part);
  out.push_back('\x80');
  out.resize((out.size() + kPartPaddingBytes - 1) / kPartPaddingBytes * kPartPaddingBytes, '\0');
  return out;
}

Result<BytesView> unpad_part(BytesView padded) {
  const std::size_t mark = padded.find_last_not_of('\0');
  const bool sound = !padded.empty() && padded.size() % kPartPaddingBytes == 0 &&
                     mark != BytesView::npos && padded[mark] == '\x80' &&
                     padded.size() - mark <= kPartPaddingBytes;
  if (!sound) return Error{Errc::Malformed, "part padding"};
  return padded.substr(0, mark);
}

Salt part_salt(const Salt& salt, std::uint8_t number) {
  const Digest mac =
      crypto::hmac_sha256(salt.view(), {BytesView(reinterpret_cast<const char*>(&number), 1)});
  return Salt::from(mac.view().substr(0, Salt::kSize)).value();
}

Digest part_commitment(const Salt& part_salt, BytesView padded) {
  return crypto::sha256({part_salt.view(), padded});
}

Digest body_commitment(std::span<const Digest> commitments) {
  ByteWriter out(1 + commitments.size() * Digest::kSize);
  out.u8(static_cast<std::uint8_t>(commitments.size()));
  for (const Digest& c : commitments) out.raw(c.view());
  return crypto::sha256(out.take());
}

bool Body::whole() const {
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const PartSlot& part) {
    return part.state == PartState::Present;
  });
}

bool Body::lost() const {
  return std::all_of(parts.begin(), parts.end(),
                     [](const PartSlot& part) { return part.state == PartState::Lost; });
}

Result<Body> make_body(const Salt& salt, std::vector<Bytes> padded_parts) {
  if (padded_parts.empty() || padded_parts.size() > kPartsMax)
    return Error{Errc::Limit, "a body has 1 to 32 parts"};
  Body out{.salt = salt, .parts = {}};
  std::size_t length = 0;
  for (Bytes& padded : padded_parts) {
    TRY(unpad_part(padded));
    if (padded.size() > kPartBytesMax) return Error{Errc::Limit, "part is too large"};
    length += padded.size();
    PartSlot slot;
    slot.salt = part_salt(salt, static_cast<std::uint8_t>(out.parts.size() + 1));
    slot.commitment = part_commitment(slot.salt, padded);
    slot.padded = std::move(padded);
    out.parts.push_back(std::move(slot));
  }
  if (length > kBodyBytesMax) return Error{Errc::Limit, "body is too large"};
  return out;
}

static Result<std::size_t> check_part(const Body& body, std::size_t index) {
  const PartSlot& slot = body.parts[index];
  const std::string at = "part " + std::to_string(index + 1);
  if (slot.state != PartState::Present) {
    if (!slot.padded.empty()) return Error{Errc::Malformed, at + ": bytes, though not present"};
    return std::size_t{0};
  }
  if (slot.padded.size() > kPartBytesMax) return Error{Errc::Limit, at + " is too large"};
  if (!unpad_part(slot.padded)) return Error{Errc::Malformed, at + ": padding"};
  const Salt derived =
      body.salt ? part_salt(*body.salt, static_cast<std::uint8_t>(index + 1)) : slot.salt;
  if (derived != slot.salt || part_commitment(slot.salt, slot.padded) != slot.commitment)
    return Error{Errc::Forged, at + ": does not match its commitment"};
  return slot.padded.size();
}

Result<void> check_body(const Header& header, const Body& body) {
  if (body.parts.empty()) return {};
  if (body.parts.size() > kPartsMax) return Error{Errc::Limit, "a body has 1 to 32 parts"};
  if (body.salt && !body.whole()) return Error{Errc::Malformed, "salt of a body that is not whole"};
  std::size_t length = 0;
  std::vector<Digest> commitments;
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    TRY_AS(part_length, check_part(body, i));
    length += part_length;
    commitments.push_back(body.parts[i].commitment);
  }
  if (body_commitment(commitments) != header.commitment)
    return Error{Errc::Forged, "body does not match the header's commitment"};
  if (body.whole() ? length != header.body_length : length >= header.body_length)
    return Error{Errc::Malformed, "body length"};
  return {};
}

PartSet parts_in(const Body& body, PartState state) {
  PartSet out;
  for (std::size_t i = 0; i < body.parts.size(); ++i) out[i] = body.parts[i].state == state;
  return out;
}

bool erase_parts(Body& body, const PartSet& parts) {
  bool erased = false;
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    PartSlot& slot = body.parts[i];
    const bool is_held = slot.state == PartState::Present || slot.state == PartState::Withheld;
    if (!parts[i] || !is_held) continue;
    slot = {.state = PartState::Erased, .salt = {}, .padded = {}, .commitment = slot.commitment};
    erased = true;
  }
  if (erased) body.salt.reset();
  return erased;
}

// n | whole 1 (then salt 16) | per part: state 1, then present: [salt 16] length 4, bytes;
// otherwise: commitment 32. `whole` leaves the derivable salts out.
Bytes encode_body(const Body& body) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(body.parts.size())).u8(body.salt ? 1 : 0);
  if (body.salt) out.raw(body.salt->view());
  for (const PartSlot& slot : body.parts) {
    out.u8(static_cast<std::uint8_t>(slot.state));
    if (slot.state != PartState::Present) {
      out.raw(slot.commitment.view());
      continue;
    }
    if (!body.salt) out.raw(slot.salt.view());
    out.u32(static_cast<std::uint32_t>(slot.padded.size())).raw(slot.padded);
  }
  return out.take();
}

Result<Body> decode_body(BytesView bytes) {
  BodyView view;
  TRY(view_body(bytes, view));
  Body out{.salt = view.salt, .parts = {}};
  for (const PartView& part : view.parts) {
    PartSlot slot;
    slot.state = part.state;
    if (part.state == PartState::Present) {
      const auto number = static_cast<std::uint8_t>(out.parts.size() + 1);
      slot.salt = out.salt ? part_salt(*out.salt, number) : *Salt::from(part.salt);
      slot.padded = Bytes(part.padded);
      slot.commitment = part_commitment(slot.salt, slot.padded);
    } else {
      slot.commitment = *Digest::from(part.commitment);
    }
    out.parts.push_back(std::move(slot));
  }
  return out;
}
}  // namespace cunji::event
