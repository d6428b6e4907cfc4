// Holds the code to protocol/vectors/session.json.
#include <gtest/gtest.h>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/sign.h"
#include "shared/sync/handshake.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
TEST(SessionVectors, TheHandshakeIsSignedAsItSays) {
  const Json file = load("session.json");
  ASSERT_FALSE(file.is_discarded());
  const Bytes hello = bytes_of(file["server_hello"]), content = bytes_of(file["node_content"]),
              answered = bytes_of(file["answer_content"]);
  proto::NodeHello node_hello;
  proto::ServerAnswer answer;
  ASSERT_TRUE(node_hello.ParseFromString(bytes_of(file["node_hello"])));
  ASSERT_TRUE(answer.ParseFromString(bytes_of(file["server_answer"])));
  EXPECT_EQ(node_hello.content(), content);
  EXPECT_EQ(answer.content(), answered);

  const Bytes node_input = sync::node_signing_input(hello, content);
  EXPECT_EQ(to_hex(node_input), text_of(file["node_signing_input"]));
  const Bytes server_input = sync::server_signing_input(hello, content, answered);
  EXPECT_EQ(to_hex(server_input), text_of(file["server_signing_input"]));
  const auto node_key = crypto::KeyPair::from_seed(fixed_of<crypto::Seed>(file["node_key_seed"]));
  const auto system_key =
      crypto::KeyPair::from_seed(fixed_of<crypto::Seed>(file["system_key_seed"]));
  EXPECT_EQ(node_key.sign(node_input).str(), node_hello.signature());
  EXPECT_EQ(system_key.sign(server_input).str(), answer.signature());
  EXPECT_EQ(
      sync::transcript_of(hello, bytes_of(file["node_hello"]), bytes_of(file["server_answer"])),
      fixed_of<Digest>(file["transcript"]));
}

TEST(SessionVectors, BothEndsOpenTheFrames) {
  const Json file = load("session.json");
  proto::NodeHelloContent content;
  proto::ServerAnswerContent answered;
  ASSERT_TRUE(content.ParseFromString(bytes_of(file["node_content"])));
  ASSERT_TRUE(answered.ParseFromString(bytes_of(file["answer_content"])));
  crypto::BoxPair node, server;
  node.public_key = crypto::BoxPublic::from(content.ephemeral()).value();
  node.secret_key = fixed_of<crypto::BoxSecret>(file["node_ephemeral_secret"]);
  server.public_key = crypto::BoxPublic::from(answered.ephemeral()).value();
  server.secret_key = fixed_of<crypto::BoxSecret>(file["server_ephemeral_secret"]);
  const auto transcript = fixed_of<Digest>(file["transcript"]);
  using crypto::Channel;
  auto node_end = Channel::agree(Channel::Role::Node, node, server.public_key, transcript).value();
  auto server_end =
      Channel::agree(Channel::Role::Server, server, node.public_key, transcript).value();
  ASSERT_GE(file["frames"].size(), 4U);
  for (const Json& j : file["frames"]) {
    const bool from_node = j["from"] == "node";
    EXPECT_EQ(to_hex((from_node ? node_end : server_end).seal(bytes_of(j["frame"]))),
              text_of(j["sealed"]));
    EXPECT_EQ((from_node ? server_end : node_end).open(bytes_of(j["sealed"])).value(),
              bytes_of(j["frame"]));
  }
}
}  // namespace cunji::vectors
