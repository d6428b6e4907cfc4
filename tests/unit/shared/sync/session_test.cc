// Whole sessions between an honest node and an honest county.
#include "shared/sync/limits.h"
#include "tests/unit/shared/sync/node.h"

namespace cunji::sync {
namespace {
using Status = EventOutcome::Status;

// A county with one enrolled node that has recorded `events` visits.
struct Pair {
  explicit Pair(int events = 0) {
    county.enrol(node.key, {village(1).str()});
    county.publish();
    node.record(village(1), events);
  }
  Connection sync(NodeSession::Options options = {}) {
    Connection line(node, county, options);
    line.run();
    return line;
  }
  TestCounty county;
  TestNode node{"first", county, {village(1)}};
};

TEST(Session, TakesEverythingToTheCountyAndBack) {
  Pair pair(1'200);
  Connection line = pair.sync();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  EXPECT_TRUE(line.node_side.enrolled());
  EXPECT_EQ(pair.node.outcomes.size(), 1'200u);
  for (const EventOutcome& outcome : pair.node.outcomes) EXPECT_EQ(outcome.status, Status::Logged);
  EXPECT_EQ(pair.county.size(), 1'203u);
  pair.node.expect_all_of(pair.county, village(1));
  pair.node.expect_all_of(pair.county, county_code().division());
  EXPECT_EQ(pair.node.entries.size(), pair.county.size());
  EXPECT_EQ(pair.node.trusted().value()->size, pair.county.size());
  const NodeSession::Progress& progress = line.node_side.progress();
  EXPECT_EQ(progress.pushed, 1'200u);
  EXPECT_EQ(progress.to_push, 1'200u);
  EXPECT_EQ(progress.fetched, 1'203u);
  EXPECT_EQ(progress.to_fetch, 1'203u);
}

TEST(Session, PinsTheCountyAtFirstContact) {
  Pair pair;
  EXPECT_FALSE(pair.node.pin.log_key);
  pair.sync();
  EXPECT_EQ(pair.node.pin.log_key, pair.county.log_key().public_key());
  EXPECT_EQ(pair.node.pin.origin, "test/411323/1");
}

TEST(Session, IsIdleWhenNothingIsNew) {
  Pair pair(3);
  pair.sync();
  const std::uint64_t size = pair.county.size();
  const std::size_t outcomes = pair.node.outcomes.size();
  Connection line = pair.sync();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(line.steps, 3) << "hello, hello, answer";
  EXPECT_EQ(pair.county.size(), size);
  EXPECT_EQ(pair.node.outcomes.size(), outcomes);
}

TEST(Session, ASessionThatStaysPollsInOneSmallRoundTrip) {
  Pair pair(5);
  Connection line(pair.node, pair.county, {.stay = true});
  line.run();
  ASSERT_TRUE(pair.node.level);
  // The first poll tells what became of the pushes; the next ones find nothing new.
  line.poll();
  line.run();
  for (int i = 0; i < 3; ++i) {
    line.bytes = 0;
    line.steps = 0;
    line.poll();
    line.run();
    ASSERT_FALSE(line.error);
    EXPECT_TRUE(pair.node.level);
    EXPECT_EQ(line.steps, 2) << "one round trip";
    EXPECT_LE(line.bytes, 600u);
    RecordProperty("idle_poll_bytes", static_cast<int>(line.bytes));
  }
  // What is recorded afterwards, here and elsewhere, goes the same way.
  TestNode other("second", pair.county, {village(1)});
  pair.county.enrol(other.key, {village(1).str()});
  pair.county.publish();
  other.record(village(1), 2);
  Connection second(other, pair.county);
  second.run();
  pair.node.record(village(1), 4);
  line.poll();
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.node.outcomes.size(), 9u);
  pair.node.expect_all_of(pair.county, village(1));
  EXPECT_EQ(pair.node.entries.size(), pair.county.size());
}

TEST(Session, ADivisionWantedLaterIsFedWithoutReconnecting) {
  Pair pair;
  pair.county.enrol(pair.node.key, {village(2).str()});
  TestNode other("second", pair.county, {village(2)});
  pair.county.enrol(other.key, {village(2).str()});
  pair.county.publish();
  other.record(village(2), 3);
  Connection second(other, pair.county);
  second.run();
  Connection line(pair.node, pair.county, {.stay = true});
  line.run();
  EXPECT_FALSE(pair.node.entries.contains(pair.county.size() - 1));
  pair.node.want(village(2));
  line.poll();
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(pair.node.level);
  pair.node.expect_all_of(pair.county, village(2));
}

// The line is cut after every possible number of messages; then a new session finishes the work.
TEST(Session, ResumesAfterACutAnywhereAndNothingIsTwice) {
  Pair whole(30);
  const NodeSession::Options options{.batch_events_max = 4, .feed_entries_max = 5};
  const int messages = whole.sync(options).steps;
  ASSERT_GT(messages, 20);
  for (int cut = 0; cut <= messages; ++cut) {
    SCOPED_TRACE(cut);
    Pair pair(30);
    Connection first(pair.node, pair.county, options);
    first.run(cut);
    ASSERT_FALSE(first.error);
    Connection second = pair.sync(options);
    ASSERT_FALSE(second.error) << second.error->what;
    EXPECT_TRUE(pair.node.level);
    EXPECT_EQ(pair.county.size(), whole.county.size()) << "each event is logged once";
    pair.node.expect_all_of(pair.county, village(1));
    EXPECT_EQ(pair.node.entries.size(), pair.county.size());
    std::set<std::uint64_t> answered;
    for (const EventOutcome& outcome : pair.node.outcomes)
      EXPECT_TRUE(answered.insert(outcome.sequence).second) << outcome.sequence;
  }
}

// Whoever judges signatures for the session is asked about each entry fed, and believed.
TEST(Session, AsksTheDriverForEachSignatureOfAFeed) {
  Pair pair(30);
  std::size_t asked = 0;
  ASSERT_FALSE(pair.sync({.verify_all =
                              [&](auto events) {
                                asked += events.size();
                                return verify_one_by_one(events);
                              }})
                   .error);
  EXPECT_EQ(asked + 30, pair.node.entries.size()) << "its own 30 it holds already";

  Pair other(30);
  const Connection line = other.sync({.verify_all = [](auto events) {
    std::vector<std::uint8_t> genuine = verify_one_by_one(events);
    if (!genuine.empty()) genuine.back() = 0;
    return genuine;
  }});
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
  EXPECT_TRUE(other.node.entries.empty());
}

TEST(Session, ThreeNodesSeeEachOthersWorkInTheirVillagesOnly) {
  TestCounty county;
  std::vector<TestNode> nodes;
  nodes.emplace_back("a", county, std::vector{village(1), village(2)});
  nodes.emplace_back("b", county, std::vector{village(2)});
  nodes.emplace_back("c", county, std::vector{village(3)});
  county.enrol(nodes[0].key, {village(1).str(), village(2).str()});
  county.enrol(nodes[1].key, {village(2).str()});
  county.enrol(nodes[2].key, {village(3).str()});
  county.publish();
  for (int round = 0; round < 3; ++round) {
    nodes[0].record(village(1), 3);
    nodes[0].record(village(2), 2);
    nodes[1].record(village(2), 4);
    nodes[2].record(village(3), 1);
    for (TestNode& node : nodes) {
      Connection line(node, county);
      line.run();
      ASSERT_FALSE(line.error) << line.error->what;
    }
  }
  for (TestNode& node : nodes) Connection(node, county).run();
  nodes[0].expect_all_of(county, village(1));
  nodes[0].expect_all_of(county, village(2));
  nodes[1].expect_all_of(county, village(2));
  nodes[2].expect_all_of(county, village(3));
  for (const auto& [index, logged] : nodes[2].entries) {
    const DivisionCode division = logged.entry.event.header().division;
    EXPECT_TRUE(division == village(3) || division == county_code().division()) << index;
  }
}

TEST(Session, AUnknownKeyMayOnlyAskToBeEnrolled) {
  TestCounty county;
  TestNode node("stranger", county, {village(1)});
  node.record(village(1), 10);
  Connection line(node, county, {.batch_events_max = 2});
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_FALSE(line.node_side.enrolled());
  EXPECT_TRUE(node.level) << "nothing more to do in this session";
  EXPECT_TRUE(node.outcomes.empty());
  EXPECT_TRUE(node.entries.empty());
  EXPECT_EQ(county.size(), 2u);
  EXPECT_EQ(line.server_messages, 2) << "hello and one push: not all of it in vain";
}

TEST(Session, EnrolsWithACode) {
  TestCounty county;
  TestNode node("new", county, {});
  const Bytes request = request_of(node.key, county.root().public_key());
  const Bytes code_key = crypto::sha256("CODE-TEXT").str();
  Connection line(node, county, {.enrol = EnrolmentOffer{request, code_key}});
  line.on_enrol = [&](const ServerSession::EnrolmentAsk& ask) -> Result<EnrolmentOutcome> {
    EXPECT_EQ(ask.request, request);
    EXPECT_EQ(ask.code_id, crypto::sha256({"cunji/enrol-code-id\n", code_key}).str().substr(0, 8));
    EXPECT_EQ(ask.mac, crypto::hmac_sha256(code_key, {ask.request, ask.transcript.view()}).str());
    EXPECT_EQ(*line.server_side.key(), node.key.public_key());
    county.enrol(node.key, {village(1).str()});
    const auto credential = county.log().at(county.size() - 1).value();
    return EnrolmentOutcome{
        .role = "coordinator", .divisions = {village(1).str()}, .credential = credential};
  };
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(node.enrolment);
  EXPECT_EQ(node.enrolment->role, "coordinator");
  EXPECT_EQ(node.enrolment->divisions, std::vector{village(1).str()});
  ASSERT_TRUE(node.enrolment->credential);
  EXPECT_TRUE(node.pin.log_key) << "the county is pinned";
  EXPECT_FALSE(line.node_side.on_message("more", county.now())) << "the session has ended";
}

TEST(Session, ARefusedEnrolmentSaysWhy) {
  TestCounty county;
  TestNode node("new", county, {});
  Connection line(node, county,
                  {.enrol = EnrolmentOffer{request_of(node.key, county.root().public_key()),
                                           crypto::sha256("WRONG").str()}});
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Protocol);
  EXPECT_NE(line.error->what.find("unknown code"), std::string::npos);
}

TEST(Session, ARevokedKeyStillDeliversAndHearsWhyButIsFedNoVillage) {
  Pair pair(4);
  pair.county.revoke(pair.node.key.public_key());
  pair.county.publish();
  Connection line = pair.sync();
  ASSERT_FALSE(line.error);
  EXPECT_FALSE(line.node_side.enrolled());
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.node.outcomes.size(), 4u);
  pair.node.expect_all_of(pair.county, county_code().division());
  EXPECT_EQ(pair.node.fed_of(village(1)), 0u);
}

TEST(Session, AKeyRevokedDuringTheSessionIsFedItsVillageNoMore) {
  Pair pair(4);
  Connection line(pair.node, pair.county, {.stay = true});
  line.run();
  ASSERT_TRUE(pair.node.level);
  const std::size_t before = pair.node.fed_of(village(1));
  ASSERT_GT(before, 0u);
  pair.county.revoke(pair.node.key.public_key());
  TestNode other("other", pair.county, {village(1)});
  pair.county.enrol(other.key, {village(1).str()});
  other.record(village(1), 3);
  pair.county.take(other.own);
  pair.county.publish();
  line.poll();
  line.run();
  ASSERT_FALSE(line.error);
  pair.node.expect_all_of(pair.county, county_code().division());
  EXPECT_EQ(pair.node.fed_of(village(1)), before);
}

// Two events of the key in one place of its chain, as a cloned phone signs them.
static Bytes fork_of(TestNode& node, const TestCounty& county) {
  event::IncidentPart out{
      .key = node.key.public_key(), .sequence = node.head.sequence + 1, .evidence = {}};
  for (const char* text : {"one branch", "another branch"}) {
    const auto branch = event::make_event(node.key, county_code(), node.head, {1, {}},
                                          {.division = village(1),
                                           .subject = {},
                                           .kind = event::Kind::Visit,
                                           .recorded = county.now(),
                                           .parts = {text}},
                                          node.entropy);
    out.evidence.push_back(branch->signed_event.encode());
  }
  return event::encode_part(out);
}

// Its village's head is named no more from then on. That is no fraud, and the node asks once more
// before it says so.
TEST(Session, AKeyThatLosesItsStandingBetweenAcknowledgementAndPollIsNotHeldBackFrom) {
  const std::function<void(Pair&)> ways[] = {
      [](Pair& pair) {
        const Bytes fork = fork_of(pair.node, pair.county);
        pair.county.commit(pair.county.system_key(), event::Kind::Incident, fork);
      },
      [](Pair& pair) { pair.county.revoke(pair.node.key.public_key()); }};
  for (const auto& lose_standing : ways) {
    Pair pair(2);
    ASSERT_FALSE(pair.sync().error);
    ASSERT_EQ(pair.node.fed_of(village(1)), 2u);
    pair.node.record(village(1), 2);
    Connection line(pair.node, pair.county);
    line.on_outcomes = [&](std::vector<EventOutcome>&) { lose_standing(pair); };
    line.run();
    ASSERT_FALSE(line.error) << line.error->what;
    EXPECT_TRUE(pair.node.level);
    EXPECT_EQ(pair.node.outcomes.size(), 4u) << "what was acknowledged stays so";
    EXPECT_EQ(pair.node.outside, std::set{village(1)});
    EXPECT_EQ(pair.node.fed_of(village(1)), 2u);
    pair.node.expect_all_of(pair.county, county_code().division());
  }
}

TEST(Session, DivisionsOutsideTheScopeAreNamed) {
  TestCounty county;
  TestNode node("first", county, {village(1), village(2)});
  county.enrol(node.key, {village(1).str()});
  county.publish();
  Connection line(node, county);
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(node.level);
  EXPECT_EQ(node.outside, std::set{village(2)});
}

TEST(Session, AssignedScopeGivesNoVillage) {
  TestCounty county;
  TestNode node("helper", county, {village(1)});
  county.enrol(node.key, {}, "helper_of");
  county.publish();
  Connection line(node, county);
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(line.node_side.enrolled());
  EXPECT_EQ(node.outside, std::set{village(1)});
  node.expect_all_of(county, county_code().division());
}

TEST(Session, WhatIsPutOffStaysUnsentAndIsOfferedAgain) {
  Pair pair(6);
  pair.county.put_off = 1'000;
  Connection line(pair.node, pair.county, {.batch_events_max = 2, .stay = true});
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.node.later, "refused by the test");
  EXPECT_TRUE(pair.node.outcomes.empty());
  pair.county.put_off = 0;
  line.poll();
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_EQ(pair.node.outcomes.size(), 6u);
  pair.node.expect_all_of(pair.county, village(1));
}

TEST(Session, OnePutOffInTheMiddleHoldsBackOnlyWhatFollows) {
  Pair pair(12);
  Connection line(pair.node, pair.county, {.batch_events_max = 2, .stay = true});
  int seen = 0;
  line.on_outcomes = [&](std::vector<EventOutcome>& outcomes) {
    if (++seen == 2) pair.county.put_off = 1;
    EXPECT_EQ(outcomes.size(), 2u);
  };
  line.run();
  ASSERT_FALSE(line.error);
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.node.outcomes.size(), 4u);
  EXPECT_FALSE(pair.node.later.empty());
  line.on_outcomes = nullptr;
  line.poll();
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_EQ(pair.node.outcomes.size(), 12u);
}

// The server answers for fewer events than were pushed, or with a gap: pushed again from its head.
TEST(Session, GoesOnFromTheHeldHeadAfterAGap) {
  Pair pair(10);
  Connection line(pair.node, pair.county, {.batch_events_max = 5});
  bool done = false;
  line.on_outcomes = [&](std::vector<EventOutcome>& outcomes) {
    if (done) return;
    done = true;
    outcomes.back().status = EventOutcome::Status::Refused;
    outcomes.back().refusal = proto::REFUSAL_CODE_GAP;
  };
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  EXPECT_EQ(pair.county.size(), 13u);
  pair.node.expect_all_of(pair.county, village(1));
}

TEST(Session, AServerThatFindsGapsForEverIsLeft) {
  Pair pair(3);
  pair.county.put_off = 1'000;
  Connection line(pair.node, pair.county);
  line.on_outcomes = [&](std::vector<EventOutcome>& outcomes) {
    for (EventOutcome& outcome : outcomes) {
      outcome.status = EventOutcome::Status::Refused;
      outcome.refusal = proto::REFUSAL_CODE_GAP;
    }
  };
  line.run(1'000);
  EXPECT_LT(line.steps, 100);
  EXPECT_FALSE(pair.node.later.empty());
  EXPECT_TRUE(pair.node.outcomes.empty());
}

TEST(Session, ARefusedEventEndsItsChainForTheSession) {
  Pair pair(8);
  Connection line(pair.node, pair.county, {.batch_events_max = 1});
  line.on_outcomes = [&](std::vector<EventOutcome>& outcomes) {
    if (outcomes.front().sequence < 3) return;
    outcomes.front().status = EventOutcome::Status::Refused;
    outcomes.front().refusal =
        outcomes.front().sequence == 3 ? proto::REFUSAL_CODE_SIGNATURE : proto::REFUSAL_CODE_PARENT;
  };
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  ASSERT_GE(pair.node.outcomes.size(), 3u);
  EXPECT_EQ(pair.node.outcomes[2].status, Status::Refused);
  EXPECT_EQ(pair.node.outcomes[2].refusal, static_cast<int>(proto::REFUSAL_CODE_SIGNATURE));
  EXPECT_LE(pair.node.outcomes.size(), 2 + kPushesInFlightMax) << "only what was under way";
}

TEST(Session, ABodyDamagedOnTheDeviceIsSentAsLost) {
  Pair pair(3);
  pair.node.own[1].body.parts[0].padded[0] ^= 1;
  Connection line = pair.sync();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_TRUE(pair.node.level);
  const auto logged = pair.county.log().at(4).value();
  ASSERT_TRUE(logged);
  EXPECT_TRUE(logged->body.lost());
  EXPECT_EQ(pair.node.outcomes.size(), 3u);
}
}  // namespace
}  // namespace cunji::sync
