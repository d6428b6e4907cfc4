// Who gets a reading session, and when it ends. Time is counted by hand.
#include "server/api/read_sessions.h"

#include <gtest/gtest.h>

#include "server/api/limits.h"
#include "tests/support/county_log.h"

namespace cunji::server {
using testing_support::CountyLog;
using testing_support::Signer;

class ReadSessionsTest : public ::testing::Test {
 protected:
  ReadSessionsTest() { sessions.set_origins({kOrigin}); }

  ReadProof proof_of(const Signer& who, const std::string& origin = kOrigin) {
    const auto nonce = sessions.challenge(uptime);
    return {.key = who.id(),
            .nonce = nonce,
            .origin = origin,
            .signature = credential::sign_read_proof(who.key, origin, nonce).value()};
  }
  Outcome<std::string> open(const ReadProof& proof) {
    return sessions.open(proof, log.governance(), log.now(), uptime);
  }
  // The code of what was refused.
  std::string refusal(const ReadProof& proof) {
    const auto opened = open(proof);
    return opened ? "opened" : opened.error().code;
  }

  static constexpr const char* kOrigin = "https://county.example:8443";
  CountyLog log;
  Signer& desk = log.desk("desk");
  Signer& wang = log.coordinator("wang", {"411323001201"});
  crypto::SeededEntropy entropy{3};
  ReadSessions sessions{entropy};
  Duration uptime{1'000'000};
};

TEST_F(ReadSessionsTest, OpensForAKeyThatStandsAndLastsAQuarterOfAnHour) {
  const auto token = open(proof_of(wang));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 43U);
  const auto found = sessions.find(*token, uptime);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, wang.id());
  EXPECT_FALSE(sessions.find(*token + "A", uptime));
  EXPECT_FALSE(sessions.find("", uptime));
  EXPECT_TRUE(sessions.find(*token, uptime + kReadSessionLife));
  EXPECT_FALSE(sessions.find(*token, uptime + kReadSessionLife + Duration{1}));
  EXPECT_FALSE(sessions.find(*token, uptime)) << "over is over";
}

TEST_F(ReadSessionsTest, ANonceIsGoodOnceForAMinuteAndOnlyHere) {
  const ReadProof proof = proof_of(wang);
  ASSERT_TRUE(open(proof));
  EXPECT_EQ(refusal(proof), "nonce_used");
  const ReadProof late = proof_of(wang);
  uptime += kChallengeLife + Duration{1};
  EXPECT_EQ(refusal(late), "nonce_expired");
  EXPECT_EQ(refusal(proof), "nonce_expired") << "forgotten, but too old by now";

  crypto::SeededEntropy other_entropy(4);
  ReadSessions other(other_entropy);
  ReadProof foreign = proof_of(wang);
  foreign.nonce = other.challenge(uptime);
  foreign.signature = credential::sign_read_proof(wang.key, kOrigin, foreign.nonce).value();
  EXPECT_EQ(refusal(foreign), "unknown_nonce");
  ReadProof made_later = proof_of(wang);
  made_later.nonce.bytes[7] ^= 1;  // Its time.
  EXPECT_EQ(refusal(made_later), "unknown_nonce");
}

TEST_F(ReadSessionsTest, AProofForAnotherSiteIsGoodForNothing) {
  // The other site passed our challenge on, and the client signed where it was.
  EXPECT_EQ(refusal(proof_of(wang, "https://evil.example:443")), "wrong_origin");
  // It says ours instead, so the signature is of something else.
  ReadProof relayed = proof_of(wang, "https://evil.example:443");
  relayed.origin = kOrigin;
  EXPECT_EQ(refusal(relayed), "bad_signature");
}

TEST_F(ReadSessionsTest, ARefusedProofUsesNothingUp) {
  const ReadProof proof = proof_of(wang);
  ReadProof forged = proof;
  forged.signature.bytes[0] ^= 1;
  EXPECT_EQ(refusal(forged), "bad_signature");
  forged = proof;
  forged.key = desk.id();
  EXPECT_EQ(refusal(forged), "bad_signature") << "another's key with this signature";
  EXPECT_TRUE(open(proof));
}

TEST_F(ReadSessionsTest, UnknownEndedAndExpiredKeysAreRefused) {
  EXPECT_EQ(refusal(proof_of(log.signer("stranger"))), "unknown_key");
  log.say(desk, event::Kind::Revocation, event::RevocationPart{.key = wang.id()});
  EXPECT_EQ(refusal(proof_of(wang)), "no_standing");
  Signer& li = log.coordinator("li", {"411323001201"});
  log.set_now(testing_support::local("2023-01-02T00:00"));
  EXPECT_EQ(refusal(proof_of(li)), "no_standing");
}

TEST_F(ReadSessionsTest, AKeyHasEightSessionsAndTheOldestGivesWay) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < kSessionsOfKeyMax + 1; ++i) {
    uptime += Duration{1};
    tokens.push_back(open(proof_of(wang)).value());
  }
  EXPECT_EQ(sessions.count(), kSessionsOfKeyMax);
  EXPECT_FALSE(sessions.find(tokens.front(), uptime));
  EXPECT_TRUE(sessions.find(tokens[1], uptime));
  ASSERT_TRUE(open(proof_of(desk)));
  EXPECT_TRUE(sessions.find(tokens[1], uptime)) << "another's session takes none away";
  sessions.close(tokens.back());
  EXPECT_FALSE(sessions.find(tokens.back(), uptime));
}

TEST_F(ReadSessionsTest, AllTogetherAreBounded) {
  std::deque<Signer*> keys;
  while (sessions.count() < kReadSessionsMax) {
    keys.push_back(&log.coordinator("c" + std::to_string(keys.size()), {"411323001201"}));
    for (std::size_t i = 0; i < kSessionsOfKeyMax; ++i) ASSERT_TRUE(open(proof_of(*keys.back())));
  }
  const auto refused = open(proof_of(wang));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 503U);
  EXPECT_TRUE(refused.error().retry_after);
  uptime += kReadSessionLife + Duration{1};
  EXPECT_TRUE(open(proof_of(wang))) << "those that are over make room";
}
}  // namespace cunji::server
