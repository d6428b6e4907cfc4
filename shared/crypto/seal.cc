#include "shared/crypto/seal.h"

#include <sodium.h>

#include "shared/crypto/hash.h"

namespace cunji::crypto {
using Nonce = FixedBytes<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, struct SealNonceTag>;

static_assert(SealKey::Raw::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kSealedOverheadBytes == Nonce::kSize + crypto_aead_xchacha20poly1305_ietf_ABYTES);

static unsigned char* out_of(Bytes& v) { return reinterpret_cast<unsigned char*>(v.data()); }
static const unsigned char* in(BytesView v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

void wipe(Bytes& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

SealKey SealKey::generate(Entropy& entropy) {
  Raw raw = entropy.next<Raw>();
  SealKey out(raw);
  sodium_memzero(raw.data(), Raw::kSize);
  return out;
}

SealKey::~SealKey() { sodium_memzero(raw_.data(), Raw::kSize); }

SealKey SealKey::derive(BytesView purpose) const {
  Raw raw;
  Digest block = hmac_sha256(raw_.view(), {purpose, BytesView("\x01", 1)});
  raw.bytes = block.bytes;
  SealKey out(raw);
  sodium_memzero(raw.data(), Raw::kSize);
  sodium_memzero(block.data(), Digest::kSize);
  return out;
}

Bytes SealKey::seal(BytesView plain, BytesView context, Entropy& entropy) const {
  const Nonce nonce = entropy.next<Nonce>();
  Bytes cipher(plain.size() + kSealedOverheadBytes - Nonce::kSize, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(out_of(cipher), nullptr, in(plain), plain.size(),
                                             in(context), context.size(), nullptr, nonce.data(),
                                             raw_.data());
  return nonce.str() + cipher;
}

Result<Bytes> SealKey::open(BytesView sealed, BytesView context) const {
  const Error forged{Errc::Forged, "sealed bytes do not open with this key"};
  if (sealed.size() < kSealedOverheadBytes) return forged;
  const BytesView cipher = sealed.substr(Nonce::kSize);
  Bytes out(sealed.size() - kSealedOverheadBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out_of(out), nullptr, nullptr, in(cipher),
                                                 cipher.size(), in(context), context.size(),
                                                 in(sealed), raw_.data()) != 0)
    return forged;
  return out;
}
}  // namespace cunji::crypto
