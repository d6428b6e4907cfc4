#include "shared/event/chain.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
class ChainTest : public ::testing::Test {
 protected:
  SignedEvent event(std::uint64_t sequence, const Digest& previous) const {
    Header header = valid_header(key_);
    header.sequence = sequence;
    header.previous = previous;
    return SignedEvent::sign(header, key_);
  }
  crypto::KeyPair key_ = key_of(1);
  ChainHead head_{.key = key_.public_key(),
                  .sequence = 2,
                  .digest = crypto::sha256("second"),
                  .seen_size_max = 9};
};

TEST_F(ChainTest, TellsWhatFollowsFromWhatDoesNot) {
  const Digest other = crypto::sha256("other");
  EXPECT_EQ(link_of(head_, event(3, head_.digest)), ChainLink::Next);
  EXPECT_EQ(link_of(head_, event(3, other)), ChainLink::Broken);
  EXPECT_EQ(link_of(head_, event(2, head_.digest)), ChainLink::Known);
  EXPECT_EQ(link_of(head_, event(1, other)), ChainLink::Known);
  EXPECT_EQ(link_of(head_, event(4, head_.digest)), ChainLink::Gap);
  EXPECT_EQ(link_of(head_, event(kSequenceMax, head_.digest)), ChainLink::Gap);
}

TEST_F(ChainTest, BeginsAtTheEnrolmentRequest) {
  const ChainHead first = first_head(key_);
  EXPECT_EQ(link_of(first, event(1, first.digest)), ChainLink::Next);
  EXPECT_EQ(link_of(first, event(1, {})), ChainLink::Broken);
  EXPECT_EQ(link_of(first, event(2, first.digest)), ChainLink::Gap);
}

TEST_F(ChainTest, AdvancesAndNeverForgetsTheLargestSeenSize) {
  const SignedEvent third = event(3, head_.digest);
  const ChainHead head = advanced(head_, third, 4);
  EXPECT_EQ(head.sequence, 3U);
  EXPECT_EQ(head.digest, third.digest());
  EXPECT_EQ(head.seen_size_max, 9U);
  EXPECT_EQ(advanced(head_, third, 12).seen_size_max, 12U);
}
}  // namespace cunji::event
