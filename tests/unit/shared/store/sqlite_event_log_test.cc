// The county log in SQLite when the disk fails, fills, tears or lies. The contract itself is tested
// in tests/conformance.
#include "shared/store/sqlite_event_log.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "shared/log/merkle.h"
#include "shared/store/memory_vfs.h"
#include "tests/support/author.h"

namespace cunji::store {
using log::EventLog;
using log::NewEntry;
using testing_support::Author;
using testing_support::division;
using testing_support::entry_of;

static constexpr const char* kPath = "county.db";

class SqliteEventLogTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<EventLog>> open() {
    return open_sqlite_event_log(kPath, {.vfs = vfs_.name(), .read_only = false});
  }
  // `count` more events of a fixed story, so that every run appends the same ones.
  std::vector<NewEntry> next_batch(std::size_t count) {
    std::vector<NewEntry> out;
    for (std::size_t i = 0; i < count; ++i, ++made_) {
      Author& author = made_ % 3 == 0 ? one_ : two_;
      out.push_back(entry_of(
          author.next(division(static_cast<int>(made_ % 2)), std::string(made_ * 40 % 3'000, 'x')),
          1'000 + made_));
    }
    return out;
  }
  // A statement on the raw file, as somebody with a database tool would run it.
  void edit(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open_v2(kPath, &db, SQLITE_OPEN_READWRITE, vfs_.name().c_str()), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE", nullptr, nullptr, nullptr);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    ASSERT_EQ(sqlite3_close(db), SQLITE_OK);
  }

  MemoryVfs vfs_{"sqlite_event_log_test"};
  Author one_{1}, two_{2};
  std::size_t made_ = 0;
};

// The log's root says everything about entries, order and links; chains and divisions are asked.
static void expect_whole(const EventLog& log, std::span<const NewEntry> expected) {
  const log::LogHead head = log.head().value();
  ASSERT_EQ(head.size, expected.size());
  log::Frontier frontier;
  std::vector<log::Subtree> ignored;
  std::size_t i = 0;
  std::map<PublicKey, std::uint64_t> sequences;
  std::map<DivisionCode, std::uint64_t> divisions;
  ASSERT_TRUE(log.scan(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    const event::Header& header = logged.entry.event.header();
    EXPECT_EQ(logged.entry.event, expected[i].event);
    EXPECT_EQ(logged.body, expected[i].body);
    EXPECT_EQ(log.index_of(header.author, header.sequence).value(), i);
    sequences[header.author] = header.sequence;
    ++divisions[header.division];
    frontier.append(logged.entry.leaf_hash(), ignored);
    ++i;
    return true;
  }));
  EXPECT_EQ(i, expected.size());
  EXPECT_EQ(frontier.root(), head.root);
  for (const auto& [key, sequence] : sequences)
    EXPECT_EQ(log.chain_head(key).value()->sequence, sequence);
  for (const auto& [code, count] : divisions)
    EXPECT_EQ(log.division_head(code).value()->count, count);
}

static std::vector<NewEntry> joined(std::vector<NewEntry> a, const std::vector<NewEntry>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_F(SqliteEventLogTest, EachFailingOperationOfAnAppendLeavesTheLogAsItWas) {
  const auto first = next_batch(5), second = next_batch(6);
  for (const auto failure : {MemoryVfs::Failure::IoError, MemoryVfs::Failure::DiskFull}) {
    bool succeeded = false;
    for (std::uint64_t n = 0; !succeeded; ++n) {
      SCOPED_TRACE(n);
      ASSERT_LT(n, 500u);
      vfs_.write_file(kPath, "");
      vfs_.write_file(std::string(kPath) + "-wal", "");
      auto log = open().value();
      ASSERT_TRUE(log->append(0, first));
      vfs_.fail_after(n, failure);
      const auto result = log->append(5, second);
      vfs_.heal();
      succeeded = result.has_value();
      if (!succeeded) {
        EXPECT_EQ(result.error().code, Errc::Io) << result.error().what;
        expect_whole(*log, first);
        // The object stays usable: the same append again, on the disk that works again.
        ASSERT_TRUE(log->append(5, second));
      } else {
        EXPECT_GT(n, 3u) << "writes and a sync were made to fail before";
      }
      expect_whole(*log, joined(first, second));
      log.reset();
      log = open().value();
      expect_whole(*log, joined(first, second));
    }
  }
}

TEST_F(SqliteEventLogTest, AFailedAppendIsWhollyThereOrNotAtAllAfterReopening) {
  const auto first = next_batch(5), second = next_batch(6);
  bool succeeded = false;
  int as_before = 0;
  for (std::uint64_t n = 0; !succeeded; ++n) {
    SCOPED_TRACE(n);
    ASSERT_LT(n, 500u);
    vfs_.write_file(kPath, "");
    vfs_.write_file(std::string(kPath) + "-wal", "");
    auto log = open().value();
    ASSERT_TRUE(log->append(0, first));
    vfs_.fail_after(n, MemoryVfs::Failure::IoError, /*lasting=*/true);
    succeeded = log->append(5, second).has_value();
    log.reset();  // The failing disk may keep it from tidying up, too.
    vfs_.heal();
    log = open().value();
    if (log->head().value().size == 5) {
      ++as_before;
      expect_whole(*log, first);
      EXPECT_FALSE(succeeded);
    } else {
      expect_whole(*log, joined(first, second));
    }
  }
  EXPECT_GT(as_before, 0);
}

TEST_F(SqliteEventLogTest, AFullDiskIsSaidPlainlyAndReadingGoesOn) {
  auto log = open().value();
  const auto first = next_batch(5), second = next_batch(6);
  ASSERT_TRUE(log->append(0, first));
  vfs_.fail_after(0, MemoryVfs::Failure::DiskFull, /*lasting=*/true);
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto result = log->append(5, second);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Io);
    EXPECT_NE(result.error().what.find("disk is full"), std::string::npos) << result.error().what;
    expect_whole(*log, first);
  }
  vfs_.heal();
  ASSERT_TRUE(log->append(5, second));
  expect_whole(*log, joined(first, second));
}

// Opens, appends batch after batch until the power fails at operation `n`, opens again and sees
// that what was acknowledged is there. Returns whether the story ended before the crash.
static bool survives(const std::string& vfs_name, MemoryVfs& vfs,
                     const std::vector<std::vector<NewEntry>>& batches, std::uint64_t n,
                     Entropy* torn) {
  const auto open = [&] {
    return open_sqlite_event_log(kPath, {.vfs = vfs_name, .read_only = false});
  };
  vfs.write_file(kPath, "");
  vfs.write_file(std::string(kPath) + "-wal", "");
  vfs.crash_after(n, torn);
  std::vector<NewEntry> acknowledged, offered;
  if (auto log = open()) {
    for (const auto& batch : batches) {
      offered = joined(acknowledged, batch);
      if (!(*log)->append(acknowledged.size(), batch)) break;
      acknowledged = offered;
    }
  }
  const bool crashed = vfs.crashed();
  vfs.heal();
  const auto log = open();
  EXPECT_TRUE(log) << log.error().what;
  if (!log) return true;
  const std::uint64_t size = (*log)->head().value().size;
  EXPECT_TRUE(size == acknowledged.size() || size == offered.size()) << size;
  expect_whole(**log, size == acknowledged.size() ? acknowledged : offered);
  return !crashed;
}

TEST_F(SqliteEventLogTest, ACrashAtAnyOperationKeepsWhatWasAcknowledged) {
  const std::vector<std::vector<NewEntry>> batches = {next_batch(1), next_batch(4), next_batch(9)};
  std::uint64_t n = 0;
  while (!survives(vfs_.name(), vfs_, batches, n, nullptr)) ++n;
  EXPECT_GT(n, 20u);
}

TEST_F(SqliteEventLogTest, ATornCrashAtAnyOperationKeepsWhatWasAcknowledged) {
  const std::vector<std::vector<NewEntry>> batches = {next_batch(1), next_batch(4), next_batch(9)};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    crypto::SeededEntropy torn(seed, "torn");
    std::uint64_t n = 0;
    while (!survives(vfs_.name(), vfs_, batches, n, &torn)) ++n;
  }
}

// Everything that the file system holds, as somebody with the disk would search it.
static bool disk_holds(MemoryVfs& vfs, const std::string& text) {
  for (const char* suffix : {"", "-wal", "-journal", "-shm"}) {
    const auto file = vfs.read_file(std::string(kPath) + suffix);
    if (file && file->find(text) != Bytes::npos) return true;
  }
  return false;
}

TEST_F(SqliteEventLogTest, WhatIsErasedIsNowhereOnTheDiskWhateverCrashCame) {
  std::vector<NewEntry> batch;
  std::uint64_t received = 1'000;
  // From a body within its page to one of many pages, with others around it.
  for (const std::size_t length : {30U, 900U, 3'000U, 20'000U, 90U})
    for (const char* word : {"kept", "gone"})
      batch.push_back(entry_of(one_.next(division(1), std::string(word) + std::string(length, 'x')),
                               ++received));
  std::vector<log::Erasing> what;
  for (std::uint64_t i = 1; i < batch.size(); i += 2)
    what.push_back({.index = i, .parts = event::PartSet().set()});
  bool finished = false;
  std::uint64_t n = 0;
  for (; !finished; ++n) {
    SCOPED_TRACE(n);
    vfs_.write_file(kPath, "");
    vfs_.write_file(std::string(kPath) + "-wal", "");
    auto log = open().value();
    ASSERT_TRUE(log->append(0, batch));
    ASSERT_TRUE(disk_holds(vfs_, "gonexxx"));
    const log::LogHead head = log->head().value();
    vfs_.crash_after(n, nullptr);
    finished = log->erase(what).has_value();
    EXPECT_FALSE(finished && disk_holds(vfs_, "gone"));
    log.reset();
    vfs_.heal();
    log = open().value();
    ASSERT_TRUE(log->erase(what)) << "the next start finishes it";
    EXPECT_FALSE(disk_holds(vfs_, "gone"));
    EXPECT_TRUE(disk_holds(vfs_, "keptxxx"));
    EXPECT_EQ(log->head().value(), head);
    for (std::uint64_t i = 0; i < batch.size(); ++i)
      EXPECT_EQ(log->at(i).value()->body.whole(), i % 2 == 0);
  }
  EXPECT_GT(n, 10u);
}

TEST_F(SqliteEventLogTest, ErasingSaysWhenADiskDoesNotTakeIt) {
  auto log = open().value();
  ASSERT_TRUE(log->append(0, next_batch(5)));
  const log::Erasing what{.index = 3, .parts = event::PartSet().set()};
  for (std::uint64_t n = 0;; ++n) {
    vfs_.fail_after(n, MemoryVfs::Failure::IoError);
    const auto done = log->erase({&what, 1});
    vfs_.heal();
    if (done) break;
    ASSERT_LT(n, 200u);
    EXPECT_EQ(done.error().code, Errc::Io) << done.error().what;
  }
  EXPECT_FALSE(log->at(3).value()->body.whole());
  EXPECT_TRUE(log->append(5, next_batch(1)));
}

TEST_F(SqliteEventLogTest, RefusesFilesThatAreNoCountyLog) {
  {
    auto log = open().value();
    ASSERT_TRUE(log->append(0, next_batch(40)));
  }
  const Bytes good = *vfs_.read_file(kPath);
  Bytes no_schema = good, flipped = good;
  no_schema.replace(100, 8, Bytes(8, '\xff'));
  struct Case {
    const char* name;
    Bytes content;
    const char* says;
  };
  const Case cases[] = {
      {"garbage", Bytes(10'000, 'x'), "not a database"},
      {"short garbage", "hello, I am no database at all", "not a database"},
      {"cut in half", good.substr(0, good.size() / 2), ""},
      {"cut by a page", good.substr(0, good.size() - 4'096), ""},
      {"first page overwritten", no_schema, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    vfs_.write_file(kPath, c.content);
    const auto log = open();
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, Errc::Corrupt) << log.error().what;
    EXPECT_NE(log.error().what.find(c.says), std::string::npos) << log.error().what;
    EXPECT_NE(log.error().what.find("county log county.db"), std::string::npos) << log.error().what;
    EXPECT_EQ(*vfs_.read_file(kPath), c.content) << "a file that is not ours is left alone";
  }
  vfs_.write_file(kPath, good);
  EXPECT_TRUE(open());
}

TEST_F(SqliteEventLogTest, RefusesOtherKindsAndVersions) {
  struct Case {
    const char* sql;
    const char* says;
  };
  const Case cases[] = {
      {"PRAGMA application_id=1", "another kind"},
      {"PRAGMA application_id=0", "another kind"},
      {"PRAGMA user_version=2", "newer version"},
      {"PRAGMA user_version=0", "unknown version"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.sql);
    vfs_.write_file(kPath, "");
    ASSERT_TRUE(open());
    edit(c.sql);
    const auto log = open();
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, Errc::Corrupt);
    EXPECT_NE(log.error().what.find(c.says), std::string::npos) << log.error().what;
  }
}

TEST_F(SqliteEventLogTest, NoticesEditsAtItsEdgeWhenItOpens) {
  const auto entries = next_batch(7);
  for (const char* sql : {
           "DELETE FROM entry WHERE place=(SELECT max(place) FROM entry)",
           "UPDATE counter SET size=size-1",
           "UPDATE counter SET size=size+1",
           "UPDATE counter SET size=0",
           "UPDATE counter SET size=-1",
           "UPDATE counter SET root=zeroblob(32)",
           "UPDATE counter SET root=x'00'",
           "UPDATE counter SET received=received+1",
           "UPDATE counter SET received=-5",
           "UPDATE counter SET county=1000000",
           "INSERT INTO counter VALUES (1,1,zeroblob(32),0)",
           "DELETE FROM counter",
           "UPDATE entry SET entry=zeroblob(300) WHERE place=(SELECT max(place) FROM entry)",
           "UPDATE entry SET body=x'ff' WHERE place=(SELECT max(place) FROM entry)",
           "UPDATE entry SET hashes=x'' WHERE place=(SELECT max(place) FROM entry)",
           "UPDATE entry SET hashes=zeroblob(96) WHERE place=(SELECT min(place)+3 FROM entry)",
       }) {
    SCOPED_TRACE(sql);
    vfs_.write_file(kPath, "");
    ASSERT_TRUE(open().value()->append(0, entries));
    edit(sql);
    const auto log = open();
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, Errc::Corrupt) << log.error().what;
  }
}

TEST_F(SqliteEventLogTest, DamagedRowsAreErrorsWhereTheyAreRead) {
  const auto entries = next_batch(7);
  ASSERT_TRUE(open().value()->append(0, entries));
  edit("UPDATE entry SET entry=zeroblob(300) WHERE place=(SELECT min(place)+1 FROM entry)");
  edit("DELETE FROM entry WHERE place=(SELECT min(place)+4 FROM entry)");
  const auto log = open().value();
  EXPECT_EQ(log->at(1).error().code, Errc::Corrupt);
  EXPECT_FALSE(log->at(4).value());
  const auto count_all = [](const event::LoggedEvent&) -> Result<bool> { return true; };
  EXPECT_EQ(log->scan(0, count_all).error().code, Errc::Corrupt);
  const auto gap = log->scan(2, count_all);
  ASSERT_FALSE(gap) << "a missing row is not an end";
  EXPECT_EQ(gap.error().code, Errc::Corrupt);
}

TEST_F(SqliteEventLogTest, TwoWritersAreRefused) {
  const auto first = open();
  ASSERT_TRUE(first);
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::Conflict);
  EXPECT_NE(second.error().what.find("in use by another process"), std::string::npos);
}

TEST_F(SqliteEventLogTest, ScansLogsLargerThanOneChunk) {
  auto log = open().value();
  const auto entries = next_batch(700);
  ASSERT_TRUE(log->append(0, entries));
  expect_whole(*log, entries);
}
}  // namespace cunji::store
