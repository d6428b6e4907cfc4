#pragma once
// Ed25519 (RFC 8032) as libsodium does it: deterministic signatures; verification refuses
// non-canonical encodings and keys of small order.
#include "shared/base/bytes.h"
#include "shared/base/entropy.h"
#include "shared/base/ids.h"

namespace cunji::crypto {
using Seed = FixedBytes<32, struct SeedTag>;  // The private key of RFC 8032; whoever has it signs.

// A signing key. Its secret half is wiped from memory when it goes.
class KeyPair {
 public:
  static KeyPair generate(Entropy& entropy);
  static KeyPair from_seed(const Seed& seed);
  KeyPair(const KeyPair&) = default;
  KeyPair& operator=(const KeyPair&) = default;
  ~KeyPair();

  const PublicKey& public_key() const { return public_; }
  const Seed& seed() const { return seed_; }  // To store it sealed; never to send it.
  Signature sign(BytesView message) const;

 private:
  KeyPair() = default;
  Seed seed_;
  PublicKey public_;
};

bool verify(const PublicKey& key, BytesView message, const Signature& signature);
}  // namespace cunji::crypto
