// The root's statement on TLS keys: what a node takes, what it refuses, and which of two holds.
#include "shared/sync/tls_statement.h"

#include <gtest/gtest.h>

#include "shared/crypto/hash.h"
#include "tests/unit/shared/sync/county.h"

namespace cunji::sync {
namespace {
TlsStatement statement_of(std::uint64_t issued, std::vector<const char*> keys) {
  TlsStatement out{.issued = from_millis(issued), .keys = {}};
  for (const char* key : keys) out.keys.push_back(crypto::sha256(key));
  return out;
}

class GreetingCounty : public TestCounty {
 public:
  Bytes statement;
  BytesView tls_statement() const override { return statement; }
  Bytes hello() const {
    crypto::SeededEntropy entropy(7, "greeting");
    ServerSession session(system_key(), *this, entropy, now());
    return session.open().send.front();
  }
};

TEST(TlsStatement, OpensWhatTheRootSigned) {
  const TestCounty county;
  const TlsStatement said = statement_of(1'000, {"now", "next"});
  const Bytes bytes = sign_tls_statement(said, county.root());
  EXPECT_EQ(bytes.size(), 32u + 8 + 1 + 2 * 32 + 64);
  EXPECT_EQ(open_tls_statement(bytes, county.root().public_key()).value(), said);
  EXPECT_TRUE(said.names(crypto::sha256("next")));
  EXPECT_FALSE(said.names(crypto::sha256("other")));
  EXPECT_EQ(sign_tls_statement(statement_of(0, {"1", "2", "3", "4"}), county.root()).size(),
            kTlsStatementBytesMax);
}

TEST(TlsStatement, DoesNotOpenOnceAnyByteIsChanged) {
  const TestCounty county;
  const Bytes good = sign_tls_statement(statement_of(1'000, {"now"}), county.root());
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes changed = good;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_tls_statement(changed, county.root().public_key())) << i;
    EXPECT_FALSE(open_tls_statement(good.substr(0, i), county.root().public_key())) << i;
  }
  EXPECT_FALSE(open_tls_statement(good + "x", county.root().public_key()));
}

TEST(TlsStatement, IsTheRootsOnly) {
  const TestCounty county;
  const Bytes bytes = sign_tls_statement(statement_of(1, {"now"}), county.system_key());
  const auto opened = open_tls_statement(bytes, county.root().public_key());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::Forged);
}

TEST(TlsStatement, TheNewerOneHoldsWhicheverWasKept) {
  GreetingCounty county;
  const TlsStatement old = statement_of(1'000, {"old"}), fresh = statement_of(2'000, {"new"});
  const Bytes old_bytes = sign_tls_statement(old, county.root()),
              fresh_bytes = sign_tls_statement(fresh, county.root());
  struct Case {
    const char* name;
    Bytes greeting, kept;
    std::optional<TlsStatement> expected;
  };
  const Case cases[] = {{"none", "", "", std::nullopt},
                        {"in the greeting", old_bytes, "", old},
                        {"kept, and the server has none any more", "", old_bytes, old},
                        {"newer in the greeting", fresh_bytes, old_bytes, fresh},
                        {"an older one is offered again", old_bytes, fresh_bytes, fresh}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    county.statement = c.greeting;
    const auto found = newest_tls_statement(county.hello(), c.kept, county.pin());
    ASSERT_TRUE(found) << found.error().what;
    ASSERT_EQ(found->has_value(), c.expected.has_value());
    if (c.expected) {
      EXPECT_EQ((*found)->statement, *c.expected);
    }
  }
}

TEST(TlsStatement, AGreetingThatIsNotTheCountysIsRefused) {
  GreetingCounty county;
  county.statement = sign_tls_statement(statement_of(1, {"now"}), county.root());
  CountyPin other = county.pin();
  other.root_digest = crypto::sha256("another county");
  EXPECT_EQ(newest_tls_statement(county.hello(), "", other).error().code, Errc::Forged);
  EXPECT_EQ(newest_tls_statement("garbage", "", county.pin()).error().code, Errc::Malformed);
  county.statement = sign_tls_statement(statement_of(1, {"now"}), county.system_key());
  EXPECT_EQ(newest_tls_statement(county.hello(), "", county.pin()).error().code, Errc::Forged);
  county.statement = "short";
  EXPECT_EQ(newest_tls_statement(county.hello(), "", county.pin()).error().code, Errc::Malformed);
}
}  // namespace
}  // namespace cunji::sync
