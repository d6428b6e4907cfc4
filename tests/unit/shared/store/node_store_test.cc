// What a node keeps: its own chains, what the county fed it, and where everything stands.
#include "shared/store/node_store.h"

#include <gtest/gtest.h>

#include "shared/event/enrolment.h"
#include "shared/log/checkpoint.h"
#include "shared/store/memory_event_log.h"
#include "shared/store/memory_vfs.h"
#include "tests/support/author.h"

namespace cunji::store {
using event::Event;
using event::LoggedEvent;
using testing_support::Author;
using testing_support::division;
using testing_support::entry_of;
using Standing = OwnEvent::Standing;
using Status = sync::EventOutcome::Status;

static constexpr const char* kPath = "node.db";

static sync::EventOutcome outcome(const Event& event, Status status, std::uint64_t index = 0) {
  return {.status = status,
          .key = event.signed_event.header().author,
          .sequence = event.signed_event.header().sequence,
          .index = index,
          .received = from_millis(5'000),
          .verdict = event::Verdict::Revoked,
          .refusal = 7,
          .reason = status == Status::Refused ? "broken" : ""};
}

class NodeStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store_.reset();
    store_ = NodeStore::open(kPath, key_, entropy_, vfs_.name()).value();
  }
  // A chain whose author goes on from the store's head.
  Author& begin(Author& author) {
    EXPECT_TRUE(store_->begin_chain(author.key(), author.request()));
    return author;
  }
  Event record(Author& author, DivisionCode where = division(1)) {
    const Event event = author.next(where);
    EXPECT_TRUE(store_->append_own(event));
    return event;
  }
  std::vector<Standing> standings(const Author& author) {
    std::vector<Standing> out;
    for (const OwnEvent& own : store_->own_history(author.key(), 0, 100).value())
      out.push_back(own.standing);
    return out;
  }
  // Logs events in a county log of this test, and gives the entries of one division from a cursor.
  void log(const std::vector<Event>& events) {
    std::vector<log::NewEntry> entries;
    for (const Event& event : events) entries.push_back(entry_of(event, 7'000));
    ASSERT_TRUE(county_->append(county_->head().value().size, entries));
  }
  sync::FeedCommit feed(DivisionCode where, std::uint64_t from, std::size_t entries_max) {
    sync::FeedCommit out{.division = where,
                         .entries = county_->division_entries(where, from, entries_max).value(),
                         .cursor = {.division = where, .next_index = from, .leaf = {}}};
    if (!out.entries.empty()) {
      out.cursor.next_index = out.entries.back().index + 1;
      out.cursor.leaf = out.entries.back().entry.leaf_hash();
    }
    return out;
  }

  MemoryVfs vfs_{"node_store_test"};
  crypto::SeededEntropy entropy_{1, "node store"};
  crypto::SealKey key_ = crypto::SealKey::generate(entropy_);
  std::unique_ptr<NodeStore> store_;
  std::unique_ptr<log::EventLog> county_ = make_memory_event_log();
  Author me_{1}, later_me_{2}, other_{3};
};

TEST_F(NodeStoreTest, SettingsAreKept) {
  EXPECT_FALSE(store_->setting("pin").value());
  ASSERT_TRUE(store_->set_setting("pin", Bytes("a\0b", 3)));
  ASSERT_TRUE(store_->set_setting("empty", ""));
  ASSERT_TRUE(store_->set_setting("key", "one"));
  ASSERT_TRUE(store_->set_setting("key", "two"));
  reopen();
  EXPECT_EQ(store_->setting("pin").value(), Bytes("a\0b", 3));
  EXPECT_EQ(store_->setting("empty").value(), "");
  EXPECT_EQ(store_->setting("key").value(), "two");
}

TEST_F(NodeStoreTest, AChainBeginsAtItsEnrolmentRequest) {
  EXPECT_FALSE(store_->current_chain().value());
  const Author& me = begin(me_);
  const auto head = store_->current_chain().value();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->key, me.key());
  EXPECT_EQ(head->sequence, 0u);
  EXPECT_EQ(head->digest, event::request_digest(me.request()));
  EXPECT_EQ(store_->begin_chain(me.key(), "another").error().code, Errc::Conflict);
  begin(later_me_);
  EXPECT_EQ(store_->current_chain().value()->key, later_me_.key()) << "the newest is in use";
}

TEST_F(NodeStoreTest, KeepsOwnEventsInOrder) {
  begin(me_);
  std::vector<Event> events;
  for (int i = 0; i < 5; ++i) events.push_back(record(me_));
  reopen();
  const auto head = store_->current_chain().value();
  EXPECT_EQ(head->sequence, 5u);
  EXPECT_EQ(head->digest, events.back().signed_event.digest());
  EXPECT_EQ(head->seen_size_max, 1u);
  const auto some = store_->own_events(me_.key(), 1, 3).value();
  ASSERT_EQ(some.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(some[i].signed_event, events[i + 1].signed_event);
    EXPECT_EQ(some[i].body, events[i + 1].body);
  }
  EXPECT_TRUE(store_->own_events(me_.key(), 5, 10).value().empty());
  EXPECT_TRUE(store_->own_events(other_.key(), 0, 10).value().empty());
  EXPECT_EQ(store_->own_event(me_.key(), 5).value()->signed_event, events[4].signed_event);
  EXPECT_FALSE(store_->own_event(me_.key(), 6).value());
  EXPECT_EQ(standings(me_), std::vector<Standing>(5, Standing::Unsent));
}

TEST_F(NodeStoreTest, RefusesWhatDoesNotContinueTheChain) {
  begin(me_);
  const Event first = record(me_), second = me_.next(), third = me_.next();
  Author twin(1);
  twin.next(division(2), "another first");
  for (const Event& event : {first, third, twin.next(), other_.next()})
    EXPECT_EQ(store_->append_own(event).error().code, Errc::Conflict);
  EXPECT_EQ(store_->counts().value().own, 1u);
  EXPECT_TRUE(store_->append_own(second));
  EXPECT_TRUE(store_->append_own(third));
}

TEST_F(NodeStoreTest, OutcomesMoveEventsAndLoggedIsFinal) {
  begin(me_);
  const Event a = record(me_), b = record(me_), c = record(me_);
  ASSERT_TRUE(store_->record_outcomes(
      {outcome(a, Status::Logged, 17), outcome(b, Status::Parked), outcome(c, Status::Refused)}));
  reopen();
  const auto history = store_->own_history(me_.key(), 0, 10).value();
  ASSERT_EQ(history.size(), 3u);
  EXPECT_EQ(history[0].standing, Standing::Logged);
  EXPECT_EQ(history[0].index, 17u);
  EXPECT_EQ(history[0].received, from_millis(5'000));
  EXPECT_EQ(history[0].verdict, event::Verdict::Revoked);
  EXPECT_EQ(history[1].standing, Standing::Parked);
  EXPECT_EQ(history[1].index, 0u);
  EXPECT_EQ(history[2].standing, Standing::Refused);
  EXPECT_EQ(history[2].reason, "broken");
  const NodeCounts counts = store_->counts().value();
  EXPECT_EQ(counts.own, 3u);
  EXPECT_EQ(counts.unsent, 0u);
  EXPECT_EQ(counts.parked, 1u);
  EXPECT_EQ(counts.refused, 1u);

  ASSERT_TRUE(store_->record_outcomes({outcome(a, Status::Refused), outcome(b, Status::Logged, 18),
                                       outcome(c, Status::Logged, 19)}));
  EXPECT_EQ(standings(me_), std::vector<Standing>(3, Standing::Logged));
  EXPECT_EQ(store_->own_history(me_.key(), 0, 1).value()[0].index, 17u);
}

TEST_F(NodeStoreTest, OutcomesOfForeignEventsAreRefusedWholly) {
  begin(me_);
  const Event mine = record(me_);
  EXPECT_EQ(
      store_->record_outcomes({outcome(mine, Status::Logged), outcome(me_.next(), Status::Logged)})
          .error()
          .code,
      Errc::Conflict);
  EXPECT_EQ(standings(me_), std::vector<Standing>{Standing::Unsent});
}

TEST_F(NodeStoreTest, OffersChainsThatMayStillBeTaken) {
  EXPECT_TRUE(store_->own_chains().value().empty());
  begin(me_);
  EXPECT_TRUE(store_->own_chains().value().empty()) << "nothing to offer yet";
  const Event a = record(me_);
  begin(later_me_);
  const Event b = record(later_me_);
  auto chains = store_->own_chains().value();
  ASSERT_EQ(chains.size(), 2u);
  EXPECT_EQ(chains[0], me_.head());
  EXPECT_EQ(chains[1], later_me_.head()) << "the current key's last";

  ASSERT_TRUE(store_->record_outcomes({outcome(a, Status::Parked), outcome(b, Status::Logged)}));
  EXPECT_EQ(store_->own_chains().value().size(), 2u) << "parked ones are offered again";
  ASSERT_TRUE(store_->record_outcomes({outcome(a, Status::Logged)}));
  chains = store_->own_chains().value();
  ASSERT_EQ(chains.size(), 1u) << "done with the old one; the current one shows where it stands";
  EXPECT_EQ(chains[0].key, later_me_.key());

  const Event refused = record(later_me_);
  ASSERT_TRUE(store_->record_outcomes({outcome(refused, Status::Refused)}));
  EXPECT_TRUE(store_->own_chains().value().empty()) << "a refused end is not offered for ever";
}

TEST_F(NodeStoreTest, PendingIsWhatNoFedEntryHolds) {
  begin(me_);
  const Event a = record(me_), b = record(me_), c = record(me_);
  log({a, b});
  ASSERT_TRUE(store_->record_outcomes({outcome(a, Status::Logged, 0)}));
  EXPECT_EQ(store_->own_pending().value().size(), 3u) << "logged, but not fed back yet";
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 1)));
  auto pending = store_->own_pending().value();
  ASSERT_EQ(pending.size(), 2u);
  EXPECT_EQ(pending[0].signed_event, b.signed_event);
  // An entry is as good as an acknowledgement that was lost on the way.
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 1, 1)));
  EXPECT_EQ(standings(me_),
            (std::vector<Standing>{Standing::Logged, Standing::Logged, Standing::Unsent}));
  EXPECT_EQ(store_->own_history(me_.key(), 1, 1).value()[0].received, from_millis(7'000));
  ASSERT_TRUE(store_->record_outcomes({outcome(c, Status::Refused)}));
  EXPECT_TRUE(store_->own_pending().value().empty());
}

TEST_F(NodeStoreTest, AForkedEntryIsNotTakenForTheOwnEvent) {
  begin(me_);
  record(me_);
  Author twin(1);
  log({twin.next(division(1), "the other branch")});
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 1)));
  EXPECT_EQ(store_->own_pending().value().size(), 1u);
  EXPECT_EQ(standings(me_), std::vector<Standing>{Standing::Unsent});
}

TEST_F(NodeStoreTest, WantedDivisionsHaveCursorsInTheirOrder) {
  EXPECT_TRUE(store_->cursors().value().empty());
  ASSERT_TRUE(store_->want_divisions({division(0), division(9), division(1)}));
  auto cursors = store_->cursors().value();
  ASSERT_EQ(cursors.size(), 3u);
  EXPECT_EQ(cursors[1].division, division(9));
  EXPECT_EQ(cursors[1].next_index, 0u);
  EXPECT_TRUE(cursors[1].leaf.is_zero());

  log({other_.next(division(9)), other_.next(division(9))});
  const auto committed = feed(division(9), 0, 2);
  ASSERT_TRUE(store_->commit_feed(committed));
  ASSERT_TRUE(store_->want_divisions({division(1)}));
  EXPECT_EQ(store_->cursors().value().size(), 1u);
  ASSERT_TRUE(store_->want_divisions({division(9), division(1)}));
  reopen();
  cursors = store_->cursors().value();
  ASSERT_EQ(cursors.size(), 2u);
  EXPECT_EQ(cursors[0].division, division(9));
  EXPECT_EQ(cursors[0].next_index, 2u) << "what is held stays known";
  EXPECT_EQ(cursors[0].leaf, committed.cursor.leaf);
}

TEST_F(NodeStoreTest, KeepsFedEntriesWholly) {
  log({other_.next(division(1), "one"), other_.next(division(2), "two"),
       other_.next(division(1), "three")});
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 10)));
  ASSERT_TRUE(store_->commit_feed(feed(division(2), 0, 10)));
  reopen();
  EXPECT_EQ(store_->counts().value().entries, 3u);
  std::uint64_t next = 0;
  ASSERT_TRUE(store_->scan_entries(0, [&](const LoggedEvent& logged) -> Result<bool> {
    const auto original = county_->at(next++).value();
    EXPECT_EQ(logged.index, original->index);
    EXPECT_EQ(logged.entry.encode(), original->entry.encode());
    EXPECT_EQ(logged.body, original->body);
    return true;
  }));
  EXPECT_EQ(next, 3u);
  next = 0;
  ASSERT_TRUE(store_->scan_entries(1, [&](const LoggedEvent& logged) -> Result<bool> {
    next = logged.index;
    return false;
  }));
  EXPECT_EQ(next, 1u);
  const auto entries = store_->division_entries(division(1), 1, 10).value();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].index, 2u);
  EXPECT_EQ(store_->division_entries(division(1), 0, 1).value().size(), 1u);
}

TEST_F(NodeStoreTest, RefusesAFeedThatDoesNotGoOnAtItsCursor) {
  log({other_.next(division(1)), other_.next(division(1)), other_.next(division(1)),
       other_.next(division(2))});
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 1)));
  auto reordered = feed(division(1), 1, 2);
  std::swap(reordered.entries[0], reordered.entries[1]);
  auto gap = feed(division(1), 1, 2);
  gap.entries.erase(gap.entries.begin());
  auto changed = feed(division(1), 1, 2);
  changed.entries[0].entry.received += Duration{1};
  auto elsewhere = feed(division(2), 0, 1);
  elsewhere.division = elsewhere.cursor.division = division(1);
  auto wrong_cursor = feed(division(1), 1, 2);
  ++wrong_cursor.cursor.next_index;
  auto wrong_leaf = feed(division(1), 1, 2);
  wrong_leaf.cursor.leaf = {};
  auto other_cursor = feed(division(1), 1, 2);
  other_cursor.cursor.division = division(2);
  struct Case {
    const char* name;
    sync::FeedCommit feed;
  };
  for (const Case& c :
       {Case{"again", feed(division(1), 0, 1)}, Case{"skips", feed(division(1), 2, 1)},
        Case{"reordered", reordered}, Case{"gap", gap}, Case{"changed", changed},
        Case{"of another division", elsewhere}, Case{"cursor", wrong_cursor},
        Case{"leaf", wrong_leaf}, Case{"another's cursor", other_cursor}}) {
    SCOPED_TRACE(c.name);
    const auto result = store_->commit_feed(c.feed);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Conflict);
    EXPECT_EQ(store_->counts().value().entries, 1u) << "nothing of it is kept";
  }
  EXPECT_TRUE(store_->commit_feed(feed(division(1), 1, 2)));
}

TEST_F(NodeStoreTest, TrustAndEvidenceAreKept) {
  EXPECT_FALSE(store_->trusted().value());
  EXPECT_FALSE(store_->trusted_note().value());
  for (const std::uint64_t size : {3u, 8u}) {
    const log::Checkpoint checkpoint{
        .origin = "example/411323/1", .size = size, .root = crypto::sha256("root")};
    ASSERT_TRUE(store_->set_trusted("note " + std::to_string(size), checkpoint));
    reopen();
    EXPECT_EQ(store_->trusted().value(), checkpoint);
    EXPECT_EQ(store_->trusted_note().value(), "note " + std::to_string(size));
  }
  EXPECT_TRUE(store_->evidence().value().empty());
  ASSERT_TRUE(store_->keep_evidence({"trusted", "shown", "why"}));
  ASSERT_TRUE(store_->keep_evidence({"trusted", "shown 2", "why"}));
  reopen();
  const auto evidence = store_->evidence().value();
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(evidence[0].trusted_note, "trusted");
  EXPECT_EQ(evidence[0].shown_note, "shown");
  EXPECT_EQ(evidence[0].reason, "why");
  EXPECT_EQ(evidence[1].shown_note, "shown 2");
}

TEST_F(NodeStoreTest, ACrashAtAnyOperationKeepsWhatWasConfirmed) {
  for (const std::uint64_t seed : {0u, 1u, 2u, 3u}) {
    for (std::uint64_t n = 0;; ++n) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", operation " + std::to_string(n));
      ASSERT_LT(n, 500u);
      store_.reset();
      vfs_.write_file(kPath, "");
      vfs_.write_file(std::string(kPath) + "-wal", "");
      crypto::SeededEntropy torn(seed, "torn");
      vfs_.crash_after(n, seed == 0 ? nullptr : &torn);
      Author author(1);
      std::uint64_t confirmed = 0;
      bool begun = false;
      if (auto store = NodeStore::open(kPath, key_, entropy_, vfs_.name())) {
        begun = (*store)->begin_chain(author.key(), author.request()).has_value();
        for (int i = 0; begun && i < 3; ++i) {
          if (!(*store)->append_own(author.next())) break;
          ++confirmed;
        }
      }
      const bool crashed = vfs_.crashed();
      vfs_.heal();
      reopen();
      const auto head = store_->current_chain().value();
      ASSERT_TRUE(head || !begun);
      if (head) {
        EXPECT_GE(head->sequence, confirmed);
        EXPECT_LE(head->sequence, confirmed + 1) << "the one under way may be there, wholly";
        const auto events = store_->own_events(author.key(), 0, 10).value();
        ASSERT_EQ(events.size(), head->sequence);
        if (!events.empty()) {
          EXPECT_EQ(events.back().signed_event.digest(), head->digest);
        }
      }
      if (!crashed) break;
    }
  }
}

TEST_F(NodeStoreTest, AFullDiskLosesNothingAndGoesOnAfterwards) {
  begin(me_);
  record(me_);
  const Event next = me_.next();
  vfs_.fail_after(0, MemoryVfs::Failure::DiskFull, /*lasting=*/true);
  const auto failed = store_->append_own(next);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::Io);
  EXPECT_EQ(store_->current_chain().value()->sequence, 1u);
  vfs_.heal();
  EXPECT_TRUE(store_->append_own(next));
}

TEST_F(NodeStoreTest, OpensUnderItsKeyOnly) {
  begin(me_);
  record(me_);
  store_.reset();
  const crypto::SealKey other = crypto::SealKey::generate(entropy_);
  EXPECT_EQ(NodeStore::open(kPath, other, entropy_, vfs_.name()).error().code, Errc::Forged);
  reopen();
  EXPECT_EQ(store_->own_history(me_.key(), 0, 10)->size(), 1u);
}

TEST_F(NodeStoreTest, NoFileShowsABodyOrASetting) {
  begin(me_);
  const Event own = me_.next(division(1), "a part of mine that names somebody");
  const Event theirs = other_.next(division(1), "a part of theirs that names somebody");
  ASSERT_TRUE(store_->append_own(own));
  log({own, theirs});
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 10)));
  ASSERT_TRUE(store_->set_setting("draft", "a setting that names somebody"));
  for (const bool closed : {false, true}) {
    if (closed) store_.reset();
    for (const char* suffix : {"", "-wal"}) {
      const Bytes file = vfs_.read_file(std::string(kPath) + suffix).value_or("");
      EXPECT_EQ(file.find("somebody"), Bytes::npos) << suffix << closed;
      for (const Event* event : {&own, &theirs})
        EXPECT_EQ(file.find(event->body.salt->view()), Bytes::npos) << suffix << closed;
    }
  }
  reopen();
  EXPECT_EQ(store_->own_event(me_.key(), 1).value()->body, own.body);
  EXPECT_EQ(store_->division_entries(division(1), 0, 10)->at(1).body, theirs.body);
  EXPECT_EQ(store_->setting("draft").value(), "a setting that names somebody");
}

// The county hears that the body was lost on the device (D7); the header goes on counting.
TEST_F(NodeStoreTest, ADamagedBodyOfItsOwnReadsAsLost) {
  begin(me_);
  const Event first = record(me_), second = record(me_);
  store_.reset();
  Bytes file = vfs_.read_file(kPath).value();
  const std::size_t at = file.find(first.signed_event.encode());
  ASSERT_NE(at, Bytes::npos);
  const std::size_t body_at = at + first.signed_event.encode().size() + 30;
  file[body_at] = static_cast<char>(file[body_at] ^ 1);
  vfs_.write_file(kPath, file);
  reopen();
  const auto events = store_->own_events(me_.key(), 0, 10).value();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].signed_event, first.signed_event);
  EXPECT_TRUE(events[0].body.parts.empty());
  EXPECT_EQ(events[1].body, second.body);
}

TEST_F(NodeStoreTest, RefusesGarbageAndSecondConnections) {
  EXPECT_EQ(NodeStore::open(kPath, key_, entropy_, vfs_.name()).error().code, Errc::Conflict);
  store_.reset();
  vfs_.write_file(kPath, Bytes(5'000, 'x'));
  EXPECT_EQ(NodeStore::open(kPath, key_, entropy_, vfs_.name()).error().code, Errc::Corrupt);
  vfs_.write_file(kPath, "");
}

TEST_F(NodeStoreTest, ErasesInItsOwnChainAndAmongWhatIsHeld) {
  begin(me_);
  const Event first = record(me_), second = record(me_), unanswered = record(me_);
  log({first, second, other_.next(), unanswered});
  const LoggedEvent of_other = county_->at(2).value().value();
  ASSERT_TRUE(store_->want_divisions({division(1)}));
  ASSERT_TRUE(store_->commit_feed(feed(division(1), 0, 3)));
  const event::PartSet all = event::PartSet().set();
  const auto erasing = [&](const Event& event, std::uint64_t index) {
    return NodeStore::Erasing{event.signed_event.digest(), index, division(1), all};
  };
  const std::vector<NodeStore::Erasing> what = {
      erasing(first, 0),
      {of_other.entry.event.digest(), 2, division(1), all},
      erasing(unanswered, 3),  // Logged, which this node has not heard yet.
      {second.signed_event.digest(), 1, division(1), event::PartSet().set(5)},  // It has one part.
      {second.signed_event.digest(), 1, division(2), all},
      {second.signed_event.digest(), 7, division(1), all},
      {crypto::sha256("another event"), 1, division(1), all}};
  EXPECT_TRUE(store_->erase(what).value());
  EXPECT_FALSE(store_->erase(what).value()) << "gone already";
  reopen();
  const auto own = store_->own_history(me_.key(), 0, 10).value();
  ASSERT_EQ(own.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const Event& event = own[i].event;
    EXPECT_TRUE(event::check_body(event.signed_event.header(), event.body));
    EXPECT_EQ(event::parts_in(event.body, event::PartState::Erased).any(), i != 1);
  }
  EXPECT_EQ(own[2].standing, Standing::Unsent);
  std::vector<bool> erased;
  ASSERT_TRUE(store_->scan_entries(0, [&](const LoggedEvent& logged) -> Result<bool> {
    erased.push_back(event::parts_in(logged.body, event::PartState::Erased).any());
    return true;
  }));
  EXPECT_EQ(erased, (std::vector<bool>{true, false, true}));
  EXPECT_TRUE(store_->erase({}).has_value());
}

TEST_F(NodeStoreTest, ErasesOfWhatItCarries) {
  begin(me_);
  const Event carried = other_.next();
  ASSERT_TRUE(store_->keep_carried({carried}));
  const std::vector<NodeStore::Erasing> what = {
      {carried.signed_event.digest(), 5, division(1), event::PartSet().set()}};
  EXPECT_TRUE(store_->erase(what, /*own_too=*/false).value());
  reopen();
  const auto left = store_->own_events(other_.key(), 0, 10).value();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(event::parts_in(left[0].body, event::PartState::Erased).count(), 1u);
  EXPECT_TRUE(event::check_body(left[0].signed_event.header(), left[0].body));
}

TEST_F(NodeStoreTest, ErasingOverACrashIsDoneAtTheNextCall) {
  begin(me_);
  const Event event = record(me_);
  const std::vector<NodeStore::Erasing> what = {
      {event.signed_event.digest(), 0, division(1), event::PartSet().set()}};
  const Bytes sealed = *vfs_.read_file(kPath), wal = *vfs_.read_file(std::string(kPath) + "-wal");
  bool finished = false;
  std::uint64_t n = 0;
  for (; !finished; ++n) {
    ASSERT_LT(n, 200u);
    store_.reset();
    vfs_.write_file(kPath, sealed);
    vfs_.write_file(std::string(kPath) + "-wal", wal);
    reopen();
    vfs_.crash_after(n, nullptr);
    finished = store_->erase(what).has_value();
    store_.reset();
    vfs_.heal();
    reopen();
    ASSERT_TRUE(store_->erase(what));
    EXPECT_TRUE(vfs_.read_file(std::string(kPath) + "-wal").value_or("").empty());
    EXPECT_FALSE(store_->own_event(me_.key(), 1).value()->body.whole());
  }
  EXPECT_GT(n, 5u);
}
}  // namespace cunji::store
