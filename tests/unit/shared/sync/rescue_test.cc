// What a locked device gives away: its bytes, and what of them opens to whom.
#include "shared/sync/rescue.h"

#include <gtest/gtest.h>

#include "shared/crypto/box.h"

#include "tests/support/author.h"

namespace cunji::sync {
namespace {
using testing_support::Author;
using testing_support::county;

class RescueTest : public ::testing::Test {
 protected:
  RescueTest() {
    rescue_.county = county();
    rescue_.to = recovery_.public_key;
    rescue_.sealed_keys = seal_outbox_keys(keys_, recovery_.public_key, entropy_).value();
    for (int i = 0; i < 3; ++i) add(one_.next(testing_support::division(1), "a secret remark"));
    add(two_.next());
  }
  void add(event::Event event) {
    const event::Header& header = event.signed_event.header();
    events_.push_back(event);
    rescue_.events.push_back(
        {event.signed_event,
         keys_.bodies.seal(event::encode_body(event.body), own_body_context(header), entropy_)});
  }
  Bytes file() { return encode_rescue(rescue_).value(); }

  crypto::SeededEntropy entropy_{7, "rescue"};
  crypto::BoxPair recovery_ = crypto::generate_box_pair(entropy_);
  OutboxKeys keys_{crypto::SealKey::generate(entropy_), crypto::SealKey::generate(entropy_)};
  Author one_{1}, two_{2};
  std::vector<event::Event> events_;
  Rescue rescue_;
};

TEST_F(RescueTest, TheRecoveryKeyOpensEveryEvent) {
  EXPECT_EQ(file().find("secret"), Bytes::npos);
  const auto read = decode_rescue(file());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->county, county());
  EXPECT_EQ(read->to, recovery_.public_key);
  EXPECT_TRUE(check_rescue(*read));
  const auto keys = open_outbox_keys(recovery_, read->sealed_keys);
  ASSERT_TRUE(keys) << keys.error().what;
  EXPECT_EQ(keys->blobs.raw(), keys_.blobs.raw());
  ASSERT_EQ(read->events.size(), events_.size());
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const auto event = open_rescued(read->events[i], *keys);
    ASSERT_TRUE(event) << event.error().what;
    EXPECT_EQ(event->signed_event, events_[i].signed_event);
    EXPECT_EQ(event->body, events_[i].body);
  }
}

TEST_F(RescueTest, NoOtherKeyDoes) {
  const crypto::BoxPair other = crypto::generate_box_pair(entropy_);
  EXPECT_EQ(open_outbox_keys(other, rescue_.sealed_keys).error().code, Errc::Forged);
  EXPECT_FALSE(open_rescued(rescue_.events[0], {keys_.blobs, keys_.bodies}));
  // Bodies can't be exchanged, whoever holds the file.
  std::swap(rescue_.events[0].body, rescue_.events[1].body);
  EXPECT_EQ(open_rescued(rescue_.events[0], keys_).error().code, Errc::Forged);
  // Something else that was sealed to the recovery key is no outbox key.
  const Bytes foreign = crypto::seal_box(recovery_.public_key, Bytes(85, 'x'), entropy_).value();
  EXPECT_EQ(open_outbox_keys(recovery_, foreign).error().code, Errc::Forged);
}

TEST_F(RescueTest, EveryDamageAndEveryCutIsFound) {
  const Bytes whole = file();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] ^= 1;
    const auto read = decode_rescue(damaged);
    if (!read || read->to != rescue_.to || read->county != rescue_.county) continue;
    const auto keys = open_outbox_keys(recovery_, read->sealed_keys);
    bool sound = keys.has_value() && check_rescue(*read).has_value();
    for (std::size_t i = 0; sound && i < read->events.size(); ++i)
      sound = open_rescued(read->events[i], *keys).has_value();
    EXPECT_FALSE(sound) << at;
  }
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_FALSE(decode_rescue(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_rescue(whole + "x"));
}

TEST_F(RescueTest, ChainsMayHaveGapsButNoFalseLinks) {
  rescue_.events.erase(rescue_.events.begin() + 1);  // It was logged.
  EXPECT_TRUE(check_rescue(rescue_));
  std::swap(rescue_.events[0], rescue_.events[1]);
  EXPECT_EQ(check_rescue(rescue_).error().code, Errc::Forged);
  Author twin(1);
  twin.next(testing_support::division(2), "another first");
  rescue_.events.clear();
  add(events_[0]);
  add(twin.next());
  EXPECT_EQ(check_rescue(rescue_).error().code, Errc::Forged) << "of another branch";
}

TEST_F(RescueTest, NothingToSendIsAFileToo) {
  rescue_.events.clear();
  const auto read = decode_rescue(file());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->events.empty());
}
}  // namespace
}  // namespace cunji::sync
