#include "shared/credential/read_proof.h"
#include "shared/crypto/hash.h"
#include "tests/vectors/generators.h"

namespace cunji::vectors {
Json read_vectors() {
  const auto nonce = credential::ReadNonce::from(crypto::sha256("challenge").view()).value();
  const crypto::KeyPair key = key_named("coordinator");
  Json out = {{"about", "proofs that open a reading session: Ed25519 by key over signing_input"},
              {"key_seed", hex(key.seed().view())},
              {"key", hex(key.public_key().view())},
              {"nonce", hex(nonce.view())},
              {"proofs", Json::array()},
              {"refused_origins", Json::array()}};
  for (const char* origin :
       {"http://127.0.0.1:8440", "https://county.example:443", "https://[::1]:8443"}) {
    const auto signature = credential::sign_read_proof(key, origin, nonce).value();
    out["proofs"].push_back(
        {{"origin", origin},
         {"signing_input", hex(credential::read_signing_input(origin, nonce, key.public_key()))},
         {"signature", hex(signature.view())}});
  }
  for (const char* origin :
       {"", "county.example:443", "https://county.example", "https://county.example:443/",
        "https://County.example:443", "ftp://county.example:21", "https://:443", "https://a:0443",
        "https://a:65536", "https://a b:443", "https://[]:443", "https://user@a:443",
        "https://a:443\n"})
    out["refused_origins"].push_back(origin);
  return out;
}
}  // namespace cunji::vectors
