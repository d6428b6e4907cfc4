#include "shared/credential/code.h"

#include <gtest/gtest.h>

#include <set>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::credential {
TEST(EnrolmentCode, IsTwentyCharactersInGroupsOfFive) {
  crypto::SeededEntropy entropy(1, "codes");
  std::set<std::string> codes;
  std::set<char> used;
  for (int i = 0; i < 200; ++i) {
    const std::string code = make_code(entropy);
    ASSERT_EQ(code.size(), kCodeCharacters);
    used.insert(code.begin(), code.end());
    EXPECT_TRUE(codes.insert(code).second) << "a code came twice";
    const std::string shown = show_code(code);
    EXPECT_EQ(shown.size(), 23U);
    EXPECT_EQ(shown[5], '-');
    EXPECT_EQ(parse_code(shown).value(), code) << "what is shown can be typed";
  }
  EXPECT_EQ(used.size(), 32U) << "every character of the alphabet comes up";
  for (const char confusing : {'I', 'L', 'O', 'U'}) EXPECT_FALSE(used.contains(confusing));
}

TEST(EnrolmentCode, IsReadAsPeopleTypeIt) {
  const std::string code = "7K3QF9M2XA0BCDE1JNPR";
  for (const char* typed :
       {"7K3QF-9M2XA-0BCDE-1JNPR", "7k3qf9m2xa0bcde1jnpr", " 7K3QF 9M2XA OBCDE IJNPR ",
        "7K3QF9M2XAoBCDElJNPR", "--7-K-3-Q-F-9-M-2-X-A-0-B-C-D-E-i-J-N-P-R"})
    EXPECT_EQ(parse_code(typed).value(), code) << typed;
}

TEST(EnrolmentCode, SaysWhatIsWrong) {
  struct Case {
    std::string typed;
    const char* reason;
  };
  const Case cases[] = {
      {"", "a code has 20 characters, not 0"},
      {"7K3QF-9M2XA-0BCDE-1JNP", "a code has 20 characters, not 19"},
      {"7K3QF-9M2XA-0BCDE-1JNPRR", "a code has 20 characters, not 21"},
      {"7K3QU-9M2XA-0BCDE-1JNPR", "position 5: only digits and letters without U are used"},
      {"7K3QF.9M2XA-0BCDE-1JNPR", "position 6: only digits and letters without U are used"},
      {"\xe4\xb8\x80K3QF-9M2XA", "position 1: only digits and letters without U are used"},
      {std::string(10'000, '7'), "a code has 20 characters"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.reason);
    const auto out = parse_code(c.typed);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Malformed);
    EXPECT_EQ(out.error().what, "enrolment code: " + std::string(c.reason));
  }
}

TEST(EnrolmentCode, KeyIdAndMacAreAsTheFormatSays) {
  const std::string code = "7K3QF9M2XA0BCDE1JNPR";
  const CodeKey key = code_key(code);
  EXPECT_EQ(key.view(), crypto::sha256("cunji/enrol-code\n" + code).view());
  EXPECT_EQ(code_id(key).view(),
            crypto::sha256("cunji/enrol-code-id\n" + key.str()).view().substr(0, 8));
  const Digest transcript = crypto::sha256("transcript");
  const Digest mac = code_mac(key, "request", transcript);
  EXPECT_EQ(mac, crypto::hmac_sha256(key.view(), {"request" + transcript.str()}));
  EXPECT_NE(mac, code_mac(key, "request", crypto::sha256("another session")));
  EXPECT_NE(mac, code_mac(key, "another request", transcript));
}
}  // namespace cunji::credential
