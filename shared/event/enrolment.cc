#include "shared/event/enrolment.h"

#include "shared/crypto/hash.h"
#include "shared/event/header.h"

namespace cunji::event {
static constexpr BytesView kLabel = "cunji/enrol/v1\n";

static Bytes encode(const EnrolmentRequest& r) {
  return ByteWriter(kEnrolmentRequestBytes)
      .u8(kSuiteEd25519)
      .raw(r.root_digest.view())
      .raw(r.key.view())
      .raw(r.predecessor.view())
      .u64(r.predecessor_sequence)
      .raw(r.predecessor_digest.view())
      .raw(r.nonce.view())
      .take();
}

Bytes sign_request(const EnrolmentRequest& request, const crypto::KeyPair& key,
                   const crypto::KeyPair* old_key) {
  CHECK(request.key == key.public_key());
  CHECK(old_key == nullptr || request.predecessor == old_key->public_key());
  Bytes out = encode(request);
  const Bytes input = Bytes(kLabel) + out;
  out.append(key.sign(input).view());
  out.append((old_key != nullptr ? old_key->sign(input) : Signature{}).view());
  CHECK(out.size() == kEnrolmentRequestBytes);
  return out;
}

Result<EnrolmentRequest> open_request(BytesView bytes) {
  if (bytes.size() != kEnrolmentRequestBytes)
    return Error{Errc::Malformed, "enrolment request: size"};
  ByteReader in(bytes);
  if (in.u8() != kSuiteEd25519) return Error{Errc::Malformed, "enrolment request: suite"};
  EnrolmentRequest out;
  out.root_digest = in.fixed<Digest>();
  out.key = in.fixed<PublicKey>();
  out.predecessor = in.fixed<PublicKey>();
  out.predecessor_sequence = in.u64();
  out.predecessor_digest = in.fixed<Digest>();
  out.nonce = in.fixed<Salt>();
  const auto signature = in.fixed<Signature>();
  const auto old_signature = in.fixed<Signature>();
  CHECK(in.at_end());
  if (out.predecessor_sequence > kSequenceMax)
    return Error{Errc::Malformed, "enrolment request: predecessor's sequence"};
  const bool rest_is_zero =
      out.predecessor_sequence == 0 && out.predecessor_digest.is_zero() && old_signature.is_zero();
  if (!out.succeeds() && !rest_is_zero)
    return Error{Errc::Malformed, "enrolment request: half a predecessor"};
  if (out.predecessor == out.key)
    return Error{Errc::Malformed, "enrolment request: succeeds itself"};
  const Bytes input = Bytes(kLabel) + encode(out);
  if (!crypto::verify(out.key, input, signature))
    return Error{Errc::Forged, "enrolment request: signature of the new key"};
  if (!old_signature.is_zero() && !crypto::verify(out.predecessor, input, old_signature))
    return Error{Errc::Forged, "enrolment request: signature of the old key"};
  return out;
}

Digest request_digest(BytesView bytes) { return crypto::sha256(bytes); }

std::string comparison_digits(BytesView bytes) {
  const Digest digest = request_digest(bytes);
  const std::string number = std::to_string(ByteReader(digest.view()).u64() % 100'000'000);
  return std::string(8 - number.size(), '0') + number;
}
}  // namespace cunji::event
