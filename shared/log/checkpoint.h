#pragma once
// Checkpoints as C2SP tlog-checkpoint and signed-note write them: origin, size and root in three
// lines, an empty line, then signature lines. What an event has "seen" is the SHA-256 of the text
// before the signatures, which anyone can rebuild from the log itself (D5, D8).
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"
#include "shared/event/header.h"

namespace cunji::log {
struct Checkpoint {
  std::string origin;  // "<name>/<county>/<generation>", also the note's key name.
  std::uint64_t size = 0;
  Digest root;
  bool operator==(const Checkpoint&) const = default;
};

inline constexpr std::size_t kNoteBytesMax = 16'384;  // Origin, two lines, some dozen witnesses.
inline constexpr std::size_t kOriginBytesMax = 200;

std::string text_of(const Checkpoint& checkpoint);  // Three lines, each newline-terminated.
event::Seen seen_of(const Checkpoint& checkpoint);  // Size and SHA-256 of the text.

// First four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key), as signed-note says.
std::uint32_t key_id(std::string_view name, const PublicKey& key);
// "<name>+<hex id>+<base64(0x01 ‖ key)>", what strangers' verifiers take.
std::string verifier_key(std::string_view name, const PublicKey& key);

// The signed note. Key name = origin, which check_origin() must have passed.
std::string sign_checkpoint(const Checkpoint& checkpoint, const crypto::KeyPair& log_key);
// Whether `origin` can name a log and its key. Errc::Malformed otherwise.
Result<void> check_origin(std::string_view origin);

// Checks form, origin and the log key's signature; other signatures (witnesses) are let be.
// Errc::Malformed, or Errc::Forged without a valid signature of `log_key`.
Result<Checkpoint> open_checkpoint(std::string_view note, std::string_view origin,
                                   const PublicKey& log_key);
}  // namespace cunji::log
