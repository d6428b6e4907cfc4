// What the server keeps beside its log: quarantine, parking, enrolment codes, waiting events.
#include "shared/store/side_store.h"

#include <gtest/gtest.h>

#include "shared/store/limits.h"
#include "shared/store/memory_vfs.h"
#include "tests/support/author.h"

namespace cunji::store {
using event::Event;
using testing_support::Author;
using testing_support::division;

class SideStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen(const SideBounds& bounds = {}) {
    store_.reset();
    store_ = SideStore::open("side.db", vfs_.name(), bounds).value();
  }
  Result<void> quarantine(const Quarantined& event) { return store_->quarantine({&event, 1}); }
  Result<void> park(const Event& event) { return store_->park({&event, 1}, at_).at(0); }
  MemoryVfs vfs_{"side_store_test"};
  std::unique_ptr<SideStore> store_;
  Author author_{1}, other_{2};
  TimePoint at_ = from_millis(1'000);
};

TEST_F(SideStoreTest, QuarantineKeepsTheSameBytesOnce) {
  const Quarantined bad{.signed_event = "garbage",
                        .body = Bytes("b\0dy", 4),
                        .reason = "malformed",
                        .sender = other_.key(),
                        .at = at_};
  ASSERT_TRUE(quarantine(bad));
  Quarantined again = bad;
  again.reason = "another reason";
  ASSERT_TRUE(quarantine(again));
  Quarantined shifted = bad;  // The same bytes altogether, parted elsewhere.
  shifted.signed_event = "garbag";
  shifted.body = Bytes("eb\0dy", 5);
  ASSERT_TRUE(quarantine(shifted));
  reopen();
  const auto all = store_->quarantined(10).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].signed_event, bad.signed_event);
  EXPECT_EQ(all[0].body, bad.body);
  EXPECT_EQ(all[0].reason, "malformed");
  EXPECT_EQ(all[0].sender, bad.sender);
  EXPECT_EQ(all[0].at, at_);
  EXPECT_EQ(store_->quarantined(1).value().size(), 1u);
  EXPECT_EQ(store_->counts().value().quarantined, 2u);
}

TEST_F(SideStoreTest, QuarantineIsBoundedForOneSenderAndForAll) {
  Quarantined bad{.signed_event = {},
                  .body = Bytes(kQuarantineBytesPerSenderMax / 2, 'x'),
                  .reason = {},
                  .sender = other_.key(),
                  .at = at_};
  const auto numbered = [&](char number) {
    bad.body[0] = number;
    return bad;
  };
  // One call: what found room is kept, though the third did not.
  const std::vector<Quarantined> three{numbered('a'), numbered('b'), numbered('c')};
  EXPECT_EQ(store_->quarantine(three).error().code, Errc::Limit);
  EXPECT_EQ(store_->counts().value().quarantined, 2u);
  EXPECT_TRUE(quarantine(numbered('a'))) << "what is known is no news";

  constexpr std::uint64_t kSenders = kQuarantineBytesMax / kQuarantineBytesPerSenderMax;
  for (std::uint64_t i = 1; i < kSenders; ++i) {
    bad.sender = Author(100 + i).key();
    ASSERT_TRUE(quarantine(numbered(static_cast<char>(i)))) << "another sender has its own bound";
    ASSERT_TRUE(quarantine(numbered(static_cast<char>(i + 64))));
  }
  bad.sender = Author(99).key();
  EXPECT_EQ(quarantine(numbered('z')).error().code, Errc::Limit) << "all together";
  bad.body = "x";
  EXPECT_EQ(quarantine(bad).error().code, Errc::Limit);
}

TEST_F(SideStoreTest, ParksBySequenceAndUnparks) {
  std::vector<Event> events;
  for (int i = 0; i < 4; ++i) events.push_back(author_.next());
  for (const std::size_t i : {2u, 0u, 3u, 1u}) ASSERT_TRUE(park(events[i]));
  ASSERT_TRUE(park(events[2])) << "offered again";
  ASSERT_TRUE(park(other_.next()));
  reopen();
  auto parked = store_->parked(author_.key()).value();
  ASSERT_EQ(parked.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(parked[i].signed_event, events[i].signed_event);
    EXPECT_EQ(parked[i].body, events[i].body);
  }
  const std::uint64_t bytes_before = store_->counts().value().parked_bytes;
  ASSERT_TRUE(store_->unpark(author_.key(), 3));
  parked = store_->parked(author_.key()).value();
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0].signed_event, events[3].signed_event);
  EXPECT_EQ(store_->counts().value().parked, 2u);
  EXPECT_LT(store_->counts().value().parked_bytes, bytes_before);
  ASSERT_TRUE(store_->unpark(author_.key(), event::kSequenceMax));
  ASSERT_TRUE(store_->unpark(other_.key(), event::kSequenceMax));
  EXPECT_EQ(store_->counts().value().parked_bytes, 0u);
}

TEST_F(SideStoreTest, AnotherEventForAParkedPlaceIsAConflict) {
  const Event event = author_.at_head(division(1), "one"),
              fork = author_.at_head(division(1), "two");
  ASSERT_TRUE(park(event));
  EXPECT_EQ(park(fork).error().code, Errc::Conflict);
  EXPECT_EQ(store_->parked(author_.key()).value()[0].signed_event, event.signed_event);
}

TEST_F(SideStoreTest, ParkingIsBoundedForOneKey) {
  const std::string part(event::kPartBytesMax - 1, 'x');
  std::uint64_t parked = 0;
  for (;;) {
    const auto result = park(author_.next(division(1), part));
    if (!result) {
      EXPECT_EQ(result.error().code, Errc::Limit);
      break;
    }
    ASSERT_LE(++parked * part.size(), kParkedBytesPerKeyMax);
  }
  EXPECT_GT((parked + 2) * part.size(), kParkedBytesPerKeyMax);
  EXPECT_TRUE(park(other_.next())) << "another key has its own bound";
  ASSERT_TRUE(store_->unpark(author_.key(), 1));
  EXPECT_TRUE(park(author_.next(division(1), "small"))) << "room was made";
}

TEST_F(SideStoreTest, ParkingIsBoundedForAllKeysTogether) {
  constexpr std::uint64_t kRoom = 100'000;
  const std::string part(20'000, 'x');
  reopen({.parked_bytes = kRoom});
  std::vector<Author> authors;
  std::uint64_t parked = 0;
  for (std::uint64_t i = 0; i < 10; ++i) {
    authors.emplace_back(10 + i);
    const auto result = park(authors.back().next(division(1), part));
    parked += result.has_value();
    if (!result) {
      EXPECT_EQ(result.error().code, Errc::Limit);
    }
  }
  EXPECT_EQ(parked, kRoom / part.size() - 1) << "and what surrounds each part";
  EXPECT_LE(store_->counts().value().parked_bytes, kRoom);
  EXPECT_TRUE(park(other_.next(division(1), "small"))) << "what is smaller finds room";
  ASSERT_TRUE(store_->unpark(authors.front().key(), 1));
  EXPECT_TRUE(park(author_.next(division(1), part))) << "room was made";
  reopen({.parked_bytes = kRoom});
  EXPECT_FALSE(park(Author(99).next(division(1), part))) << "what was there before counts";
}

TEST_F(SideStoreTest, OneCallParksWhatHasRoom) {
  const Event first = author_.at_head(division(1), "one"),
              fork = author_.at_head(division(1), "two");
  const std::vector<Event> events{first, fork, other_.next()};
  const auto kept = store_->park(events, at_);
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_TRUE(kept[0]);
  EXPECT_EQ(kept[1].error().code, Errc::Conflict);
  EXPECT_TRUE(kept[2]);
  EXPECT_EQ(store_->counts().value().parked, 2u);
}

TEST_F(SideStoreTest, CodesAreUsedByOneRequestOnly) {
  const EnrolmentCode code{.id = "8 bytes.",
                           .key = Bytes(32, '\xff'),
                           .person = *PersonId::from("person 000000001"),
                           .role = "coordinator",
                           .office = "村委会",
                           .divisions = {"411323001001", "411323001002"},
                           .kinds = {1, 2, 65'535},
                           .valid_until = from_millis(99'000),
                           .credential_days = 730,
                           .used_by = std::nullopt};
  EXPECT_FALSE(store_->code(code.id).value());
  ASSERT_TRUE(store_->add_code(code));
  EXPECT_EQ(store_->add_code(code).error().code, Errc::Conflict);
  reopen();
  auto found = store_->code(code.id).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, code.key);
  EXPECT_EQ(found->person, code.person);
  EXPECT_EQ(found->role, code.role);
  EXPECT_EQ(found->office, code.office);
  EXPECT_EQ(found->divisions, code.divisions);
  EXPECT_EQ(found->kinds, code.kinds);
  EXPECT_EQ(found->valid_until, code.valid_until);
  EXPECT_EQ(found->credential_days, code.credential_days);
  EXPECT_FALSE(found->used_by);
  EXPECT_EQ(store_->counts().value().codes_open, 1u);

  const Digest request = crypto::sha256("request"), another = crypto::sha256("another");
  ASSERT_TRUE(store_->use_code(code.id, request));
  EXPECT_TRUE(store_->use_code(code.id, request)) << "the same request again, after a cut";
  EXPECT_EQ(store_->use_code(code.id, another).error().code, Errc::Conflict);
  EXPECT_EQ(store_->use_code("no such!", request).error().code, Errc::Conflict);
  reopen();
  EXPECT_EQ(store_->code(code.id).value()->used_by, request);
  EXPECT_EQ(store_->counts().value().codes_open, 0u);

  EnrolmentCode odd = code;
  odd.id = "another.";
  odd.divisions = {"4113,23"};
  EXPECT_EQ(store_->add_code(odd).error().code, Errc::Malformed);
  odd.divisions.clear();
  odd.kinds.clear();
  ASSERT_TRUE(store_->add_code(odd));
  EXPECT_TRUE(store_->code(odd.id).value()->divisions.empty());
  EXPECT_TRUE(store_->code(odd.id).value()->kinds.empty());
}

TEST_F(SideStoreTest, EventsQueueInOrder) {
  const std::vector<Event> events = {author_.next(), author_.next(), author_.next()};
  ASSERT_TRUE(store_->enqueue(std::span(events).first(1)));
  ASSERT_TRUE(store_->enqueue(std::span(events).subspan(1)));
  ASSERT_TRUE(store_->enqueue({}));
  reopen();
  auto queued = store_->queued(2).value();
  ASSERT_EQ(queued.size(), 2u);
  EXPECT_EQ(queued[0].second.signed_event, events[0].signed_event);
  EXPECT_EQ(queued[1].second.body, events[1].body);
  ASSERT_TRUE(store_->dequeue(queued[1].first)) << "all up to and with it";
  queued = store_->queued(10).value();
  ASSERT_EQ(queued.size(), 1u);
  EXPECT_EQ(queued[0].second.signed_event, events[2].signed_event);
  const std::int64_t last = queued[0].first;
  ASSERT_TRUE(store_->dequeue(last));
  EXPECT_TRUE(store_->queued(10).value().empty());
  const std::vector<Event> later = {author_.next()};
  ASSERT_TRUE(store_->enqueue(later));
  EXPECT_GT(store_->queued(1).value()[0].first, last) << "a number is never used twice";
}

TEST_F(SideStoreTest, QueuesAllEventsOrNone) {
  const std::vector<Event> events = {author_.next(), author_.next()};
  for (std::uint64_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 100u);
    vfs_.fail_after(n, MemoryVfs::Failure::IoError);
    const auto result = store_->enqueue(events);
    vfs_.heal();
    if (result) break;
    EXPECT_TRUE(store_->queued(10).value().empty());
  }
  EXPECT_EQ(store_->queued(10).value().size(), 2u);
}

TEST_F(SideStoreTest, ForgetsTheContentsOfErasedEventsWhereverTheyAre) {
  const auto on_disk = [&](const char* text) {
    const auto is_in = [&](const std::string& path) {
      const auto file = vfs_.read_file(path);
      return file && file->find(text) != Bytes::npos;
    };
    return is_in("side.db") || is_in("side.db-wal");
  };
  const std::vector<Event> events = {
      author_.next(testing_support::division(1), "gone " + Bytes(900, 'g')),
      author_.next(testing_support::division(1), "kept " + Bytes(900, 'k'))};
  for (const Event& event : events) {
    ASSERT_TRUE(park(event));
    ASSERT_TRUE(quarantine({.signed_event = event.signed_event.encode(),
                            .body = event::encode_body(event.body),
                            .reason = "r",
                            .sender = author_.key(),
                            .at = at_}));
  }
  // The same header under another signature is the same content.
  Bytes resigned = events[0].signed_event.encode();
  resigned.back() = static_cast<char>(resigned.back() ^ 1);
  ASSERT_TRUE(quarantine({.signed_event = resigned,
                          .body = event::encode_body(events[0].body),
                          .reason = "r",
                          .sender = author_.key(),
                          .at = at_}));
  ASSERT_TRUE(store_->enqueue(events));
  const std::uint64_t parked_bytes = store_->counts().value().parked_bytes;
  ASSERT_TRUE(on_disk("gone ggg"));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->forget({&events[0].signed_event, 1}));
  EXPECT_FALSE(on_disk("gone ggg"));
  EXPECT_TRUE(on_disk("kept kkk"));
  const auto parked = store_->parked(author_.key()).value();
  ASSERT_EQ(parked.size(), 1u);
  EXPECT_EQ(parked[0].signed_event, events[1].signed_event);
  EXPECT_EQ(store_->counts().value().parked_bytes * 2, parked_bytes);
  EXPECT_EQ(store_->queued(10).value().size(), 1u);
  const auto quarantined = store_->quarantined(10).value();
  ASSERT_EQ(quarantined.size(), 3u) << "that something was refused, and why, stays";
  EXPECT_TRUE(quarantined[0].body.empty());
  EXPECT_FALSE(quarantined[1].body.empty());
  EXPECT_TRUE(quarantined[2].body.empty());
  EXPECT_TRUE(store_->forget({}));
}

TEST_F(SideStoreTest, AFailingDiskChangesNothing) {
  const Event event = author_.next();
  for (std::uint64_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 100u);
    vfs_.fail_after(n, MemoryVfs::Failure::IoError);
    const auto result = park(event);
    vfs_.heal();
    if (result) break;
    EXPECT_EQ(result.error().code, Errc::Io);
    EXPECT_EQ(store_->counts().value().parked, 0u);
    EXPECT_EQ(store_->counts().value().parked_bytes, 0u);
  }
  EXPECT_EQ(store_->counts().value().parked, 1u);
}
}  // namespace cunji::store
