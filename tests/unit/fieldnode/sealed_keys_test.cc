#include "fieldnode/sealed_keys.h"

#include <gtest/gtest.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::fieldnode {
namespace {
TEST(SealedKeys, OpenInOrderUnderTheirVaultOnly) {
  crypto::SeededEntropy entropy(1, "keys");
  const auto data = crypto::SealKey::generate(entropy), other = crypto::SealKey::generate(entropy);
  std::vector<crypto::KeyPair> keys;
  for (int count = 0; count < 3; ++count) {
    const Bytes sealed = seal_keys(keys, data, entropy);
    const auto opened = open_keys(sealed, data);
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ(opened->at(i).seed(), keys[i].seed());
      EXPECT_EQ(sealed.find(keys[i].seed().view()), Bytes::npos);
      EXPECT_EQ(sealed.find(keys[i].public_key().view()), Bytes::npos);
    }
    EXPECT_EQ(open_keys(sealed, other).error().code, Errc::Forged);
    keys.push_back(crypto::KeyPair::generate(entropy));
  }
}

TEST(SealedKeys, EveryAlteredByteIsFound) {
  crypto::SeededEntropy entropy(1, "keys");
  const auto data = crypto::SealKey::generate(entropy);
  const Bytes sealed = seal_keys({crypto::KeyPair::generate(entropy)}, data, entropy);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(open_keys(altered, data)) << i;
    EXPECT_FALSE(open_keys(sealed.substr(0, i), data)) << i;
  }
  EXPECT_EQ(open_keys("cunji-node-key/v1\n00\n", data).error().code, Errc::Corrupt);
}
}  // namespace
}  // namespace cunji::fieldnode
