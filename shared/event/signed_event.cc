#include "shared/event/signed_event.h"

#include "shared/crypto/hash.h"

namespace cunji::event {
static constexpr BytesView kLabel = "cunji/event/v1\n";

static Bytes signing_input(const HeaderBytes& header) {
  return Bytes(kLabel).append(header.view());
}

Result<SignedEvent> SignedEvent::decode(BytesView bytes) {
  if (bytes.size() != kSignedHeaderBytes) return Error{Errc::Malformed, "signed event: size"};
  TRY_AS(header, decode_header(bytes.substr(0, kHeaderBytes)));
  SignedEvent out;
  ByteReader in(bytes);
  out.header_bytes_ = in.fixed<HeaderBytes>();
  out.signature_ = in.fixed<Signature>();
  out.header_ = header;
  out.digest_ = crypto::sha256(bytes);
  return out;
}

SignedEvent SignedEvent::sign(const Header& header, const crypto::KeyPair& key) {
  CHECK(header.author == key.public_key());
  const HeaderBytes bytes = event::encode(header);
  const Signature signature = key.sign(signing_input(bytes));
  return decode(bytes.str().append(signature.view())).value();
}

Bytes SignedEvent::encode() const { return header_bytes_.str().append(signature_.view()); }

bool SignedEvent::verify() const {
  return crypto::verify(header_.author, signing_input(header_bytes_), signature_);
}
}  // namespace cunji::event
