// Forks, restored and damaged devices (D4), and contradicting checkpoints (D6).
#include "tests/unit/shared/sync/cheat.h"

namespace cunji::sync {
namespace {
using Reason = ChainTrouble::Reason;

struct Device {
  Device() {
    county.enrol(node.key, {village(1).str()});
    county.publish();
    node.record(village(1), 5);
  }
  Connection sync(TestNode& which, NodeSession::Options options = {}) {
    Connection line(which, county, options);
    line.run();
    return line;
  }
  TestCounty county;
  TestNode node{"device", county, {village(1)}};
};

TEST(ChainTrouble, ACloneLearnsThatItsChainHasForked) {
  Device d;
  d.sync(d.node);
  TestNode clone = d.node;
  d.node.record(village(1), 2);
  clone.record(village(1), std::string("the clone's"));
  clone.record(village(1), std::string("the clone's"));
  d.sync(d.node);
  Connection line = d.sync(clone);
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(clone.trouble);
  EXPECT_EQ(clone.trouble->reason, Reason::Fork);
  EXPECT_EQ(clone.trouble->key, clone.key.public_key());
  EXPECT_EQ(clone.trouble->sequence, 7u);
  EXPECT_EQ(clone.trouble->digest, d.node.head.digest);
  // Its branch is pushed from there, so that the county has both headers; then nothing more.
  ASSERT_EQ(clone.outcomes.size(), 6u);
  EXPECT_EQ(clone.outcomes.back().refusal, static_cast<int>(proto::REFUSAL_CODE_FORK));
  EXPECT_EQ(clone.outcomes.back().sequence, 7u);
  EXPECT_TRUE(clone.level) << "yet it is fed, the other branch included";
  clone.expect_all_of(d.county, village(1));
  EXPECT_FALSE(d.node.trouble) << "the one that was logged goes on";
}

TEST(ChainTrouble, AShorterBranchReachesTheCountyToo) {
  Device d;
  d.sync(d.node);
  TestNode clone = d.node;
  d.node.record(village(1), 3);
  clone.record(village(1), std::string("the clone's"));
  d.sync(d.node);
  Connection line = d.sync(clone, {.stay = true});
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(clone.trouble);
  EXPECT_EQ(clone.trouble->reason, Reason::Fork) << "not only behind";
  EXPECT_EQ(clone.trouble->sequence, 6u);
  ASSERT_EQ(clone.outcomes.size(), 6u);
  EXPECT_EQ(clone.outcomes.back().refusal, static_cast<int>(proto::REFUSAL_CODE_FORK));
  line.poll();
  line.run();
  EXPECT_EQ(clone.outcomes.size(), 6u) << "once is enough";
}

TEST(ChainTrouble, TwoClonesAtOnceAreToldByTheRefusal) {
  Device d;
  d.sync(d.node);
  TestNode clone = d.node;
  d.node.record(village(1), 1);
  clone.record(village(1), std::string("the clone's"));
  Connection first(clone, d.county);
  first.run(2);  // The clone has the server's hello, its own is under way.
  Connection second(d.node, d.county);
  first.run(1);  // It learns a head that still fits.
  second.run();
  first.run();
  ASSERT_FALSE(first.error);
  ASSERT_TRUE(clone.trouble);
  EXPECT_EQ(clone.trouble->reason, Reason::Fork);
  EXPECT_EQ(clone.trouble->sequence, 6u);
  EXPECT_EQ(clone.outcomes.back().refusal, static_cast<int>(proto::REFUSAL_CODE_FORK));
}

TEST(ChainTrouble, ARestoredDeviceLearnsThatItIsBehind) {
  Device d;
  d.node.own.erase(d.node.own.begin() + 2, d.node.own.end());
  d.node.head.sequence = 2;
  d.node.head.digest = d.node.own[1].signed_event.digest();
  TestNode backup = d.node;
  Device full;
  full.sync(full.node);
  // The county of `full` has all five, the backup two.
  Connection line(backup, full.county);
  line.run();
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(backup.trouble);
  EXPECT_EQ(backup.trouble->reason, Reason::Behind);
  EXPECT_EQ(backup.trouble->sequence, 5u);
  ASSERT_EQ(backup.outcomes.size(), 1u);
  EXPECT_EQ(backup.outcomes[0].sequence, 2u) << "its newest event is one the county knows";
  EXPECT_EQ(backup.outcomes[0].status, EventOutcome::Status::Logged);
  EXPECT_TRUE(backup.level);
  backup.expect_all_of(full.county, village(1));
}

TEST(ChainTrouble, ADamagedEventEndsTheChainBeforeIt) {
  Device d;
  d.node.own.erase(d.node.own.begin() + 3);
  Connection line = d.sync(d.node);
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(d.node.trouble);
  EXPECT_EQ(d.node.trouble->reason, Reason::Broken);
  EXPECT_EQ(d.node.outcomes.size(), 3u) << "what came before is sound and goes out";
  EXPECT_TRUE(d.node.level);
  d.node.expect_all_of(d.county, village(1));
}

TEST(ChainTrouble, AHoleInLoggedEventsIsFilledByTheCounty) {
  Device d;
  for (const EventOutcome& outcome : d.county.take(d.node.own))
    ASSERT_EQ(outcome.status, EventOutcome::Status::Logged);
  d.county.publish();
  d.node.own.erase(d.node.own.begin() + 2);
  Connection line = d.sync(d.node);
  ASSERT_FALSE(line.error) << line.error->what;
  ASSERT_TRUE(d.node.trouble);
  EXPECT_EQ(d.node.trouble->reason, Reason::Broken);
  EXPECT_TRUE(d.node.level);
  d.node.expect_all_of(d.county, village(1));
}

// Two counties that share keys and beginnings: what a server with two faces would show.
TEST(SplitView, ACheckpointThatDoesNotContinueTheTrustedOneEndsAll) {
  Device one, other;
  one.sync(one.node);
  other.node.record(village(1), std::string("another history"));
  other.node.own.erase(other.node.own.begin(), other.node.own.end() - 1);
  TestNode elsewhere("elsewhere", other.county, {village(1)});
  other.county.enrol(elsewhere.key, {village(1).str()});
  elsewhere.record(village(1), 20);
  other.sync(elsewhere);
  const std::size_t entries = one.node.entries.size();
  const std::string trusted = *one.node.trusted_note().value();
  ASSERT_GT(other.county.checkpoint().size, one.county.checkpoint().size);

  Connection line(one.node, other.county);
  line.run();
  ASSERT_TRUE(one.node.split);
  EXPECT_EQ(one.node.split->trusted_note, trusted);
  EXPECT_EQ(one.node.split->shown_note, other.county.note());
  EXPECT_FALSE(one.node.level);
  EXPECT_EQ(one.node.entries.size(), entries) << "nothing is taken from it";
  EXPECT_EQ(*one.node.trusted_note().value(), trusted) << "the trusted one stays";
  EXPECT_FALSE(line.node_side.on_message("more", one.county.now())) << "the session is over";
}

TEST(SplitView, ASmallerLogOrAnotherRootOfTheSameSizeIsOneToo) {
  Device d;
  Device fresh;
  d.sync(d.node);
  Connection line(d.node, fresh.county);
  line.run();
  ASSERT_TRUE(d.node.split) << "the log has become smaller";

  Device a, b;
  a.sync(a.node);
  TestNode other("device", b.county, {village(1)});
  for (int i = 0; i < 5; ++i) other.record(village(1), std::string("otherwise"));
  b.sync(other);
  ASSERT_EQ(a.county.checkpoint().size, b.county.checkpoint().size);
  Connection second(a.node, b.county);
  second.run();
  ASSERT_TRUE(a.node.split) << "the same size, another root";
}

TEST(SplitView, AForgedNoteIsNoEvidence) {
  class Forger : public TestCounty {
   public:
    void forge(const crypto::KeyPair& key) { note_ = log::sign_checkpoint(checkpoint_, key); }
  };
  Forger county;
  TestNode node("device", county, {village(1)});
  county.enrol(node.key, {village(1).str()});
  county.publish();
  Connection(node, county).run();
  county.forge(key_of("not the log's"));
  Connection line(node, county);
  line.run();
  ASSERT_TRUE(line.error);
  EXPECT_EQ(line.error->code, Errc::Forged);
  EXPECT_FALSE(node.split);
}
}  // namespace
}  // namespace cunji::sync
