// What the county names of a key's scope that the node did not offer: a desk holds no registration
// of the villages below it, and so can't know them.
#include "shared/sync/limits.h"
#include "tests/unit/shared/sync/raw.h"

namespace cunji::sync {
namespace {
using Codes = std::vector<DivisionCode>;

const DivisionCode kTown = DivisionCode::parse("411323001000").value();
const DivisionCode kElsewhere = DivisionCode::parse("411323002201").value();  // Another town's.

// A county in which somebody has worked in two villages of one town and in one of another.
struct Worked {
  Worked() {
    county.enrol(author.key, {"411323"});
    log(village(1), 3);
    log(village(2), 2);
    log(kElsewhere, 4);
    county.publish();
  }
  void log(const DivisionCode& division, int count = 1) {
    author.own.clear();
    author.record(division, count);
    county.take(author.own);
  }
  void enrol(TestNode& node, std::vector<std::string> prefixes, const std::string& assigned = "") {
    county.enrol(node.key, std::move(prefixes), assigned);
    county.publish();
  }
  // One session; what was named is wanted from then on.
  Codes sync(TestNode& node) {
    node.covered.clear();
    Connection line(node, county);
    line.run();
    EXPECT_FALSE(line.error) << line.error->what;
    EXPECT_TRUE(node.level);
    for (const DivisionCode& division : node.covered) node.want(division);
    return node.covered;
  }
  TestCounty county;
  TestNode author{"author", county, {}};
};

TEST(Covered, ADeskIsNamedWhatItsPrefixCoversAndIsFedIt) {
  struct Case {
    const char* name;
    std::string prefix;
    Codes named;
  };
  for (const Case& c : {Case{"town", "411323001", {village(1), village(2)}},
                        Case{"county", "411323", {village(1), village(2), kElsewhere}},
                        Case{"village", village(2).str(), {village(2)}}}) {
    SCOPED_TRACE(c.name);
    Worked worked;
    TestNode desk(c.name, worked.county, {kTown});
    worked.enrol(desk, {c.prefix});
    EXPECT_EQ(worked.sync(desk), c.named);
    EXPECT_EQ(worked.sync(desk), Codes{}) << "all of them are wanted now";
    for (const DivisionCode& division : c.named) {
      EXPECT_GT(desk.fed_of(division), 0U);
      desk.expect_all_of(worked.county, division);
    }
  }
}

TEST(Covered, NothingOutsideTheScopeIsNamed) {
  Worked worked;
  TestNode both("two villages", worked.county, {village(1)});
  worked.enrol(both, {village(1).str(), kElsewhere.str()});
  EXPECT_EQ(worked.sync(both), Codes{kElsewhere});
  TestNode helper("helper", worked.county, {});
  worked.enrol(helper, {}, "helper_of");
  EXPECT_EQ(worked.sync(helper), Codes{}) << "subjects are assigned to it, no division";
  TestNode stranger("stranger", worked.county, {});
  EXPECT_EQ(worked.sync(stranger), Codes{});
}

TEST(Covered, AKeyWithoutStandingIsToldNone) {
  Worked worked;
  TestNode desk("desk", worked.county, {});
  worked.enrol(desk, {"411323"});
  worked.county.revoke(desk.key.public_key());
  worked.county.publish();
  EXPECT_EQ(worked.sync(desk), Codes{});
  TestNode late("late", worked.county, {});
  worked.enrol(late, {"411323"});
  worked.county.pass(std::chrono::hours{24 * 366});
  EXPECT_EQ(worked.sync(late), Codes{}) << "its credential has run out";
}

TEST(Covered, AKeyThatIsRevokedInItsSessionIsToldNoMore) {
  Worked worked;
  TestNode desk("desk", worked.county, {kTown});
  worked.enrol(desk, {"411323001"});
  Connection line(desk, worked.county, {.stay = true});
  line.run();
  ASSERT_EQ(desk.covered.size(), 2U);
  worked.county.revoke(desk.key.public_key());
  worked.log(village(3));
  worked.county.publish();
  line.poll();
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  EXPECT_EQ(desk.covered.size(), 2U);
}

TEST(Covered, AVillageThatComesIntoBeingIsNamedOnceAndAnIdlePollStaysSmall) {
  Worked worked;
  TestNode desk("desk", worked.county, {kTown});
  worked.enrol(desk, {"411323001"});
  Connection line(desk, worked.county, {.stay = true});
  line.run();
  ASSERT_EQ(desk.covered, (Codes{village(1), village(2)}));
  const auto poll = [&] {
    line.bytes = 0;
    line.poll();
    line.run();
    EXPECT_FALSE(line.error) << line.error->what;
    EXPECT_TRUE(desk.level);
    return line.bytes;
  };
  EXPECT_LE(poll(), 600U);
  worked.log(kElsewhere);
  worked.log(village(3), 2);
  worked.county.publish();
  poll();
  EXPECT_EQ(desk.covered, (Codes{village(1), village(2), village(3)})) << "what is new, once";
  EXPECT_LE(poll(), 600U);
  desk.want(village(3));
  poll();
  EXPECT_EQ(desk.fed_of(village(3)), 2U) << "in the same session";
  EXPECT_LE(poll(), 600U);
  EXPECT_EQ(desk.covered.size(), 3U);
}

TEST(Covered, NoMoreAreNamedThanCanBeOffered) {
  Worked worked;
  for (int i = 3; i < 600; ++i) worked.log(village(i));
  TestNode desk("desk", worked.county, {kTown, village(5)});
  worked.enrol(desk, {"411323001"});
  const Codes named = worked.sync(desk);
  ASSERT_EQ(named.size(), kOfferDivisionsMax - 3) << "three are offered";
  EXPECT_TRUE(std::is_sorted(named.begin(), named.end())) << "the highest codes are left out";
  EXPECT_EQ(named.front(), village(1));
  EXPECT_EQ(named.back(), village(510));
  EXPECT_EQ(worked.sync(desk), Codes{});
  EXPECT_EQ(desk.fed_of(village(510)), 1U);
  EXPECT_EQ(desk.fed_of(village(511)), 0U);
}

// A node that offers the county's division and its town's, and whoever answers its call.
struct Asked {
  Result<NodeSession::Output> answer(Codes covered) {
    const auto hello = session.on_message(server.hello(), county.now());
    server.alter_level = [covered](proto::Level& level) {
      for (const DivisionCode& each : covered) level.add_covered(each.str());
    };
    return session.on_message(server.answer(hello->send.front()), county.now());
  }
  Result<NodeSession::Output> level(Codes covered) {
    EXPECT_TRUE(session.poll(county.now()));
    proto::ServerFrame frame;
    frame.mutable_level()->set_note(county.note());
    for (const DivisionCode& each : covered) frame.mutable_level()->add_covered(each.str());
    return session.on_message(server.seal(frame), county.now());
  }
  TestCounty county;
  TestNode node{"desk", county, {kTown}};
  RawServer server{county};
  NodeSession session{node.key, node.pin, node, node.entropy, {.stay = true}, county.now()};
};

TEST(HostileServer, WhatItSaysIsCoveredIsHeldAgainstOfferAndCounty) {
  Codes many, too_many;
  for (int i = 1; many.size() < kOfferDivisionsMax - 2; ++i) many.push_back(village(i));
  for (int i = 1; too_many.size() <= kOfferDivisionsMax; ++i) too_many.push_back(village(i));
  Codes beside = many;
  beside.push_back(village(600));
  struct Case {
    const char* name;
    Codes covered;
    Errc expected;
  };
  for (const Case& c :
       {Case{"named twice", {village(1), village(2), village(1)}, Errc::Malformed},
        Case{"another county's", {DivisionCode::parse("310101001001").value()}, Errc::Protocol},
        Case{"offered", {kTown}, Errc::Protocol},
        Case{"the county's own, offered", {county_code().division()}, Errc::Protocol},
        Case{"more than can be offered", too_many, Errc::Limit},
        Case{"more than can be offered beside what was", beside, Errc::Limit}}) {
    SCOPED_TRACE(c.name);
    Asked asked;
    const auto out = asked.answer(c.covered);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.expected) << out.error().what;
  }
  Asked asked;
  const auto out = asked.answer(many);
  ASSERT_TRUE(out) << out.error().what;
  EXPECT_EQ(out->covered, many);
}

TEST(HostileServer, NamingADivisionAgainInLaterLevelsEndsTheSession) {
  Asked asked;
  ASSERT_TRUE(asked.answer({village(1)}));
  ASSERT_TRUE(asked.level({village(2)}));
  const auto again = asked.level({village(1)});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::Protocol) << again.error().what;
  Asked other;
  ASSERT_TRUE(other.answer({village(1)}));
  other.node.want(village(1));
  const auto offered = other.level({village(1)});
  ASSERT_FALSE(offered);
  EXPECT_EQ(offered.error().code, Errc::Protocol) << offered.error().what;
}

TEST(HostileServer, WhatIsNoDivisionIsNotCovered) {
  Asked asked;
  const auto hello = asked.session.on_message(asked.server.hello(), asked.county.now());
  asked.server.alter_level = [](proto::Level& level) { level.add_covered("411323001"); };
  const auto out =
      asked.session.on_message(asked.server.answer(hello->send.front()), asked.county.now());
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Malformed) << out.error().what;
}
}  // namespace
}  // namespace cunji::sync
