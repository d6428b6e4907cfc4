#pragma once
// Peers that speak the protocol by hand, so that a test can say anything at any point of it.
#include <gtest/gtest.h>

#include "shared/crypto/channel.h"
#include "shared/log/proof.h"
#include "shared/sync/handshake.h"
#include "tests/unit/shared/sync/node.h"

namespace cunji::sync {
// Opposite a NodeSession. The handshake is sound unless a hook alters it.
class RawServer {
 public:
  explicit RawServer(const TestCounty& of) : county(of) {
    proto::ServerHello message;
    message.add_versions(1);
    message.set_nonce(entropy.next<Nonce>().str());
    add(county.founding(), *message.mutable_founding());
    add(county.system_credential(), *message.mutable_system());
    hello_message = message;
    content.set_enrolled(true);
    content.mutable_level()->set_note(county.note());
    signer = county.system_key();
  }
  static void add(const event::LoggedEvent& logged, proto::LoggedEvent& out) {
    out.set_index(logged.index);
    out.set_entry(logged.entry.encode());
    out.set_body(event::encode_body(logged.body));
  }
  Bytes hello() { return sent_hello = hello_message.SerializeAsString(); }
  // The answer to a node's hello; the channel is open afterwards.
  Bytes answer(const Bytes& node_hello) {
    proto::NodeHello signed_hello;
    EXPECT_TRUE(signed_hello.ParseFromString(node_hello));
    proto::NodeHelloContent node;
    EXPECT_TRUE(node.ParseFromString(signed_hello.content()));
    for (const auto& cursor : node.offer().cursors()) {
      if (name_divisions) content.mutable_level()->add_divisions()->CopyFrom(cursor);
    }
    for (const auto& chain : node.offer().chains())
      content.mutable_level()->add_chains()->set_key(chain.key());
    if (alter_level) alter_level(*content.mutable_level());
    const crypto::BoxPair pair = crypto::generate_box_pair(entropy);
    content.set_ephemeral(ephemeral.value_or(pair.public_key.str()));
    proto::ServerAnswer answer;
    answer.set_content(content.SerializeAsString());
    const Bytes input =
        as_node ? node_signing_input(sent_hello, answer.content())
                : server_signing_input(sent_hello, signed_hello.content(), answer.content());
    answer.set_signature(signer->sign(input).str());
    const Bytes out = answer.SerializeAsString();
    const auto peer = crypto::BoxPublic::from(node.ephemeral()).value();
    auto agreed = crypto::Channel::agree(crypto::Channel::Role::Server, pair, peer,
                                         transcript_of(sent_hello, node_hello, out));
    channel = std::move(*agreed);
    return out;
  }
  Bytes seal(const proto::ServerFrame& frame) { return channel->seal(frame.SerializeAsString()); }

  const TestCounty& county;
  crypto::SeededEntropy entropy{21, "raw server"};
  proto::ServerHello hello_message;
  proto::ServerAnswerContent content;
  std::optional<crypto::KeyPair> signer;
  std::optional<Bytes> ephemeral;
  std::function<void(proto::Level&)> alter_level;
  bool name_divisions = true, as_node = false;
  std::optional<crypto::Channel> channel;
  Bytes sent_hello;
};

// Opposite a ServerSession.
class RawNode {
 public:
  RawNode(const std::string& name, const TestCounty& county)
      : key(key_of(name)), session(county.system_key(), county, server_entropy, county.now()) {
    server_hello = session.open().send.front();
    content.set_version(1);
    content.set_nonce(entropy.next<Nonce>().str());
    content.set_key(key.public_key().str());
    pair = crypto::generate_box_pair(entropy);
    content.set_ephemeral(pair->public_key.str());
    signer = key;
  }
  Bytes hello() {
    proto::NodeHello message;
    message.set_content(content.SerializeAsString());
    const Bytes input = as_server ? server_signing_input(server_hello, message.content(), "")
                                  : node_signing_input(server_hello, message.content());
    message.set_signature(signer->sign(input).str());
    return message.SerializeAsString();
  }
  // The whole handshake.
  void open(const TestCounty& county) {
    const Bytes message = hello();
    const auto out = session.on_message(message, county.now());
    ASSERT_TRUE(out) << out.error().what;
    const Bytes answer = out->send.front();
    proto::ServerAnswer signed_answer;
    ASSERT_TRUE(signed_answer.ParseFromString(answer));
    ASSERT_TRUE(said.ParseFromString(signed_answer.content()));
    auto agreed = crypto::Channel::agree(crypto::Channel::Role::Node, *pair,
                                         crypto::BoxPublic::from(said.ephemeral()).value(),
                                         transcript_of(server_hello, message, answer));
    channel = std::move(*agreed);
  }
  Result<ServerSession::Output> say(const proto::NodeFrame& frame, TimePoint now) {
    return session.on_message(channel->seal(frame.SerializeAsString()), now);
  }
  proto::ServerFrame read(const Bytes& sealed) {
    proto::ServerFrame out;
    const auto opened = channel->open(sealed);
    EXPECT_TRUE(opened);
    if (opened) {
      EXPECT_TRUE(out.ParseFromString(*opened));
    }
    return out;
  }

  crypto::KeyPair key;
  crypto::SeededEntropy entropy{22, "raw node"}, server_entropy{23, "server"};
  ServerSession session;
  Bytes server_hello;
  proto::NodeHelloContent content;
  proto::ServerAnswerContent said;
  std::optional<crypto::BoxPair> pair;
  std::optional<crypto::KeyPair> signer;
  std::optional<crypto::Channel> channel;
  bool as_server = false;
};
}  // namespace cunji::sync
