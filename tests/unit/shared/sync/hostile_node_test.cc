// What a server refuses from whoever connects, and what it never tells.
#include "shared/sync/batch.h"
#include "shared/sync/limits.h"
#include "tests/unit/shared/sync/raw.h"

namespace cunji::sync {
namespace {
struct County : TestCounty {
  County() {
    enrol(key_of("device"), {village(1).str()});
    publish();
  }
};

TEST(HostileNode, HellosThatProveNothingAreRefused) {
  struct Case {
    const char* name;
    std::function<void(RawNode&)> alter;
    Errc expected = Errc::Forged;
  };
  const Case cases[] = {
      {"another version", [](RawNode& n) { n.content.set_version(2); }, Errc::Protocol},
      {"no nonce", [](RawNode& n) { n.content.clear_nonce(); }, Errc::Malformed},
      {"a short key", [](RawNode& n) { n.content.set_key("short"); }, Errc::Malformed},
      {"a short point", [](RawNode& n) { n.content.set_ephemeral("short"); }, Errc::Malformed},
      {"a low-order point", [](RawNode& n) { n.content.set_ephemeral(Bytes(32, '\0')); }},
      {"signed by another key", [](RawNode& n) { n.signer = key_of("mallory"); }},
      {"signed as the server", [](RawNode& n) { n.as_server = true; }},
      {"for another session", [](RawNode& n) { n.server_hello.back() ^= 1; }},
      {"too many chains",
       [](RawNode& n) {
         for (std::size_t i = 0; i <= kOfferChainsMax; ++i) n.content.mutable_offer()->add_chains();
       },
       Errc::Limit},
      {"too many divisions",
       [](RawNode& n) {
         for (std::size_t i = 0; i <= kOfferDivisionsMax; ++i)
           n.content.mutable_offer()->add_cursors();
       },
       Errc::Limit},
      {"a chain named twice",
       [](RawNode& n) {
         for (int i = 0; i < 2; ++i)
           n.content.mutable_offer()->add_chains()->set_key(Bytes(32, 'k'));
       },
       Errc::Malformed},
      {"a sequence without a digest",
       [](RawNode& n) {
         auto& chain = *n.content.mutable_offer()->add_chains();
         chain.set_key(Bytes(32, 'k'));
         chain.set_sequence(5);
       },
       Errc::Malformed},
      {"a sequence beyond the limit",
       [](RawNode& n) {
         auto& chain = *n.content.mutable_offer()->add_chains();
         chain.set_key(Bytes(32, 'k'));
         chain.set_digest(Bytes(32, 'd'));
         chain.set_sequence(UINT64_MAX);
       },
       Errc::Malformed},
      {"a division of letters",
       [](RawNode& n) { n.content.mutable_offer()->add_cursors()->set_division("village"); },
       Errc::Malformed},
      {"a cursor without its leaf",
       [](RawNode& n) {
         auto& cursor = *n.content.mutable_offer()->add_cursors();
         cursor.set_division(village(1).str());
         cursor.set_next_index(3);
       },
       Errc::Malformed},
      {"a trusted size beyond the limit",
       [](RawNode& n) { n.content.mutable_offer()->set_trusted_size(UINT64_MAX); },
       Errc::Malformed}};
  const County county;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    RawNode node("device", county);
    c.alter(node);
    const auto out = node.session.on_message(node.hello(), county.now());
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
    EXPECT_FALSE(node.session.on_message(RawNode("device", county).hello(), county.now()))
        << "a failed session stays so";
  }
}

TEST(HostileNode, GarbageTruncatedAndOversizedHellosAreRefused) {
  const County county;
  const Bytes hello = RawNode("device", county).hello();
  for (std::size_t length = 0; length < hello.size(); ++length) {
    RawNode node("device", county);
    EXPECT_FALSE(node.session.on_message({hello.data(), length}, county.now())) << length;
  }
  crypto::SeededEntropy entropy(1, "garbage");
  for (int i = 0; i < 100; ++i) {
    Bytes garbage(static_cast<std::size_t>(entropy.below(400)), '\0');
    entropy.fill({reinterpret_cast<std::uint8_t*>(garbage.data()), garbage.size()});
    RawNode node("device", county);
    EXPECT_FALSE(node.session.on_message(garbage, county.now()));
  }
  RawNode node("device", county);
  EXPECT_EQ(node.session.on_message(Bytes(kSmallFrameBytesMax + 1, 'x'), county.now()).error().code,
            Errc::Limit);
}

TEST(HostileNode, AHelloIsGoodForItsSessionOnly) {
  const County county;
  RawNode first("device", county);
  const Bytes hello = first.hello();
  ASSERT_TRUE(first.session.on_message(hello, county.now()));
  RawNode second("device", county);
  crypto::SeededEntropy other(99, "another nonce");
  ServerSession session(county.system_key(), county, other, county.now());
  session.open();
  EXPECT_EQ(session.on_message(hello, county.now()).error().code, Errc::Forged);
}

TEST(HostileNode, ASlowHandshakeEnds) {
  const County county;
  RawNode node("device", county);
  EXPECT_TRUE(node.session.on_tick(county.now() + kHandshakeTimeout));
  EXPECT_EQ(node.session.on_tick(county.now() + kHandshakeTimeout + Duration{1}).error().code,
            Errc::Timeout);
  RawNode open("device", county);
  open.open(county);
  EXPECT_TRUE(open.session.on_tick(county.now() + kHandshakeTimeout + Duration{1}));
}

TEST(HostileNode, FramesThatMakeNoSenseEndTheSession) {
  using Frame = proto::NodeFrame;
  struct Case {
    const char* name;
    std::function<void(Frame&)> fill;
    Errc expected = Errc::Protocol;
  };
  const Case cases[] = {
      {"no frame", [](Frame&) {}, Errc::Malformed},
      {"a push of garbage",
       [](Frame& f) {
         f.mutable_push()->set_id(1);
         f.mutable_push()->set_batch("garbage");
       },
       Errc::Malformed},
      {"a push without an id", [](Frame& f) { f.mutable_push()->set_batch("garbage"); }},
      {"a want of nothing",
       [](Frame& f) { f.mutable_want()->mutable_after()->set_division(village(1).str()); }},
      {"a want of letters",
       [](Frame& f) {
         f.mutable_want()->mutable_after()->set_division("village");
         f.mutable_want()->set_entries_max(1);
       },
       Errc::Malformed},
      {"a want beyond the checkpoint",
       [](Frame& f) {
         f.mutable_want()->mutable_after()->set_division(village(1).str());
         f.mutable_want()->mutable_after()->set_next_index(1'000);
         f.mutable_want()->mutable_after()->set_leaf(Bytes(32, 'l'));
         f.mutable_want()->set_entries_max(1);
       }},
      {"a short enrolment request",
       [](Frame& f) {
         f.mutable_enrol()->set_request("short");
         f.mutable_enrol()->set_code_id(Bytes(8, 'c'));
         f.mutable_enrol()->set_mac(Bytes(32, 'm'));
       },
       Errc::Malformed},
      {"an enrolment without a mac",
       [](Frame& f) {
         f.mutable_enrol()->set_request(Bytes(281, 'r'));
         f.mutable_enrol()->set_code_id(Bytes(8, 'c'));
       },
       Errc::Malformed},
      {"a large poll",
       [](Frame& f) {
         for (int i = 0; i < 40'000; ++i) f.mutable_poll()->mutable_offer()->add_cursors();
       },
       Errc::Limit},
      {"a poll with too many chains",
       [](Frame& f) {
         for (int i = 0; i < 65; ++i) f.mutable_poll()->mutable_offer()->add_chains();
       },
       Errc::Limit}};
  const County county;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    RawNode node("device", county);
    node.open(county);
    Frame frame;
    c.fill(frame);
    const auto out = node.say(frame, county.now());
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
    EXPECT_FALSE(node.session.on_message("more", county.now()));
  }
}

TEST(HostileNode, FramesThatAreNotTheNextOnesDoNotOpen) {
  const County county;
  proto::NodeFrame poll;
  poll.mutable_poll()->mutable_offer()->set_trusted_size(1);
  for (const char* how : {"altered", "truncated", "repeated", "skipped", "in clear", "empty"}) {
    SCOPED_TRACE(how);
    RawNode node("device", county);
    node.open(county);
    const Bytes first = node.channel->seal(poll.SerializeAsString());
    const Bytes second = node.channel->seal(poll.SerializeAsString());
    Bytes message = first;
    if (how == std::string("altered")) message[3] ^= 1;
    if (how == std::string("truncated")) message.pop_back();
    if (how == std::string("skipped")) message = second;
    if (how == std::string("in clear")) message = poll.SerializeAsString();
    if (how == std::string("empty")) message.clear();
    if (how == std::string("repeated")) {
      ASSERT_TRUE(node.session.on_message(first, county.now()));
    }
    const auto out = node.session.on_message(message, county.now());
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Forged);
  }
}

proto::NodeFrame want_of(const DivisionCode& division) {
  proto::NodeFrame out;
  out.mutable_want()->mutable_after()->set_division(division.str());
  out.mutable_want()->set_entries_max(100);
  return out;
}

TEST(HostileNode, FeedsStayInsideTheScope) {
  County county;
  TestNode author("author", county, {});
  county.enrol(author.key, {"411323001"});
  author.record(village(1), 2);
  author.record(village(2), 2);
  county.take(author.own);
  county.publish();
  RawNode node("device", county);
  node.open(county);
  const auto refused = node.say(want_of(village(2)), county.now());
  ASSERT_TRUE(refused);
  EXPECT_EQ(node.read(refused->send.front()).refusal().code(), proto::REFUSAL_CODE_SCOPE);
  const auto fed = node.say(want_of(village(1)), county.now());
  ASSERT_TRUE(fed);
  const proto::ServerFrame feed = node.read(fed->send.front());
  EXPECT_EQ(decode_feed(feed.feed().batch(), 0)->size(), 2u);
}

TEST(HostileNode, FeedsStayInsideTheCheckpointThatWasShown) {
  County county;
  RawNode node("device", county);
  node.open(county);
  TestNode author("author", county, {});
  county.enrol(author.key, {village(1).str()});
  author.record(village(1), 2);
  county.take(author.own);
  county.publish();  // The node has not been shown it.
  const auto fed = node.say(want_of(village(1)), county.now());
  ASSERT_TRUE(fed);
  EXPECT_TRUE(node.read(fed->send.front()).feed().batch().empty());
}

TEST(HostileNode, AStrangerGetsNothingButTheCheckpoint) {
  County county;
  RawNode node("stranger", county);
  node.content.mutable_offer()->add_cursors()->set_division(village(1).str());
  node.open(county);
  EXPECT_FALSE(node.said.enrolled());
  EXPECT_EQ(node.said.level().divisions_size(), 0);
  TestNode author("author", county, {});
  author.record(village(1), 1);
  proto::NodeFrame push, poll;
  push.mutable_push()->set_id(1);
  push.mutable_push()->set_batch(encode_batch(author.own));
  poll.mutable_poll();
  for (const proto::NodeFrame& frame : {push, poll, want_of(village(1))}) {
    const auto out = node.say(frame, county.now());
    ASSERT_TRUE(out);
    EXPECT_FALSE(out->pushed);
    EXPECT_EQ(node.read(out->send.front()).refusal().code(), proto::REFUSAL_CODE_NOT_ENROLLED);
  }
}

TEST(HostileNode, PushesUnderWayAreBounded) {
  County county;
  RawNode node("device", county);
  node.open(county);
  TestNode author("device", county, {});
  author.record(village(1), 1);
  proto::NodeFrame push;
  push.mutable_push()->set_batch(encode_batch(author.own));
  for (std::size_t id = 1; id <= kPushesInFlightMax; ++id) {
    push.mutable_push()->set_id(id);
    const auto out = node.say(push, county.now());
    ASSERT_TRUE(out);
    ASSERT_TRUE(out->pushed);
    EXPECT_EQ(out->pushed->push_id, id);
  }
  push.mutable_push()->set_id(kPushesInFlightMax + 1);
  EXPECT_EQ(node.say(push, county.now()).error().code, Errc::Limit);
}

TEST(HostileNode, APushIdIsUsedOnce) {
  County county;
  RawNode node("device", county);
  node.open(county);
  TestNode author("device", county, {});
  author.record(village(1), 1);
  proto::NodeFrame push;
  push.mutable_push()->set_batch(encode_batch(author.own));
  push.mutable_push()->set_id(5);
  ASSERT_TRUE(node.say(push, county.now()));
  EXPECT_EQ(node.say(push, county.now()).error().code, Errc::Protocol);
}

TEST(HostileNode, APollWaitsASecondAtMostAndOnlyOne) {
  County county;
  RawNode node("device", county);
  node.open(county);
  proto::NodeFrame poll;
  poll.mutable_poll()->set_wait_for_size(UINT64_MAX);
  const auto waits = node.say(poll, county.now());
  ASSERT_TRUE(waits);
  EXPECT_TRUE(waits->send.empty());
  EXPECT_EQ(waits->waits_for_size, UINT64_MAX);
  const auto still = node.session.on_checkpoint(county.now() + Duration{500});
  ASSERT_TRUE(still);
  EXPECT_TRUE(still->send.empty());
  EXPECT_TRUE(still->waits_for_size);
  const auto answered = node.session.on_tick(county.now() + kPollWait);
  ASSERT_TRUE(answered);
  ASSERT_EQ(answered->send.size(), 1u);
  EXPECT_TRUE(node.read(answered->send.front()).has_level());
  ASSERT_TRUE(node.say(poll, county.now()));
  EXPECT_EQ(node.say(poll, county.now()).error().code, Errc::Protocol) << "a second one";
}

// Whoever offers a chain that is not what is logged is sent the events whole.
TEST(HostileNode, ContentIsLeftOutOnlyOfChainsThatTheNodeProvedToHold) {
  struct Case {
    const char* name;
    std::uint32_t sequence;
    bool right_digest;
    bool left_out;
  };
  for (const Case& c :
       {Case{"all of it", 3, true, true}, Case{"another branch", 3, false, false},
        Case{"the beginning only", 2, true, false}, Case{"more than is logged", 4, true, false}}) {
    SCOPED_TRACE(c.name);
    County county;
    TestNode author("device", county, {});
    author.record(village(1), 4);
    county.take({author.own.begin(), author.own.begin() + 3});
    county.publish();
    RawNode node("device", county);
    auto& chain = *node.content.mutable_offer()->add_chains();
    chain.set_key(node.key.public_key().str());
    chain.set_sequence(c.sequence);
    chain.set_digest(c.right_digest ? author.own[c.sequence - 1].signed_event.digest().str()
                                    : Bytes(32, 'd'));
    node.open(county);
    const auto fed = node.say(want_of(village(1)), county.now());
    ASSERT_TRUE(fed);
    const auto entries = decode_feed(node.read(fed->send.front()).feed().batch(), 0);
    ASSERT_TRUE(entries);
    for (const FedEntry& entry : *entries) EXPECT_EQ(entry.event.has_value(), !c.left_out);
  }
}
}  // namespace
}  // namespace cunji::sync
