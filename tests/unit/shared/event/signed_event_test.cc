#include "shared/event/signed_event.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
TEST(SignedEvent, SignsLabelAndHeader) {
  const crypto::KeyPair key = key_of(1);
  const SignedEvent event = SignedEvent::sign(valid_header(key), key);
  const Bytes bytes = event.encode();
  ASSERT_EQ(bytes.size(), kSignedHeaderBytes);
  EXPECT_EQ(event.digest(), crypto::sha256(bytes));
  EXPECT_TRUE(event.verify());
  const Signature signature = Signature::from(bytes.substr(kHeaderBytes)).value();
  EXPECT_TRUE(crypto::verify(key.public_key(), "cunji/event/v1\n" + bytes.substr(0, kHeaderBytes),
                             signature));
}

TEST(SignedEvent, KeepsTheBytesAsReceived) {
  const crypto::KeyPair key = key_of(1);
  const Bytes bytes = SignedEvent::sign(valid_header(key), key).encode();
  const auto decoded = SignedEvent::decode(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->encode(), bytes);
  EXPECT_EQ(decoded->header(), valid_header(key));
  EXPECT_FALSE(SignedEvent::decode(bytes.substr(1)));
  EXPECT_EQ(SignedEvent::decode(bytes + 'x').error().what, "signed event: size");
}

TEST(SignedEvent, DoesNotVerifyOnceAnyByteIsChanged) {
  const crypto::KeyPair key = key_of(1);
  const Bytes bytes = SignedEvent::sign(valid_header(key), key).encode();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto event = SignedEvent::decode(changed);
    EXPECT_FALSE(event && event->verify()) << "byte " << i;
  }
}

TEST(SignedEvent, IsNotOfAnotherLabelOrKey) {
  const crypto::KeyPair key = key_of(1);
  const HeaderBytes header = encode(valid_header(key));
  const auto forged = [&](const crypto::KeyPair& signer, const Bytes& label) {
    return SignedEvent::decode(header.str().append(signer.sign(label + header.str()).view()))
        .value();
  };
  EXPECT_TRUE(forged(key, "cunji/event/v1\n").verify());
  EXPECT_FALSE(forged(key, "").verify());
  EXPECT_FALSE(forged(key, "cunji/session/v1\n").verify());
  EXPECT_FALSE(forged(key, "cunji/event/v1").verify());
  EXPECT_FALSE(forged(key_of(2), "cunji/event/v1\n").verify());
}
}  // namespace cunji::event
