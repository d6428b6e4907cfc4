// A node's store without its key: what it gives away, what it deletes, and what it never shows.
#include "shared/store/locked_node.h"

#include <gtest/gtest.h>

#include "shared/crypto/hash.h"
#include "shared/event/parts.h"
#include "shared/store/memory_event_log.h"
#include "shared/store/memory_vfs.h"
#include "shared/store/node_schema.h"
#include "shared/store/node_store.h"
#include "tests/support/author.h"

namespace cunji::store {
namespace {
using std::chrono::days;
using testing_support::Author;
using testing_support::division;

constexpr char kPath[] = "node.db";
constexpr TimePoint kDay{Duration{1'700'000'000'000}};

class LockedNodeTest : public ::testing::Test {
 protected:
  std::unique_ptr<NodeStore> unlocked() {
    return NodeStore::open(kPath, key_, entropy_, vfs_.name()).value();
  }
  std::unique_ptr<LockedNode> locked() { return LockedNode::open(kPath, vfs_.name()).value(); }
  // Own events, of which the first is logged.
  void record() {
    const auto store = unlocked();
    ASSERT_TRUE(store->begin_chain(me_.key(), me_.request()));
    for (int i = 0; i < 3; ++i) {
      events_.push_back(me_.next(division(1), "a secret remark"));
      ASSERT_TRUE(store->append_own(events_.back()));
    }
    ASSERT_TRUE(
        store->record_outcomes({{.key = me_.key(), .sequence = 1, .index = 5, .reason = {}}}));
  }
  // An entry of a village and one of the county's own division.
  void feed(TimePoint received = kDay) {
    const auto store = unlocked();
    const auto log = make_memory_event_log();
    const DivisionCode own = testing_support::county().division();
    const auto entry = [&](const DivisionCode& where) {
      auto out = testing_support::entry_of(other_.next(where, "another's remark"));
      out.received = received;
      return out;
    };
    ASSERT_TRUE(log->append(0, std::vector{entry(own), entry(division(1))}));
    for (const DivisionCode& where : {own, division(1)}) {
      sync::FeedCommit feed{
          .division = where, .entries = log->division_entries(where, 0, 9).value(), .cursor = {}};
      feed.cursor = {where, feed.entries[0].index + 1, feed.entries[0].entry.leaf_hash()};
      ASSERT_TRUE(store->commit_feed(feed));
    }
    ASSERT_TRUE(store->want_divisions({own, division(1)}));
  }

  MemoryVfs vfs_{"locked_node_test"};
  crypto::SeededEntropy entropy_{1, "locked node"};
  crypto::SealKey key_ = crypto::SealKey::generate(entropy_);
  crypto::BoxPair recovery_ = crypto::generate_box_pair(entropy_);
  Author me_{1}, other_{2};
  std::vector<event::Event> events_;
};

TEST_F(LockedNodeTest, GivesAwayWhatIsNotLogged) {
  record();
  EXPECT_FALSE(locked()->rescue().value()) << "no recovery key was known";
  ASSERT_TRUE(unlocked()->seal_outbox_to(recovery_.public_key));
  const auto rescue = locked()->rescue().value();
  ASSERT_TRUE(rescue);
  EXPECT_EQ(rescue->to, recovery_.public_key);
  EXPECT_EQ(rescue->county, testing_support::county());
  ASSERT_EQ(rescue->events.size(), 2U);
  EXPECT_EQ(sync::encode_rescue(*rescue)->find("secret"), Bytes::npos);
  const auto keys = sync::open_outbox_keys(recovery_, rescue->sealed_keys);
  ASSERT_TRUE(keys) << keys.error().what;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto event = sync::open_rescued(rescue->events[i], *keys);
    ASSERT_TRUE(event) << event.error().what;
    EXPECT_EQ(event->signed_event, events_[i + 1].signed_event);
    EXPECT_EQ(event->body, events_[i + 1].body);
  }
}

// Also those whose events are logged: photos follow their events.
TEST_F(LockedNodeTest, GivesAwayPhotosThatTheCountyHasNotGot) {
  const std::vector<Bytes> photos{Bytes(40'000, 'l'), Bytes(100, 'u'), Bytes(100, 'h')};
  const auto naming = [](const Bytes& photo) {
    event::PartFrame frame;
    frame.attachments.push_back({.digest = crypto::sha256(photo),
                                 .size = static_cast<std::uint32_t>(photo.size()),
                                 .media_type = "image/jpeg"});
    return event::encode_part(event::VisitPart{}, frame);
  };
  {
    const auto store = unlocked();
    ASSERT_TRUE(store->begin_chain(me_.key(), me_.request()));
    ASSERT_TRUE(store->seal_outbox_to(recovery_.public_key));
    ASSERT_TRUE(store->add_blob("a photo that nobody names"));
    for (const Bytes& photo : photos) {
      ASSERT_TRUE(store->add_blob(photo));
      ASSERT_TRUE(store->append_own(me_.next(division(1), naming(photo))));
    }
    ASSERT_TRUE(store->record_outcomes({{.key = me_.key(), .sequence = 1, .reason = {}},
                                        {.key = me_.key(), .sequence = 3, .reason = {}}}));
    ASSERT_TRUE(store->record_blobs({{.digest = crypto::sha256(photos[2]), .reason = {}}}));
  }
  auto rescue = locked()->rescue().value();
  ASSERT_TRUE(rescue);
  EXPECT_EQ(rescue->events.size(), 1U);
  EXPECT_EQ(rescue->blobs_left_out, 0U);
  const auto opened = [&](std::size_t i) {
    const auto read = sync::decode_rescue(sync::encode_rescue(*rescue).value()).value();
    const auto keys = sync::open_outbox_keys(recovery_, read.sealed_keys).value();
    return sync::open_rescued(read.blobs[i], keys).value().bytes;
  };
  ASSERT_EQ(rescue->blobs.size(), 2U) << "neither the one that is held nor the one without a name";
  EXPECT_EQ(opened(0), photos[0]);
  EXPECT_EQ(opened(1), photos[1]);

  ASSERT_TRUE(unlocked()->record_outcomes({{.key = me_.key(), .sequence = 2, .reason = {}}}));
  rescue = locked()->rescue().value();
  EXPECT_TRUE(rescue->events.empty());
  ASSERT_EQ(rescue->blobs.size(), 2U);
  EXPECT_EQ(rescue->county, testing_support::county()) << "as the logged events say";

  rescue = locked()->rescue(1'000).value();
  EXPECT_EQ(rescue->blobs_left_out, 1U) << "no room for the large one";
  ASSERT_EQ(rescue->blobs.size(), 1U);
  EXPECT_EQ(opened(0), photos[1]);

  // A chunk that is gone takes its photo along, and nothing else.
  {
    const auto db = open_node_database(kPath, vfs_.name()).value();
    ASSERT_TRUE(
        db->execute("DELETE FROM blob_chunk WHERE place=(SELECT number*256+1 FROM blob"
                    " WHERE size=40000)"));
  }
  rescue = locked()->rescue().value();
  EXPECT_EQ(rescue->blobs_left_out, 1U);
  ASSERT_EQ(rescue->blobs.size(), 1U);
  EXPECT_EQ(opened(0), photos[1]);
}

TEST_F(LockedNodeTest, SealsOnceAndMendsWhatWasChanged) {
  record();
  const auto sealed = [&] { return locked()->rescue().value()->sealed_keys; };
  ASSERT_TRUE(unlocked()->seal_outbox_to(recovery_.public_key));
  const Bytes first = sealed();
  ASSERT_TRUE(unlocked()->seal_outbox_to(recovery_.public_key));
  EXPECT_EQ(sealed(), first) << "nothing is written where nothing changed";
  const crypto::BoxPair next = crypto::generate_box_pair(entropy_);
  ASSERT_TRUE(unlocked()->seal_outbox_to(next.public_key));
  EXPECT_TRUE(sync::open_outbox_keys(next, sealed()));
  EXPECT_EQ(unlocked()->seal_outbox_to({}).error().code, Errc::Malformed);
}

TEST_F(LockedNodeTest, DropsTheVillagesAfterThirtyDays) {
  record();
  feed();
  EXPECT_FALSE(unlocked()->note_unlocked(kDay).value());
  EXPECT_FALSE(locked()->drop_when_long_locked(kDay + days{30}).value()) << "not yet";
  EXPECT_EQ(unlocked()->counts()->entries, 2U);
  EXPECT_TRUE(locked()->drop_when_long_locked(kDay + days{30} + Duration{1}).value());
  EXPECT_FALSE(locked()->drop_when_long_locked(kDay + days{31}).value()) << "once";
  const auto store = unlocked();
  EXPECT_EQ(store->counts()->entries, 1U) << "the county's own stay";
  EXPECT_TRUE(store->division_entries(division(1), 0, 9)->empty());
  EXPECT_EQ(store->cursors()->size(), 1U) << "the village is fetched anew";
  EXPECT_EQ(store->own_history(me_.key(), 0, 9)->size(), 3U) << "own events stay";
}

TEST_F(LockedNodeTest, UnlockingLooksFirst) {
  feed();
  EXPECT_FALSE(unlocked()->note_unlocked(kDay).value());
  EXPECT_FALSE(unlocked()->note_unlocked(kDay + days{29}).value());
  EXPECT_FALSE(unlocked()->note_unlocked(kDay + days{58}).value()) << "each unlocking counts";
  EXPECT_TRUE(unlocked()->note_unlocked(kDay + days{90}).value());
  EXPECT_FALSE(unlocked()->note_unlocked(kDay + days{90}).value());
}

// The clock may have been set back, or never set: the newest entry's receipt is the county's time.
TEST_F(LockedNodeTest, AClockThatWasSetBackIsHeldToWhatTheCountySaid) {
  feed(kDay);
  EXPECT_FALSE(unlocked()->note_unlocked(from_millis(0)).value());
  EXPECT_FALSE(locked()->drop_when_long_locked(kDay + days{29}).value());
  EXPECT_TRUE(locked()->drop_when_long_locked(kDay + days{31}).value())
      << "unlocked on the entry's day, not in 1970";
}

TEST_F(LockedNodeTest, DraftsAreSealedAndKept) {
  const auto draft = [](const char* id, std::int64_t at, Bytes content) {
    return NodeStore::Draft{.id = id, .changed = TimePoint{Duration{at}}, .content = content};
  };
  ASSERT_TRUE(unlocked()->keep_draft(draft("b", 5, "an old secret")));
  ASSERT_TRUE(unlocked()->keep_draft(draft("a", 7, "a secret")));
  ASSERT_TRUE(unlocked()->keep_draft(draft("b", 9, "a new secret")));
  vfs_.crash();
  auto drafts = unlocked()->drafts().value();
  ASSERT_EQ(drafts.size(), 2U);
  EXPECT_EQ(drafts[0].id, "a");
  EXPECT_EQ(drafts[1].content, "a new secret");
  EXPECT_EQ(drafts[1].changed, TimePoint{Duration{9}});
  for (const char* path : {"node.db", "node.db-wal"})
    EXPECT_EQ(vfs_.read_file(path).value_or("").find("secret"), Bytes::npos) << path;
  ASSERT_TRUE(unlocked()->drop_draft("a"));
  EXPECT_EQ(unlocked()->drafts()->size(), 1U);
  EXPECT_EQ(unlocked()->keep_draft(draft("c", 1, Bytes(2'000'000, 'x'))).error().code, Errc::Limit);
}
}  // namespace
}  // namespace cunji::store
