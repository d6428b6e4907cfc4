#include "shared/crypto/sign.h"

#include <gtest/gtest.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
static KeyPair rfc_key() {  // RFC 8032 section 7.1, test 2.
  return KeyPair::from_seed(
      Seed::from(*from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
          .value());
}

TEST(Sign, GivesTheSignatureOfRfc8032) {
  const KeyPair key = rfc_key();
  EXPECT_EQ(to_hex(key.public_key().view()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(to_hex(key.sign("\x72").view()),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Verify, RefusesAnyChangedBit) {
  SeededEntropy entropy(1);
  const KeyPair key = KeyPair::generate(entropy);
  const Bytes message = "message";
  const Signature signature = key.sign(message);
  ASSERT_TRUE(verify(key.public_key(), message, signature));
  for (std::size_t bit = 0; bit < 8 * Signature::kSize; ++bit) {
    Signature changed = signature;
    changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(verify(key.public_key(), message, changed)) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * PublicKey::kSize; ++bit) {
    PublicKey changed = key.public_key();
    changed.bytes[bit / 8] = static_cast<std::uint8_t>(changed.bytes[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(verify(changed, message, signature)) << bit;
  }
  EXPECT_FALSE(verify(key.public_key(), "massage", signature));
  EXPECT_FALSE(verify(key.public_key(), "", signature));
}

TEST(Verify, RefusesKeysUnderWhichAnythingVerifies) {
  // Small-order points: with the zero scalar they would accept any message.
  for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"}) {
    const PublicKey key = PublicKey::from(*from_hex(hex)).value();
    Signature signature{};
    std::copy(key.bytes.begin(), key.bytes.end(), signature.bytes.begin());
    EXPECT_FALSE(verify(key, "anything", signature)) << hex;
  }
}
}  // namespace cunji::crypto
