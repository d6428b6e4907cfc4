// What a node refuses from whoever answers its call.
#include "shared/sync/batch.h"
#include "shared/sync/limits.h"
#include "tests/unit/shared/sync/raw.h"

namespace cunji::sync {
namespace {
struct Called {
  Called() {
    county.enrol(node.key, {village(1).str()});
    county.publish();
  }
  NodeSession session(NodeSession::Options options = {.stay = true}) {
    return NodeSession(node.key, node.pin, node, node.entropy, options, county.now());
  }
  TestCounty county;
  TestNode node{"device", county, {village(1)}};
};

TEST(HostileServer, AHelloThatIsNotTheCountysIsRefused) {
  const crypto::KeyPair other = key_of("another root");
  struct Case {
    const char* name;
    std::function<void(RawServer&, TestNode&)> alter;
    Errc expected = Errc::Forged;
  };
  const auto resign = [](proto::LoggedEvent& logged, const crypto::KeyPair& key) {
    auto entry = event::decode_entry(logged.entry()).value();
    event::Header header = entry.event.header();
    header.author = key.public_key();
    entry.event = event::SignedEvent::sign(header, key);
    logged.set_entry(entry.encode());
  };
  const Case cases[] = {
      {"other versions only", [](auto& s, auto&) { s.hello_message.set_versions(0, 2); },
       Errc::Protocol},
      {"no nonce", [](auto& s, auto&) { s.hello_message.clear_nonce(); }, Errc::Malformed},
      {"no founding", [](auto& s, auto&) { s.hello_message.clear_founding(); }, Errc::Malformed},
      {"founding of garbage",
       [](auto& s, auto&) { s.hello_message.mutable_founding()->set_entry(Bytes(300, 'x')); },
       Errc::Malformed},
      {"another county's root", [](auto&, auto& n) { n.pin.root_digest = {}; }},
      {"founding signed by another key",
       [&](auto& s, auto&) { resign(*s.hello_message.mutable_founding(), other); }},
      {"founding with a broken signature",
       [](auto& s, auto&) { s.hello_message.mutable_founding()->mutable_entry()->back() ^= 1; }},
      {"founding at another index",
       [](auto& s, auto&) { s.hello_message.mutable_founding()->set_index(1); }},
      {"founding with another body",
       [](auto& s, auto&) {
         s.hello_message.mutable_founding()->set_body(s.hello_message.system().body());
       }},
      {"founding without its body",
       [](auto& s, auto&) { s.hello_message.mutable_founding()->set_body(Bytes(2, '\0')); }},
      {"the system's credential as founding",
       [](auto& s, auto&) { *s.hello_message.mutable_founding() = s.hello_message.system(); }},
      {"the founding as system's credential",
       [](auto& s, auto&) { *s.hello_message.mutable_system() = s.hello_message.founding(); }},
      {"system credential signed by another key",
       [&](auto& s, auto&) { resign(*s.hello_message.mutable_system(), other); }},
      {"a coordinator's credential as the system's",
       [](auto& s, auto&) {
         RawServer::add(s.county.log().at(2).value().value(), *s.hello_message.mutable_system());
       }},
      {"another log key than pinned", [&](auto&, auto& n) { n.pin.log_key = other.public_key(); }},
      {"another origin than pinned", [](auto&, auto& n) { n.pin.origin = "elsewhere/411323/1"; }}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Called called;
    RawServer server(called.county);
    c.alter(server, called.node);
    NodeSession session = called.session();
    const auto out = session.on_message(server.hello(), called.county.now());
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
    EXPECT_FALSE(session.on_message(RawServer(called.county).hello(), called.county.now()))
        << "a failed session stays so";
  }
}

TEST(HostileServer, TruncatedOrOversizedHellosAreRefused) {
  Called called;
  const Bytes hello = RawServer(called.county).hello();
  for (std::size_t length = 0; length < hello.size(); ++length)
    EXPECT_FALSE(called.session().on_message({hello.data(), length}, called.county.now()))
        << length;
  const auto out =
      called.session().on_message(Bytes(kSmallFrameBytesMax + 1, '\0'), called.county.now());
  EXPECT_EQ(out.error().code, Errc::Limit);
}

TEST(HostileServer, AnAnswerThatIsNotTheSystemKeysIsRefused) {
  struct Case {
    const char* name;
    std::function<void(RawServer&)> alter;
    Errc expected = Errc::Forged;
  };
  const Case cases[] = {
      {"another key", [](RawServer& s) { s.signer = key_of("mallory"); }},
      {"the log's key", [](RawServer& s) { s.signer = s.county.log_key(); }},
      {"signed as a node", [](RawServer& s) { s.as_node = true; }},
      {"over another hello", [](RawServer& s) { s.sent_hello.back() ^= 1; }},
      {"a low-order point", [](RawServer& s) { s.ephemeral = Bytes(32, '\0'); }},
      {"a short point", [](RawServer& s) { s.ephemeral = Bytes(31, 'x'); }, Errc::Malformed},
      {"no note", [](RawServer& s) { s.content.mutable_level()->clear_note(); }, Errc::Malformed},
      {"a note too long",
       [](RawServer& s) {
         s.content.mutable_level()->set_note(std::string(log::kNoteBytesMax + 1, 'x'));
       },
       Errc::Limit},
      {"a note by another key",
       [](RawServer& s) {
         s.content.mutable_level()->set_note(
             log::sign_checkpoint(s.county.checkpoint(), key_of("mallory")));
       }},
      {"a note of another origin",
       [](RawServer& s) {
         log::Checkpoint elsewhere = s.county.checkpoint();
         elsewhere.origin = "elsewhere/411323/1";
         s.content.mutable_level()->set_note(log::sign_checkpoint(elsewhere, s.county.log_key()));
       },
       Errc::Malformed},
      {"a note of an empty log",
       [](RawServer& s) {
         log::Checkpoint empty = s.county.checkpoint();
         empty.size = 0;
         s.content.mutable_level()->set_note(log::sign_checkpoint(empty, s.county.log_key()));
       },
       Errc::Malformed},
      {"too many proof hashes",
       [](RawServer& s) {
         for (int i = 0; i < 65; ++i) s.content.mutable_level()->add_consistency(Bytes(32, 'x'));
       },
       Errc::Limit},
      {"a proof hash too short",
       [](RawServer& s) { s.content.mutable_level()->add_consistency("short"); }, Errc::Malformed},
      {"a time beyond 9999",
       [](RawServer& s) { s.content.mutable_level()->set_now(kTimeMillisMax + 1); },
       Errc::Malformed},
      {"a chain that was not offered",
       [](RawServer& s) {
         s.alter_level = [](proto::Level& l) { l.add_chains()->set_key(Bytes(32, 'k')); };
       },
       Errc::Protocol},
      {"a division that was not offered",
       [](RawServer& s) {
         s.alter_level = [](proto::Level& l) { l.add_divisions()->set_division(village(9).str()); };
       },
       Errc::Protocol},
      {"a division named twice",
       [](RawServer& s) {
         s.alter_level = [](proto::Level& l) { *l.add_divisions() = l.divisions(0); };
       },
       Errc::Malformed},
      {"too many divisions",
       [](RawServer& s) {
         s.alter_level = [](proto::Level& l) {
           for (int i = 0; i < 600; ++i) l.add_divisions();
         };
       },
       Errc::Limit}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Called called;
    RawServer server(called.county);
    NodeSession session = called.session();
    const auto hello = session.on_message(server.hello(), called.county.now());
    ASSERT_TRUE(hello);
    c.alter(server);
    // A note of another origin may be called Malformed or Forged: it is not signed under our name.
    const auto out = session.on_message(server.answer(hello->send.front()), called.county.now());
    ASSERT_FALSE(out);
    EXPECT_TRUE(out.error().code == c.expected ||
                (c.expected == Errc::Malformed && out.error().code == Errc::Forged))
        << out.error().what;
  }
}

TEST(HostileServer, AnAnswerOfAnotherSessionIsRefused) {
  Called called;
  RawServer server(called.county);
  const Bytes hello = server.hello();
  NodeSession first = called.session(), second = called.session();
  const auto one = first.on_message(hello, called.county.now());
  const auto two = second.on_message(hello, called.county.now());
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->send.front(), two->send.front()) << "each hello has its own nonce";
  const Bytes answer = server.answer(one->send.front());
  EXPECT_EQ(second.on_message(answer, called.county.now()).error().code, Errc::Forged);
}

TEST(HostileServer, ALevelThatLeavesOutAnOfferedChainIsRefused) {
  Called called;
  called.node.record(village(1), 1);
  RawServer server(called.county);
  NodeSession session = called.session();
  const auto hello = session.on_message(server.hello(), called.county.now());
  server.alter_level = [](proto::Level& l) { l.clear_chains(); };
  const auto out = session.on_message(server.answer(hello->send.front()), called.county.now());
  EXPECT_EQ(out.error().code, Errc::Protocol);
}

// A session in which the node has pushed two events and waits for a poll's or a push's answer.
struct Open {
  explicit Open(int events = 2) {
    called.node.record(village(1), events);
    const auto hello = session->on_message(server.hello(), called.county.now());
    const auto out = session->on_message(server.answer(hello->send.front()), called.county.now());
    EXPECT_TRUE(out) << out.error().what;
    if (out) sent = out->send;
  }
  Result<NodeSession::Output> say(const proto::ServerFrame& frame) {
    return session->on_message(server.seal(frame), called.county.now());
  }
  proto::ServerFrame ack() {
    proto::ServerFrame out;
    out.mutable_ack()->set_push_id(1);
    for (std::uint64_t sequence : {1u, 2u}) {
      proto::EventResult& result = *out.mutable_ack()->add_results();
      result.set_status(proto::EventResult::STATUS_LOGGED);
      result.set_key(called.node.key.public_key().str());
      result.set_sequence(sequence);
      result.set_index(10 + sequence);
      result.set_received(to_millis(start_time()));
    }
    return out;
  }
  Called called;
  RawServer server{called.county};
  std::unique_ptr<NodeSession> session = std::make_unique<NodeSession>(called.session());
  std::vector<Bytes> sent;
};

TEST(HostileServer, AcknowledgementsAreHeldAgainstWhatWasPushed) {
  using Frame = proto::ServerFrame;
  const auto result = [](Frame& f) { return f.mutable_ack()->mutable_results(0); };
  struct Case {
    const char* name;
    std::function<void(Frame&)> alter;
    Errc expected = Errc::Protocol;
  };
  const Case cases[] = {
      {"of no push", [](Frame& f) { f.mutable_ack()->set_push_id(9); }},
      {"without results", [](Frame& f) { f.mutable_ack()->clear_results(); }},
      {"for more events", [](Frame& f) { *f.mutable_ack()->add_results() = f.ack().results(0); }},
      {"for another key", [&](Frame& f) { result(f)->set_key(Bytes(32, 'k')); }},
      {"for a short key", [&](Frame& f) { result(f)->set_key("k"); }, Errc::Malformed},
      {"out of order", [](Frame& f) { f.mutable_ack()->mutable_results()->SwapElements(0, 1); }},
      {"without a status", [&](Frame& f) { result(f)->clear_status(); }},
      {"with an unknown verdict", [&](Frame& f) { result(f)->set_verdict(5); }},
      {"with a verdict beyond 16 bits", [&](Frame& f) { result(f)->set_verdict(65'536); }},
      {"with an index beyond every log", [&](Frame& f) { result(f)->set_index(UINT64_MAX); }},
      {"with a time beyond 9999", [&](Frame& f) { result(f)->set_received(UINT64_MAX); }},
      {"refused without a code",
       [&](Frame& f) { result(f)->set_status(proto::EventResult::STATUS_REFUSED); }},
      {"too many results",
       [](Frame& f) {
         for (int i = 0; i < 1'001; ++i) f.mutable_ack()->add_results();
       },
       Errc::Limit}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Open open;
    proto::ServerFrame frame = open.ack();
    c.alter(frame);
    const auto out = open.say(frame);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  Open open;
  const auto out = open.say(open.ack());
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->outcomes.size(), 2u);
}

TEST(HostileServer, WhatWasNotAskedForIsRefused) {
  using Frame = proto::ServerFrame;
  struct Case {
    const char* name;
    std::function<void(Frame&)> fill;
    Errc expected = Errc::Protocol;
  };
  const Case cases[] = {
      {"a level", [](Frame& f) { f.mutable_level(); }},
      {"an empty feed", [](Frame& f) { f.mutable_feed()->set_division(village(1).str()); }},
      {"an enrolment", [](Frame& f) { f.mutable_enrol()->set_role("registrar"); }},
      {"a scope refusal",
       [](Frame& f) { f.mutable_refusal()->set_code(proto::REFUSAL_CODE_SCOPE); }},
      {"a refusal", [](Frame& f) { f.mutable_refusal()->set_code(proto::REFUSAL_CODE_VERSION); }},
      {"no frame", [](Frame&) {}, Errc::Malformed},
      {"a large level",
       [](Frame& f) { f.mutable_level()->set_note(std::string(kSmallFrameBytesMax, 'x')); },
       Errc::Limit}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Open open;
    Frame frame;
    c.fill(frame);
    const auto out = open.say(frame);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
}

TEST(HostileServer, FramesThatAreNotTheNextOnesDoNotOpen) {
  for (const char* how : {"altered", "truncated", "repeated", "skipped", "in clear", "empty"}) {
    SCOPED_TRACE(how);
    Open open;
    const Bytes first = open.server.seal(open.ack());
    const Bytes second = open.server.seal(open.ack());
    Bytes message = first;
    if (how == std::string("altered")) message[3] ^= 1;
    if (how == std::string("truncated")) message.pop_back();
    if (how == std::string("skipped")) message = second;
    if (how == std::string("in clear")) message = open.ack().SerializeAsString();
    if (how == std::string("empty")) message.clear();
    if (how == std::string("repeated")) {
      ASSERT_TRUE(open.session->on_message(first, open.called.county.now()));
    }
    const auto out = open.session->on_message(message, open.called.county.now());
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Forged);
  }
  Open open;
  EXPECT_EQ(open.session->on_message(Bytes(kFrameBytesMax + 1, 'x'), open.called.county.now())
                .error()
                .code,
            Errc::Limit);
}

// The node wants the county's division from index 0; the log has three entries there.
struct Fed {
  Fed() {
    const auto hello = session->on_message(server.hello(), called.county.now());
    server.alter_level = [this](proto::Level& level) {
      level.mutable_divisions(0)->set_next_index(3);
      level.mutable_divisions(0)->set_leaf(entries().back().entry.leaf_hash().str());
    };
    const auto out = session->on_message(server.answer(hello->send.front()), called.county.now());
    EXPECT_TRUE(out) << out.error().what;
    feed.set_division(county_code().division().str());
    feed.set_batch(encode_feed(entries(), {}, 0));
    feed.set_proven_size(3);
    for (const Digest& hash : log::prove_inclusion(called.county.log(), 2, 3).value())
      feed.add_inclusion(hash.str());
  }
  std::vector<event::LoggedEvent> entries() const {
    return called.county.log().division_entries(county_code().division(), 0, 10).value();
  }
  Result<NodeSession::Output> say() {
    proto::ServerFrame frame;
    *frame.mutable_feed() = feed;
    return session->on_message(server.seal(frame), called.county.now());
  }
  Called called;
  RawServer server{called.county};
  std::unique_ptr<NodeSession> session = std::make_unique<NodeSession>(called.session());
  proto::Feed feed;
};

TEST(HostileServer, FeedsThatDoNotFitTheirProofAreRefused) {
  struct Case {
    const char* name;
    std::function<void(Fed&)> alter;
    Errc expected = Errc::Forged;
  };
  const Case cases[] = {
      {"another division", [](Fed& f) { f.feed.set_division(village(1).str()); }, Errc::Protocol},
      {"no proof", [](Fed& f) { f.feed.clear_inclusion(); }},
      {"a proof too long", [](Fed& f) { f.feed.add_inclusion(Bytes(32, 'x')); }},
      {"a proof hash too short", [](Fed& f) { f.feed.set_inclusion(0, "x"); }, Errc::Malformed},
      {"too many proof hashes",
       [](Fed& f) {
         for (int i = 0; i < 65; ++i) f.feed.add_inclusion(Bytes(32, 'x'));
       },
       Errc::Limit},
      {"a proof altered", [](Fed& f) { (*f.feed.mutable_inclusion(0))[0] ^= 1; }},
      {"under another checkpoint", [](Fed& f) { f.feed.set_proven_size(2); }},
      {"garbage", [](Fed& f) { f.feed.set_batch("garbage"); }, Errc::Malformed},
      {"empty, yet more",
       [](Fed& f) {
         f.feed.Clear();
         f.feed.set_division(county_code().division().str());
         f.feed.set_more(true);
       },
       Errc::Protocol},
      {"held back wholly",
       [](Fed& f) {
         f.feed.Clear();
         f.feed.set_division(county_code().division().str());
       }},
      {"held back in part",
       [](Fed& f) {
         auto entries = f.entries();
         entries.pop_back();
         f.feed.set_batch(encode_feed(entries, {}, 0));
         f.feed.clear_inclusion();
         for (const Digest& h : log::prove_inclusion(f.called.county.log(), 1, 3).value())
           f.feed.add_inclusion(h.str());
       }},
      {"an index beyond the checkpoint",
       [](Fed& f) {
         auto entries = f.entries();
         entries.back().index = 7;
         f.feed.set_batch(encode_feed(entries, {}, 0));
       }},
      {"content left out that is not ours",
       [](Fed& f) {
         f.feed.set_batch(encode_feed(f.entries(), {f.called.county.root().public_key()}, 0));
       },
       Errc::Protocol}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Fed fed;
    c.alter(fed);
    const auto out = fed.say();
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  Fed fed;
  const auto out = fed.say();
  ASSERT_TRUE(out) << out.error().what;
  ASSERT_EQ(out->feed.size(), 1u);
  EXPECT_EQ(out->feed[0].entries.size(), 3u);
  EXPECT_TRUE(out->level);
}

TEST(HostileServer, MoreEntriesThanAskedForAreRefused) {
  Called called;
  NodeSession session = called.session({.feed_entries_max = 2});
  Fed fed;
  fed.session = std::make_unique<NodeSession>(std::move(session));
  RawServer server(called.county);
  const auto hello = fed.session->on_message(server.hello(), called.county.now());
  server.alter_level = [&](proto::Level& level) {
    level.mutable_divisions(0)->set_next_index(3);
    level.mutable_divisions(0)->set_leaf(fed.entries().back().entry.leaf_hash().str());
  };
  ASSERT_TRUE(fed.session->on_message(server.answer(hello->send.front()), called.county.now()));
  proto::ServerFrame frame;
  *frame.mutable_feed() = fed.feed;
  EXPECT_EQ(fed.session->on_message(server.seal(frame), called.county.now()).error().code,
            Errc::Limit);
}

TEST(HostileServer, SilenceEndsTheSession) {
  Called called;
  NodeSession session = called.session();
  EXPECT_TRUE(session.on_tick(called.county.now() + kReplyTimeout));
  EXPECT_EQ(session.on_tick(called.county.now() + kReplyTimeout + Duration{1}).error().code,
            Errc::Timeout);
  Open open;  // Two events wait for their acknowledgement.
  const TimePoint late = open.called.county.now() + kReplyTimeout + Duration{1};
  EXPECT_EQ(open.session->on_tick(late).error().code, Errc::Timeout);
  // Level and idle: nothing is owed.
  Connection line(called.node, called.county, {.stay = true});
  line.run();
  EXPECT_TRUE(line.node_side.on_tick(late + std::chrono::hours{10}));
}

TEST(HostileServer, ACountyThatNeverPublishesIsLeft) {
  Called called;
  called.node.record(village(1), 1);
  Connection line(called.node, called.county);
  line.publishes = false;
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Timeout);
  EXPECT_EQ(called.node.outcomes.size(), 1u) << "acknowledged is acknowledged";
}
}  // namespace
}  // namespace cunji::sync
