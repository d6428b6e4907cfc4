#include "shared/crypto/seal.h"

#include <gtest/gtest.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
namespace {
TEST(SealKey, OpensWithItsKeyAndContextOnly) {
  SeededEntropy entropy(1, "seal");
  const SealKey key = SealKey::generate(entropy), other = SealKey::generate(entropy);
  for (const std::size_t size : {0U, 1U, 1'000U, 100'000U}) {
    const Bytes plain(size, 'p');
    const Bytes sealed = key.seal(plain, "body 7", entropy);
    EXPECT_EQ(sealed.size(), size + kSealedOverheadBytes);
    const auto opened = key.open(sealed, "body 7");
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, plain);
    EXPECT_EQ(key.open(sealed, "body 8").error().code, Errc::Forged);
    EXPECT_EQ(key.open(sealed, "").error().code, Errc::Forged);
    EXPECT_EQ(other.open(sealed, "body 7").error().code, Errc::Forged);
  }
}

TEST(SealKey, EveryAlteredByteKeepsItShut) {
  SeededEntropy entropy(1, "seal");
  const SealKey key = SealKey::generate(entropy);
  Bytes sealed = key.seal("plain", "context", entropy);
  for (char& c : sealed) {
    c = static_cast<char>(c ^ 1);
    EXPECT_FALSE(key.open(sealed, "context"));
    c = static_cast<char>(c ^ 1);
  }
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(key.open({sealed.data(), length}, "context"));
  EXPECT_FALSE(key.open(sealed + "x", "context"));
}

TEST(SealKey, EachSealingIsAnotherAndShowsNothingOfThePlain) {
  SeededEntropy entropy(1, "seal");
  const SealKey key = SealKey::generate(entropy);
  const Bytes one = key.seal("a made-up name", "", entropy);
  EXPECT_NE(one, key.seal("a made-up name", "", entropy));
  EXPECT_EQ(one.find("name"), Bytes::npos);
}

TEST(SealKey, PurposesHaveKeysOfTheirOwn) {
  SeededEntropy entropy(1, "seal");
  const SealKey key = SealKey::generate(entropy);
  EXPECT_EQ(key.derive("bodies").raw(), key.derive("bodies").raw());
  EXPECT_NE(key.derive("bodies").raw(), key.derive("blobs").raw());
  EXPECT_NE(key.derive("bodies").raw(), key.raw());
}

// RFC 5869, test case 1: its 42 bytes begin with this block, made from its pseudorandom key.
TEST(SealKey, DerivesAsHkdfExpandDoes) {
  const auto prk =
      from_hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5").value();
  const SealKey key(SealKey::Raw::from(prk).value());
  const Bytes info = from_hex("f0f1f2f3f4f5f6f7f8f9").value();
  EXPECT_EQ(to_hex(key.derive(info).raw().view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
}
}  // namespace
}  // namespace cunji::crypto
