// Holds the code to protocol/vectors/read.json.
#include <gtest/gtest.h>

#include "shared/credential/read_proof.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
TEST(ReadVectors, ProofsAreSignedOverWhatTheySay) {
  const Json file = load("read.json");
  ASSERT_FALSE(file.is_discarded());
  const auto key = fixed_of<PublicKey>(file["key"]);
  const auto nonce = fixed_of<credential::ReadNonce>(file["nonce"]);
  ASSERT_EQ(file["proofs"].size(), 3U);
  for (const Json& proof : file["proofs"]) {
    const std::string origin = text_of(proof["origin"]);
    SCOPED_TRACE(origin);
    EXPECT_EQ(to_hex(credential::read_signing_input(origin, nonce, key)),
              text_of(proof["signing_input"]));
    const auto signature = fixed_of<Signature>(proof["signature"]);
    EXPECT_TRUE(credential::verify_read_proof(key, origin, nonce, signature));
    auto other = nonce;
    other.bytes[31] ^= 1;
    EXPECT_FALSE(credential::verify_read_proof(key, origin, other, signature));
    EXPECT_FALSE(credential::verify_read_proof(key, "https://other.example:443", nonce, signature));
  }
}

TEST(ReadVectors, OriginsThatAreNoneAreRefused) {
  const Json file = load("read.json");
  ASSERT_FALSE(file.is_discarded());
  ASSERT_FALSE(file["refused_origins"].empty());
  for (const Json& origin : file["refused_origins"])
    EXPECT_FALSE(credential::check_web_origin(text_of(origin))) << origin;
}
}  // namespace cunji::vectors
