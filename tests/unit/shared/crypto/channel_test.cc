#include "shared/crypto/channel.h"

#include <gtest/gtest.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
class ChannelTest : public ::testing::Test {
 protected:
  SeededEntropy entropy_{5, "channel"};
  BoxPair node_pair_ = generate_box_pair(entropy_), server_pair_ = generate_box_pair(entropy_);
  Digest transcript_ = sha256("transcript");
  Channel node_ =
      Channel::agree(Channel::Role::Node, node_pair_, server_pair_.public_key, transcript_).value();
  Channel server_ =
      Channel::agree(Channel::Role::Server, server_pair_, node_pair_.public_key, transcript_)
          .value();
};

TEST_F(ChannelTest, CarriesFramesBothWaysInOrder) {
  for (const Bytes& frame : {Bytes("one"), Bytes(), Bytes(100'000, 'x')}) {
    const Bytes there = node_.seal(frame), back = server_.seal(frame);
    EXPECT_EQ(there.size(), frame.size() + Channel::kOverheadBytes);
    EXPECT_NE(there, back) << "each direction has a key of its own";
    EXPECT_EQ(server_.open(there).value(), frame);
    EXPECT_EQ(node_.open(back).value(), frame);
  }
}

TEST_F(ChannelTest, SealsEqualFramesDifferently) {
  EXPECT_NE(node_.seal("frame"), node_.seal("frame"));
}

TEST_F(ChannelTest, OpensNothingButThePeersNextFrame) {
  const Bytes first = node_.seal("first"), second = node_.seal("second");
  EXPECT_EQ(server_.open(second).error().code, Errc::Forged) << "reordered or one lost";
  EXPECT_EQ(server_.open(first).value(), "first");
  EXPECT_EQ(server_.open(first).error().code, Errc::Forged) << "repeated";
  EXPECT_EQ(node_.open(second).error().code, Errc::Forged) << "sent back to its sender";
  for (std::size_t i = 0; i < second.size(); ++i) {
    Bytes changed = second;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(server_.open(changed)) << "changed at " << i;
  }
  EXPECT_FALSE(server_.open(second.substr(1)));
  EXPECT_FALSE(server_.open(second + '\0'));
  EXPECT_FALSE(server_.open(""));
  EXPECT_FALSE(server_.open(Bytes(Channel::kOverheadBytes - 1, '\0')));
  EXPECT_EQ(server_.open(second).value(), "second");
}

TEST_F(ChannelTest, EndsThatSawDifferentHandshakesDoNotUnderstandEachOther) {
  Channel other = Channel::agree(Channel::Role::Server, server_pair_, node_pair_.public_key,
                                 sha256("another transcript"))
                      .value();
  EXPECT_EQ(other.open(node_.seal("frame")).error().code, Errc::Forged);
}

TEST_F(ChannelTest, RefusesAPeersKeyThatLeavesNoSecret) {
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}) {
    const auto out = Channel::agree(Channel::Role::Server, server_pair_,
                                    BoxPublic::from(*from_hex(hex)).value(), transcript_);
    ASSERT_FALSE(out) << hex;
    EXPECT_EQ(out.error().code, Errc::Forged);
  }
}

static_assert(!std::is_copy_constructible_v<Channel>, "two copies would repeat a nonce");
}  // namespace cunji::crypto
