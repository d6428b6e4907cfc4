#pragma once
// Bytes at rest under a secret key (D16): XChaCha20-Poly1305 with a random nonce, bound to a
// context, so that what was sealed for one place opens in no other. Sealed bytes are
// nonce 24 ‖ ciphertext ‖ authenticator 16. Nonces are random: one key seals any number of
// messages.
#include "shared/base/bytes.h"
#include "shared/base/entropy.h"
#include "shared/base/result.h"

namespace cunji::crypto {
inline constexpr std::size_t kSealedOverheadBytes = 24 + 16;

void wipe(Bytes& secret);  // Overwrites and empties it; for secrets that passed through bytes.

class SealKey {
 public:
  using Raw = FixedBytes<32, struct SealKeyTag>;

  static SealKey generate(Entropy& entropy);
  explicit SealKey(const Raw& raw) : raw_(raw) {}
  SealKey(const SealKey&) = default;
  SealKey& operator=(const SealKey&) = default;
  ~SealKey();  // Wipes the key.

  // A key for one purpose (HKDF-Expand of RFC 5869 with SHA-256, one block): who has it learns
  // neither this key nor those of other purposes.
  SealKey derive(BytesView purpose) const;
  const Raw& raw() const { return raw_; }  // To seal it under another key; never to store it clear.

  // `context` says what the bytes are and where they belong; it is checked, not stored.
  Bytes seal(BytesView plain, BytesView context, Entropy& entropy) const;
  // Errc::Forged when it was not sealed with this key and context, or was altered.
  Result<Bytes> open(BytesView sealed, BytesView context) const;

 private:
  Raw raw_;
};
}  // namespace cunji::crypto
