#pragma once
// A header with its signature, kept as received (D3): 257 bytes, decoded once.
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"
#include "shared/event/header.h"

namespace cunji::event {
class SignedEvent {
 public:
  // Takes 257 bytes: header ‖ signature. Errc::Malformed as decode_header says. The signature is
  // not looked at: verify() does.
  static Result<SignedEvent> decode(BytesView bytes);
  // Signs the header, which must be valid and whose author must be the key.
  static SignedEvent sign(const Header& header, const crypto::KeyPair& key);

  const Header& header() const { return header_; }
  const HeaderBytes& header_bytes() const { return header_bytes_; }
  const Signature& signature() const { return signature_; }
  // SHA-256(header ‖ signature): what the next event names as `previous`.
  const Digest& digest() const { return digest_; }
  Bytes encode() const;

  // Whether the author's key signed exactly these header bytes. 40 µs; callers do it once.
  bool verify() const;
  bool operator==(const SignedEvent& other) const { return digest_ == other.digest_; }

 private:
  SignedEvent() = default;
  HeaderBytes header_bytes_;
  Signature signature_;
  Header header_;
  Digest digest_;
};
}  // namespace cunji::event
