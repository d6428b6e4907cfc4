#include "shared/log/checkpoint.h"

#include <charconv>
#include <optional>

#include "shared/crypto/hash.h"
#include "shared/event/limits.h"

namespace cunji::log {
static constexpr BytesView kEd25519 = "\x01";               // Signature type of signed-note.
static constexpr std::string_view kDash = "\xe2\x80\x94 ";  // "— ", begins a signature line.
static constexpr std::size_t kKeyIdBytes = 4;

// A key name may hold neither what separates the words of a signature line nor what separates those
// of a verifier key.
static bool is_key_name(std::string_view name) {
  for (const char c : name) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '+' || c == 0x7f) return false;
  }
  return !name.empty() && name.size() <= kOriginBytesMax;
}

Result<void> check_origin(std::string_view origin) {
  if (!is_key_name(origin))
    return Error{Errc::Malformed, "origin: must be 1 to 200 bytes without space, control or +"};
  return {};
}

std::string text_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root.view()) + "\n";
}

event::Seen seen_of(const Checkpoint& checkpoint) {
  return {.size = checkpoint.size, .digest = crypto::sha256(text_of(checkpoint))};
}

static Bytes key_id_bytes(std::string_view name, const PublicKey& key) {
  const Digest digest = crypto::sha256({name, "\n", kEd25519, key.view()});
  return Bytes(digest.view().substr(0, kKeyIdBytes));
}

std::uint32_t key_id(std::string_view name, const PublicKey& key) {
  return ByteReader(key_id_bytes(name, key)).u32();
}

std::string verifier_key(std::string_view name, const PublicKey& key) {
  return std::string(name) + "+" + to_hex(key_id_bytes(name, key)) + "+" +
         to_base64(Bytes(kEd25519).append(key.view()));
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::KeyPair& log_key) {
  CHECK(is_key_name(checkpoint.origin));
  const std::string text = text_of(checkpoint);
  Bytes signature = key_id_bytes(checkpoint.origin, log_key.public_key());
  signature.append(log_key.sign(text).view());
  return text + "\n" + std::string(kDash) + checkpoint.origin + " " + to_base64(signature) + "\n";
}

static Error malformed(const char* what) {
  return Error{Errc::Malformed, std::string("checkpoint: ") + what};
}

// Takes the text up to the next newline off `in`; nothing when there is none.
static std::optional<std::string_view> take_line(std::string_view& in) {
  const std::size_t end = in.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = in.substr(0, end);
  in.remove_prefix(end + 1);
  return line;
}

// Decimal without sign or leading zeros, as tlog-checkpoint wants it.
static std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (!is_digits(text) || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (out > event::kSequenceMax) return std::nullopt;
  return out;
}

// Exactly three lines: tlog-checkpoint would allow more, but then nobody could rebuild the text
// (and so an event's `seen`) from the log alone.
static Result<Checkpoint> parse_text(std::string_view text, std::string_view origin) {
  const auto first = take_line(text), second = take_line(text), third = take_line(text);
  if (!third) return malformed("fewer than three lines");
  if (!text.empty()) return malformed("more than three lines");
  if (*first != origin) return malformed("of another log");
  const auto size = parse_size(*second);
  if (!size) return malformed("size");
  const auto root = from_base64(*third);
  if (!root || root->size() != Digest::kSize) return malformed("root");
  return Checkpoint{.origin = std::string(origin), .size = *size, .root = *Digest::from(*root)};
}

// One line "— name base64(key id ‖ signature)".
struct SignatureLine {
  std::string_view name;
  Bytes key_id, signature;
};
static std::optional<SignatureLine> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return std::nullopt;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return std::nullopt;
  return SignatureLine{line.substr(0, space), bytes->substr(0, kKeyIdBytes),
                       bytes->substr(kKeyIdBytes)};
}

Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   const PublicKey& log_key) {
  TRY(check_origin(origin));
  if (note.size() > kNoteBytesMax) return malformed("note too large");
  const std::size_t blank = note.find("\n\n");
  if (blank == std::string_view::npos) return malformed("no signatures");
  const std::string_view text = note.substr(0, blank + 1);
  TRY_AS(checkpoint, parse_text(text, origin));

  std::string_view lines = note.substr(blank + 2);
  if (lines.empty()) return malformed("no signatures");
  const Bytes id = key_id_bytes(origin, log_key);
  bool valid = false;
  while (!lines.empty()) {
    const auto line = take_line(lines);
    const auto signature = line ? parse_signature(*line) : std::nullopt;
    if (!signature) return malformed("signature line");
    if (signature->name != origin || signature->key_id != id)
      continue;  // A witness, or an old key.
    const auto bytes = Signature::from(signature->signature);
    if (!bytes || !crypto::verify(log_key, text, *bytes))
      return Error{Errc::Forged, "checkpoint: the log key's signature does not verify"};
    valid = true;
  }
  if (!valid) return Error{Errc::Forged, "checkpoint: not signed by the log key"};
  return checkpoint;
}
}  // namespace cunji::log
