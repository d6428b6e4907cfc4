#include "shared/crypto/box.h"

#include <gtest/gtest.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
namespace {
TEST(Box, OpensWithTheReadersKeyOnly) {
  SeededEntropy entropy(1, "box");
  const BoxPair reader = generate_box_pair(entropy), other = generate_box_pair(entropy);
  for (const std::size_t size : {0U, 1U, 1'000U}) {
    const Bytes message(size, 'm');
    const auto sealed = seal_box(reader.public_key, message, entropy);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->size(), size + kSealOverheadBytes);
    // open_box is libsodium's crypto_box_seal_open: so this is its format.
    const auto opened = open_box(reader, *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, message);
    EXPECT_EQ(open_box(other, *sealed).error().code, Errc::Forged);
  }
}

TEST(Box, EveryAlteredByteKeepsItShut) {
  SeededEntropy entropy(1, "box");
  const BoxPair reader = generate_box_pair(entropy);
  Bytes sealed = seal_box(reader.public_key, "message", entropy).value();
  for (char& c : sealed) {
    c = static_cast<char>(c ^ 1);
    EXPECT_FALSE(open_box(reader, sealed));
    c = static_cast<char>(c ^ 1);
  }
  for (std::size_t length = 0; length < sealed.size(); ++length)
    EXPECT_FALSE(open_box(reader, {sealed.data(), length}));
}

TEST(Box, EachSealingIsAnother) {
  SeededEntropy entropy(1, "box");
  const BoxPair reader = generate_box_pair(entropy);
  EXPECT_NE(*seal_box(reader.public_key, "m", entropy), *seal_box(reader.public_key, "m", entropy));
}

TEST(Box, RefusesAPointThatIsNoKey) {
  SeededEntropy entropy(1, "box");
  EXPECT_EQ(seal_box(BoxPublic{}, "message", entropy).error().code, Errc::Malformed);
}
}  // namespace
}  // namespace cunji::crypto
