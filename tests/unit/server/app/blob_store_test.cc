// The county's blobs: named by its log or not wanted, chunks kept over a restart, whole ones
// verified and filed; another key's chunks, quotas, damage, erasure.
#include "server/app/blob_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "server/app/blob_desk.h"
#include "server/app/files.h"
#include "server/app/limits.h"
#include "shared/store/limits.h"
#include "shared/store/sqlite_event_log.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/server/test_county.h"

namespace cunji::server {
using sync::BlobName;
using sync::BlobStanding;
using sync::kBlobChunkBytes;

class BlobStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_folder(folder.path));
    log = store::open_sqlite_event_log(folder.log()).value();
    append(found_county(root), event::Verdict::Accepted);
    open();
  }
  void open() {
    blobs.reset();
    auto reader = store::open_sqlite_event_log(folder.log(), {.vfs = {}, .read_only = true});
    blobs = BlobStore::open(folder, std::move(reader.value())).value();
  }
  void append(const event::Event& event, event::Verdict verdict) {
    const log::NewEntry entry{.event = event.signed_event,
                              .body = event.body,
                              .received = at_minute(0),
                              .verdict = verdict};
    ASSERT_TRUE(log->append(log->head()->size, {&entry, 1}));
  }
  static BlobName name_of(const Bytes& bytes) {
    return {.digest = crypto::sha256(bytes), .size = static_cast<std::uint32_t>(bytes.size())};
  }
  // Logs a visit of `author` that names these.
  void name(Author& who, const std::vector<BlobName>& names,
            event::Verdict verdict = event::Verdict::Accepted) {
    event::PartFrame frame;
    for (const BlobName& each : names)
      frame.attachments.push_back(
          {.digest = each.digest, .size = each.size, .media_type = "image/jpeg"});
    crypto::SeededEntropy entropy(3, "visit");
    const auto event = event::make_event(who.key, kCounty, who.head, who.seen,
                                         {.division = kVillage,
                                          .subject = {},
                                          .kind = event::Kind::Visit,
                                          .recorded = at_minute(0),
                                          .parts = {event::encode_part(event::VisitPart{}, frame)}},
                                         entropy)
                           .value();
    who.head = event::advanced(who.head, event.signed_event, who.seen.size);
    append(event, verdict);
  }
  sync::BlobAnswer offer(const Author& who, const BlobName& name, bool in_good_order = true,
                         TimePoint now = at_minute(0)) {
    return blobs->answer({who.key.public_key(), in_good_order, {name}}, now).front();
  }
  static store::ArrivedChunk chunk(const Author& who, const Bytes& bytes, std::uint32_t number) {
    return {who.key.public_key(),
            {.blob = name_of(bytes),
             .number = number,
             .content = bytes.substr(number * kBlobChunkBytes, kBlobChunkBytes)}};
  }
  BlobStanding send(const Author& who, const Bytes& bytes, std::uint32_t number,
                    TimePoint now = at_minute(0)) {
    const auto one = chunk(who, bytes, number);
    return blobs->take({&one, 1}, now).front().standing;
  }
  BlobStanding send_all(const Author& who, const Bytes& bytes, TimePoint now = at_minute(0)) {
    BlobStanding last = BlobStanding::Wanted;
    for (std::uint32_t i = 0; i < sync::chunks_of(name_of(bytes).size); ++i)
      last = send(who, bytes, i, now);
    return last;
  }
  static Bytes photo(std::size_t size, char seed) { return Bytes(size, seed); }

  testing_support::TempDir base;
  Folder folder{base.file("county")};
  Author root{"root"}, author{"author"}, other{"other"};
  std::unique_ptr<log::EventLog> log;
  std::unique_ptr<BlobStore> blobs;
};

TEST_F(BlobStoreTest, TakesWhatALoggedEventNamesAndFilesIt) {
  const Bytes bytes = photo(2 * kBlobChunkBytes + 9, 'a');
  const BlobName whole = name_of(bytes);
  EXPECT_EQ(offer(author, whole).standing, BlobStanding::Unwanted) << "no event names it yet";
  name(author, {whole});
  auto answer = offer(author, whole);
  ASSERT_EQ(answer.standing, BlobStanding::Wanted);
  EXPECT_EQ(answer.held->missing(), 3u);
  BlobName longer = whole;
  ++longer.size;
  EXPECT_EQ(offer(author, longer).standing, BlobStanding::Unwanted) << "of another size";
  EXPECT_EQ(send(author, bytes, 2), BlobStanding::Wanted);
  EXPECT_EQ(send(author, bytes, 2), BlobStanding::Wanted) << "twice does no harm";
  EXPECT_FALSE(read_blob(folder, whole.digest).value());
  open();
  answer = offer(author, whole);
  EXPECT_TRUE(answer.held->has(2)) << "kept over a restart";
  EXPECT_EQ(answer.held->missing(), 2u);
  EXPECT_EQ(send(author, bytes, 0), BlobStanding::Wanted);
  EXPECT_EQ(send(author, bytes, 1), BlobStanding::Held);
  EXPECT_EQ(read_blob(folder, whole.digest).value(), bytes);
  EXPECT_EQ(offer(other, whole).standing, BlobStanding::Held);
  EXPECT_EQ(send(author, bytes, 1), BlobStanding::Held) << "a chunk of a finished one";
  EXPECT_EQ(blobs->figures().filed, 1u);
  EXPECT_EQ(std::filesystem::status(folder.blob(whole.digest)).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(BlobStoreTest, BytesThatAreNotTheirDigestAreThrownAwayAndCounted) {
  const Bytes bytes = photo(kBlobChunkBytes + 5, 'a');
  name(author, {name_of(bytes)});
  ASSERT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Wanted);
  auto wrong = chunk(author, bytes, 0);
  wrong.chunk.content[7] = 'x';
  EXPECT_EQ(blobs->take({&wrong, 1}, at_minute(0)).front().standing, BlobStanding::Wanted);
  EXPECT_EQ(send(author, bytes, 1), BlobStanding::Mismatch);
  EXPECT_EQ(blobs->figures().mismatched, 1u);
  EXPECT_FALSE(file_exists(folder.blob(name_of(bytes).digest)));
  EXPECT_EQ(offer(author, name_of(bytes)).held->missing(), 2u) << "nothing of it is left";
  EXPECT_EQ(send_all(author, bytes), BlobStanding::Held);
}

TEST_F(BlobStoreTest, OneKeyCannotSpoilAnothersBlob) {
  const Bytes bytes = photo(kBlobChunkBytes + 5, 'a');
  name(author, {name_of(bytes)});
  EXPECT_EQ(send(author, bytes, 1), BlobStanding::Wanted);
  auto wrong = chunk(other, bytes, 0);
  wrong.chunk.content[7] = 'x';
  EXPECT_EQ(blobs->take({&wrong, 1}, at_minute(0)).front().standing, BlobStanding::Wanted);
  EXPECT_EQ(send(author, bytes, 0), BlobStanding::Held);
}

TEST_F(BlobStoreTest, AKeyThatIsNotInOrderDeliversForAcceptedEventsOnly) {
  const BlobName disputed = name_of("disputed"), accepted = name_of("accepted"),
                 both = name_of("both");
  name(author, {disputed, both}, event::Verdict::Frozen);
  name(author, {accepted, both});
  EXPECT_EQ(offer(author, disputed, /*in_good_order=*/false).standing, BlobStanding::Unwanted);
  EXPECT_EQ(offer(author, disputed).standing, BlobStanding::Wanted) << "it may be endorsed yet";
  EXPECT_EQ(offer(author, accepted, /*in_good_order=*/false).standing, BlobStanding::Wanted);
  EXPECT_EQ(offer(author, both, /*in_good_order=*/false).standing, BlobStanding::Wanted);
}

TEST_F(BlobStoreTest, TheDaysQuotaOfAKeyIsItsOwnAndEndsWithTheDay) {
  const Bytes large = photo(event::kBlobBytesMax, 'l'), small = photo(100, 's');
  name(author, {name_of(large), name_of(small)});
  // The same chunk counts as often as it is sent.
  const std::vector<store::ArrivedChunk> chunks(kCommitChunksMax, chunk(author, large, 0));
  std::size_t taken = 0;
  for (bool later = false; !later;) {
    ASSERT_LE(taken, kBlobBytesADayMax / kBlobChunkBytes);
    for (const auto& answer : blobs->take(chunks, at_minute(0))) {
      later = later || answer.standing == BlobStanding::Later;
      taken += answer.standing == BlobStanding::Wanted ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, kBlobBytesADayMax / kBlobChunkBytes);
  EXPECT_EQ(offer(author, name_of(small)).standing, BlobStanding::Later);
  EXPECT_EQ(offer(other, name_of(small)).standing, BlobStanding::Wanted);
  open();
  EXPECT_EQ(send(author, small, 0), BlobStanding::Later) << "also after a restart";
  EXPECT_EQ(send(author, small, 0, at_minute(24 * 60)), BlobStanding::Held);
}

TEST_F(BlobStoreTest, WhatAKeyLeftHalfWayMakesRoomForItsNext) {
  const std::size_t kept = store::kPartialBytesPerKeyMax / event::kBlobBytesMax;
  std::vector<Bytes> all;
  std::vector<BlobName> names;
  for (std::size_t i = 0; i <= kept; ++i) {
    all.push_back(photo(event::kBlobBytesMax, static_cast<char>('a' + i)));
    names.push_back(name_of(all.back()));
  }
  name(author, names);
  for (std::size_t i = 0; i <= kept; ++i)
    EXPECT_EQ(send(author, all[i], 0, at_minute(static_cast<int>(i))), BlobStanding::Wanted);
  EXPECT_FALSE(offer(author, names[0]).held->has(0)) << "the oldest went";
  for (std::size_t i = 1; i <= kept; ++i) EXPECT_TRUE(offer(author, names[i]).held->has(0));
}

TEST_F(BlobStoreTest, ADiskThatRefusesIsLaterAndLosesNothing) {
  const Bytes bytes = photo(kBlobChunkBytes + 5, 'a');
  name(author, {name_of(bytes)});
  EXPECT_EQ(send(author, bytes, 0), BlobStanding::Wanted);
  std::ofstream(folder.blobs()) << "a file where the folder should be";
  EXPECT_EQ(send(author, bytes, 1), BlobStanding::Later);
  std::filesystem::remove(folder.blobs());
  open();
  EXPECT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Held) << "filed from its chunks";
  EXPECT_EQ(read_blob(folder, name_of(bytes).digest).value(), bytes);
}

TEST_F(BlobStoreTest, AnIndexThatIsLostOrOfAnotherLogIsMadeAgain) {
  const Bytes bytes = photo(10, 'a'), gone = photo(20, 'g');
  name(author, {name_of(bytes)});
  EXPECT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Wanted);
  blobs.reset();
  for (const char* suffix : {"", "-wal", "-shm", ".lock"})
    std::filesystem::remove(folder.blob_index() + suffix);
  open();
  EXPECT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Wanted);
  name(author, {name_of(gone)});
  EXPECT_EQ(offer(author, name_of(gone)).standing, BlobStanding::Wanted);
  // A backup is put in place: the log is as it was before the last event, then goes on otherwise.
  blobs.reset();
  log.reset();
  for (const char* suffix : {"", "-wal", "-shm", ".lock"})
    std::filesystem::remove(folder.log() + suffix);
  Author root_again("root"), author_again("author");
  log = store::open_sqlite_event_log(folder.log()).value();
  append(found_county(root_again), event::Verdict::Accepted);
  name(author_again, {name_of("something else")});
  name(author_again, {name_of("and more")});
  name(author_again, {name_of(bytes)});
  open();
  EXPECT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Wanted);
  EXPECT_EQ(offer(author, name_of(gone)).standing, BlobStanding::Unwanted);
}

TEST_F(BlobStoreTest, ADamagedFileIsNeverGivenOut) {
  const Bytes bytes = photo(100, 'a');
  name(author, {name_of(bytes)});
  ASSERT_EQ(send_all(author, bytes), BlobStanding::Held);
  std::ofstream(folder.blob(name_of(bytes).digest), std::ios::in | std::ios::binary) << "x";
  EXPECT_EQ(read_blob(folder, name_of(bytes).digest).error().code, Errc::Corrupt);
}

TEST_F(BlobStoreTest, AnErasedOneIsGoneAndComesNoMore) {
  const Bytes filed = Bytes(20'000, 'f') + "to be seen by nobody";
  const Bytes partial = Bytes(kBlobChunkBytes - 20, 'p') + "to be seen by nobody" + "rest";
  name(author, {name_of(filed), name_of(partial)});
  ASSERT_EQ(send_all(author, filed), BlobStanding::Held);
  ASSERT_EQ(send(author, partial, 0), BlobStanding::Wanted);
  for (const Bytes& bytes : {filed, partial}) {
    ASSERT_TRUE(blobs->erase(name_of(bytes).digest));
    EXPECT_EQ(offer(author, name_of(bytes)).standing, BlobStanding::Unwanted);
    EXPECT_FALSE(read_blob(folder, name_of(bytes).digest).value());
  }
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path)) {
    if (!file.is_regular_file()) continue;
    const Bytes content = read_file(file.path().string(), 1 << 28).value();
    EXPECT_EQ(content.find("to be seen by nobody"), Bytes::npos) << file.path();
  }
}

// What `recover` leaves is filed once a logged event names it, whoever its author.
TEST_F(BlobStoreTest, ARecoveredOneIsFiledWhenALoggedEventNamesIt) {
  const Bytes named = photo(20'000, 'n'), unnamed = photo(100, 'u'), doubtful = photo(100, 'd');
  ASSERT_TRUE(blobs->file_recovered()) << "nothing was ever recovered";
  ASSERT_TRUE(make_folder(folder.recovered_blobs()));
  for (const Bytes& bytes : {named, unnamed, doubtful})
    ASSERT_TRUE(replace_file(folder.recovered_blob(name_of(bytes).digest), bytes));
  const auto waits = [&](const Bytes& bytes) {
    return file_exists(folder.recovered_blob(name_of(bytes).digest));
  };
  const auto filed = [&](const Bytes& bytes) {
    return read_blob(folder, name_of(bytes).digest).value() == bytes;
  };
  ASSERT_TRUE(blobs->file_recovered());
  EXPECT_TRUE(waits(named) && waits(unnamed) && waits(doubtful));
  EXPECT_FALSE(filed(named));

  name(author, {name_of(named)});
  name(author, {name_of(doubtful)}, event::Verdict::NoCredential);
  name(author, {{.digest = name_of(unnamed).digest, .size = 101}});  // Of another size.
  ASSERT_TRUE(blobs->file_recovered());
  EXPECT_TRUE(filed(named) && filed(doubtful));
  EXPECT_FALSE(waits(named) || waits(doubtful));
  EXPECT_TRUE(waits(unnamed));
  EXPECT_FALSE(filed(unnamed));
  EXPECT_EQ(blobs->figures().filed, 2u);
}

TEST_F(BlobStoreTest, ARecoveredOneThatIsDamagedOrErasedGoes) {
  const Bytes damaged = photo(100, 'd'), erased = photo(100, 'e'), again = photo(100, 'a');
  ASSERT_TRUE(make_folder(folder.recovered_blobs()));
  const auto recover = [&](const Bytes& bytes, const Bytes& as) {
    ASSERT_TRUE(replace_file(folder.recovered_blob(name_of(as).digest), bytes));
  };
  const auto nothing_of = [&](const Bytes& bytes) {
    return !file_exists(folder.recovered_blob(name_of(bytes).digest)) &&
           !read_blob(folder, name_of(bytes).digest).value();
  };
  name(author, {name_of(damaged), name_of(erased), name_of(again)});
  recover(photo(100, 'x'), damaged);
  recover(erased, erased);
  ASSERT_TRUE(blobs->erase(name_of(erased).digest));
  EXPECT_TRUE(nothing_of(erased)) << "at once";
  ASSERT_TRUE(blobs->erase(name_of(again).digest));
  recover(again, again);
  ASSERT_TRUE(blobs->file_recovered());
  EXPECT_TRUE(nothing_of(damaged));
  EXPECT_TRUE(nothing_of(again)) << "also when it was recovered after the erasure";
  EXPECT_EQ(blobs->figures().mismatched, 1u);
}

TEST_F(BlobStoreTest, TheDeskAnswersEverythingAlsoWhenItStops) {
  const Bytes bytes = photo(kBlobChunkBytes + 5, 'a');
  name(author, {name_of(bytes)});
  BlobDesk desk(std::move(blobs), Clock::system());
  std::atomic<int> answered{0}, held{0}, later{0};
  const auto count = [&](const sync::BlobAnswer& answer) {
    ++answered;
    held += answer.standing == BlobStanding::Held;
    later += answer.standing == BlobStanding::Later;
  };
  desk.offer({author.key.public_key(), true, {name_of(bytes)}},
             [&](const auto& answers) { count(answers.front()); });
  for (std::uint32_t i = 0; i < 2; ++i) desk.chunk(chunk(author, bytes, i), count);
  EXPECT_TRUE(desk.erase({crypto::sha256("of nothing that is here")}));
  desk.stop();
  EXPECT_EQ(desk.erase({}).error().code, Errc::Timeout);
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(held, 1);
  desk.chunk(chunk(author, bytes, 0), count);
  desk.offer({author.key.public_key(), true, {name_of(bytes), name_of(bytes)}},
             [&](const auto& answers) {
               EXPECT_EQ(answers.size(), 2u);
               count(answers.front());
             });
  EXPECT_EQ(later, 2);
}
}  // namespace cunji::server
