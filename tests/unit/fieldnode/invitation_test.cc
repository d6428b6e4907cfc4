#include "fieldnode/invitation.h"

#include <gtest/gtest.h>

#include "protocol/sync.pb.h"
#include "shared/crypto/hash.h"
#include "shared/sync/wire.h"
#include "tests/unit/shared/sync/county.h"

namespace cunji::fieldnode {
TEST(Invitation, TakesTheSlipAndTheQrText) {
  const std::string root(64, 'a');
  for (const std::string& text :
       {"CODE-1@county.example:8443#" + root, "cunji:CODE-1@county.example:8443#" + root}) {
    const auto out = parse_invitation(text);
    ASSERT_TRUE(out) << text;
    EXPECT_EQ(out->code, "CODE-1");
    EXPECT_EQ(out->server, (ServerAddress{"county.example", 8443, true}));
    EXPECT_EQ(out->root_hex, root);
  }
  const auto without = parse_invitation("C@[::1]:1");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->server, (ServerAddress{"::1", 1}));
  EXPECT_EQ(to_text(without->server), "[::1]:1");
  EXPECT_TRUE(without->root_hex.empty());
}

TEST(Invitation, SpeaksInClearWithThisMachineOnly) {
  struct Case {
    const char* text;
    bool tls;
    const char* shown;
  };
  const Case cases[] = {{"county.example:1", true, "county.example:1"},
                        {"wss://county.example:1", true, "county.example:1"},
                        {"192.0.2.7:1", true, "192.0.2.7:1"},
                        {"[2001:db8::1]:1", true, "[2001:db8::1]:1"},
                        {"127.example:1", true, "127.example:1"},
                        {"localhost:1", false, "localhost:1"},
                        {"127.0.0.1:1", false, "127.0.0.1:1"},
                        {"ws://127.1.2.3:1", false, "127.1.2.3:1"},
                        {"[::1]:1", false, "[::1]:1"},
                        {"wss://127.0.0.1:1", true, "wss://127.0.0.1:1"},
                        {"wss://[::1]:1", true, "wss://[::1]:1"}};
  for (const Case& c : cases) {
    const auto out = parse_address(c.text);
    ASSERT_TRUE(out) << c.text;
    EXPECT_EQ(out->tls, c.tls) << c.text;
    EXPECT_EQ(to_text(*out), c.shown);
    EXPECT_EQ(parse_address(to_text(*out)).value(), *out) << c.text;
  }
  for (const char* text :
       {"ws://county.example:1", "ws://192.0.2.7:1", "http://localhost:1", "wss:///:1", "wss://"})
    EXPECT_FALSE(parse_address(text)) << text;
  const auto invited = parse_invitation("cunji:C@wss://127.0.0.1:8440#" + std::string(64, 'a'));
  ASSERT_TRUE(invited);
  EXPECT_TRUE(invited->server.tls);
}

TEST(Invitation, RefusesWhatIsNone) {
  for (const char* text :
       {"", "CODE", "@host:1", "CODE@", "CODE@host", "CODE@host:", "CODE@host:0", "CODE@host:65536",
        "CODE@host:123456", "CODE@host:1x", "CODE@:1", "CODE@::1:1", "CODE@ho st:1",
        "CODE@host:1#0123", "CODE@host:1#0123456789abcdeg", "CODE@host/x:1"}) {
    const auto out = parse_invitation(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
  EXPECT_FALSE(parse_root_hex(std::string(65, 'a')));
  EXPECT_FALSE(parse_root_hex(std::string(15, 'a')));
  EXPECT_EQ(parse_root_hex("ABCDEF0123456789").value(), "abcdef0123456789");
}

TEST(RootDigestOfHello, ComesFromTheSignedFoundingEntryOnly) {
  const sync::TestCounty county;
  proto::ServerHello hello;
  sync::to_proto(county.founding(), *hello.mutable_founding());
  const auto digest = root_digest_of_hello(hello.SerializeAsString());
  ASSERT_TRUE(digest) << digest.error().what;
  EXPECT_EQ(*digest, crypto::sha256(county.root().public_key().view()));

  proto::ServerHello forged = hello;
  forged.mutable_founding()->mutable_entry()->back() ^= 1;
  EXPECT_EQ(root_digest_of_hello(forged.SerializeAsString()).error().code, Errc::Forged);
  proto::ServerHello other = hello;  // A credential is no founding event.
  sync::to_proto(county.system_credential(), *other.mutable_founding());
  for (const Bytes& bytes : {Bytes("HTTP/1.1 200 OK"), Bytes(), other.SerializeAsString()}) {
    const auto out = root_digest_of_hello(bytes);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Malformed);
  }
}
}  // namespace cunji::fieldnode
