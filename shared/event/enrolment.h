#pragma once
// The enrolment request (D4): a statement signed by a new key, whose digest the key's first event
// names as its predecessor and the county's credential names too. So work goes on offline before
// the credential arrives. 281 bytes: suite 1 | root digest 32 | key 32 | predecessor's key 32,
// sequence 8, digest 32 (or zeros) | nonce 16 | padding-free, then the new key's signature 64 and
// the old key's 64 (zeros without a predecessor, or where the old key is gone).
#include <string>

#include "shared/base/entropy.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"

namespace cunji::event {
struct EnrolmentRequest {
  Digest root_digest;  // SHA-256 of the county's root public key: binds the request to a county.
  PublicKey key;
  // The chain that this key goes on from after a fork or a broken chain; zeros without one.
  PublicKey predecessor;
  std::uint64_t predecessor_sequence = 0;
  Digest predecessor_digest;
  Salt nonce;
  bool succeeds() const { return !predecessor.is_zero(); }
  bool operator==(const EnrolmentRequest&) const = default;
};

// Signed by `key` (its author must be request.key) and, for a succession, by `old_key` if it is
// still there.
Bytes sign_request(const EnrolmentRequest& request, const crypto::KeyPair& key,
                   const crypto::KeyPair* old_key = nullptr);
// Errc::Malformed for size, suite, half a predecessor; Errc::Forged for a signature that does not
// verify (the old key's is checked where it is not zero; succession without it is the county's to
// judge).
Result<EnrolmentRequest> open_request(BytesView bytes);
// SHA-256 of the 281 bytes: `previous` of the key's first event.
Digest request_digest(BytesView bytes);
// Eight decimal digits that a registrar compares on both screens: the first eight bytes of the
// request's digest as a big-endian number, modulo 10^8.
std::string comparison_digits(BytesView bytes);
}  // namespace cunji::event
