// Ed25519 signatures that other implementations got wrong (C2SP Wycheproof).
#include <gtest/gtest.h>

#include "shared/crypto/sign.h"
#include "tests/vectors/vectors.h"

namespace cunji::crypto {
TEST(WycheproofEd25519, AcceptsTheValidAndNothingElse) {
  const auto file = vectors::load_foreign("wycheproof/ed25519_test.json");
  if (!file) GTEST_SKIP() << "no Wycheproof vectors: set CUNJI_VECTORS to their folder";
  ASSERT_FALSE(file->is_discarded());
  int valid = 0, invalid = 0;
  for (const auto& group : (*file)["testGroups"]) {
    const auto key = vectors::fixed_of<PublicKey>(group["publicKey"]["pk"]);
    for (const auto& test : group["tests"]) {
      SCOPED_TRACE("tcId " + test["tcId"].dump() + " " + test["comment"].dump());
      const Bytes message = vectors::bytes_of(test["msg"]);
      const auto signature = Signature::from(vectors::bytes_of(test["sig"]));
      const bool accepted = signature && verify(key, message, *signature);
      const bool expected = test["result"] == "valid";
      EXPECT_EQ(accepted, expected);
      ++(expected ? valid : invalid);
    }
  }
  EXPECT_EQ(valid + invalid, (*file)["numberOfTests"].get<int>());
  EXPECT_GT(valid, 0);
  EXPECT_GT(invalid, 0);
}
}  // namespace cunji::crypto
