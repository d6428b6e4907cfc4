#pragma once
// The proof of possession that opens a reading session (D18; protocol/README.md, "Reading
// session"): people log in with their key. The server gives a challenge, the client signs it
// together with the address that it believes to speak to, so that another site which passes a
// challenge on gets a proof that is good for itself only.
#include <cstddef>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"

namespace cunji::credential {
using ReadNonce = FixedBytes<32, struct ReadNonceTag>;

// A DNS name is at most 253 bytes; scheme and port come to it.
inline constexpr std::size_t kOriginTextBytesMax = 280;

// "https://county.example:8443": scheme http or https, host in lower case (an IPv6 address in its
// brackets), port always written, nothing after it. Errc::Malformed otherwise.
Result<void> check_web_origin(std::string_view origin);

// "cunji/read/v1\n" ‖ u16 length of origin ‖ origin ‖ nonce ‖ key.
Bytes read_signing_input(std::string_view origin, const ReadNonce& nonce, const PublicKey& key);
// Errc::Malformed as check_web_origin().
Result<Signature> sign_read_proof(const crypto::KeyPair& key, std::string_view origin,
                                  const ReadNonce& nonce);
bool verify_read_proof(const PublicKey& key, std::string_view origin, const ReadNonce& nonce,
                       const Signature& signature);
}  // namespace cunji::credential
