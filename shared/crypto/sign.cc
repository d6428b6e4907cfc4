#include "shared/crypto/sign.h"

#include <sodium.h>

namespace cunji::crypto {
KeyPair KeyPair::generate(Entropy& entropy) {
  Seed seed = entropy.next<Seed>();
  KeyPair out = from_seed(seed);
  sodium_memzero(seed.data(), Seed::kSize);
  return out;
}

KeyPair KeyPair::from_seed(const Seed& seed) {
  KeyPair out;
  out.seed_ = seed;
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
  crypto_sign_seed_keypair(out.public_.data(), secret, seed.data());
  sodium_memzero(secret, sizeof secret);
  return out;
}

KeyPair::~KeyPair() { sodium_memzero(seed_.data(), Seed::kSize); }

Signature KeyPair::sign(BytesView message) const {
  // libsodium's secret key is seed ‖ public key.
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
  std::copy(seed_.bytes.begin(), seed_.bytes.end(), secret);
  std::copy(public_.bytes.begin(), public_.bytes.end(), secret + Seed::kSize);
  Signature out;
  crypto_sign_detached(out.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), secret);
  sodium_memzero(secret, sizeof secret);
  return out;
}

bool verify(const PublicKey& key, BytesView message, const Signature& signature) {
  return crypto_sign_verify_detached(signature.data(),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}
}  // namespace cunji::crypto
