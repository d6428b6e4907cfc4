#include "shared/crypto/box.h"

#include <sodium.h>

namespace cunji::crypto {
static_assert(kSealOverheadBytes == crypto_box_SEALBYTES);
static_assert(BoxPublic::kSize == crypto_box_PUBLICKEYBYTES);
static_assert(BoxSecret::kSize == crypto_box_SECRETKEYBYTES);

static unsigned char* out_of(Bytes& v) { return reinterpret_cast<unsigned char*>(v.data()); }
static const unsigned char* in(BytesView v) {
  return reinterpret_cast<const unsigned char*>(v.data());
}

// crypto_box_seal takes its ephemeral key from the system's generator; the core takes its Entropy
// (D11), so the same steps stand here. open_box is libsodium's own, and the test holds both
// together.
Result<Bytes> seal_box(const BoxPublic& reader, BytesView message, Entropy& entropy) {
  BoxPair ephemeral = generate_box_pair(entropy);
  unsigned char nonce[crypto_box_NONCEBYTES];
  const Bytes keys = ephemeral.public_key.str().append(reader.view());
  crypto_generichash(nonce, sizeof nonce, in(keys), keys.size(), nullptr, 0);
  Bytes sealed(crypto_box_MACBYTES + message.size(), '\0');
  const int failed = crypto_box_easy(out_of(sealed), in(message), message.size(), nonce,
                                     reader.data(), ephemeral.secret_key.data());
  sodium_memzero(ephemeral.secret_key.data(), BoxSecret::kSize);
  if (failed != 0) return Error{Errc::Malformed, "box key is not a valid point"};
  return ephemeral.public_key.str() + sealed;
}

Result<Bytes> open_box(const BoxPair& reader, BytesView sealed) {
  const Error forged{Errc::Forged, "sealed box does not open with this key"};
  if (sealed.size() < kSealOverheadBytes) return forged;
  Bytes out(sealed.size() - kSealOverheadBytes, '\0');
  if (crypto_box_seal_open(out_of(out), in(sealed), sealed.size(), reader.public_key.data(),
                           reader.secret_key.data()) != 0)
    return forged;
  return out;
}
}  // namespace cunji::crypto
