// A copy of a county log made beside its writer: level with it, resumed after a cut, never mixed.
#include "shared/store/log_copy.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "shared/store/sqlite_event_log.h"
#include "tests/support/author.h"
#include "tests/support/temp_dir.h"

namespace cunji::store {
using testing_support::Author;
using testing_support::entry_of;

class LogCopyTest : public ::testing::Test {
 protected:
  std::string from() const { return folder_.file("county.db"); }
  std::string to() const { return folder_.file("copy.db"); }
  void grow(std::uint64_t entries) {
    for (; entries > 0; --entries) {
      const std::vector<log::NewEntry> one = {entry_of(author_.next())};
      ASSERT_TRUE(log_->append(log_->head()->size, one));
    }
  }
  // Everything that the copy answers is what the log answers.
  void expect_level() const {
    const auto copy = open_sqlite_event_log(to(), {.vfs = {}, .read_only = true});
    ASSERT_TRUE(copy) << copy.error().what;
    ASSERT_EQ((*copy)->head().value(), log_->head().value());
    for (std::uint64_t i = 0; i < log_->head()->size; ++i) {
      const auto mine = (*copy)->at(i).value().value(), its = log_->at(i).value().value();
      ASSERT_EQ(mine.entry.encode(), its.entry.encode()) << i;
      ASSERT_EQ(mine.body, its.body) << i;
      const event::Header& header = its.entry.event.header();
      EXPECT_EQ((*copy)->index_of(header.author, header.sequence).value(), i);
    }
    const PublicKey key = log_->at(0).value()->entry.event.header().author;
    EXPECT_EQ((*copy)->chain_head(key).value()->digest, log_->chain_head(key).value()->digest);
    const auto divisions = (*copy)->divisions("").value();
    EXPECT_EQ(divisions, log_->divisions("").value());
    for (const auto& [division, head] : divisions)
      EXPECT_EQ((*copy)->division_entries(division, 0, 1'000)->size(), head.count);
  }

  testing_support::TempDir folder_;
  Author author_{1};
  std::unique_ptr<log::EventLog> log_ = open_sqlite_event_log(from()).value();
};

TEST_F(LogCopyTest, IsLevelWithTheLogAndTakesWhatIsNewNextTime) {
  grow(7);
  const auto first = copy_county_log(from(), to());
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(first->size, 7U);
  EXPECT_EQ(first->already, 0U);
  EXPECT_EQ(first->root, log_->head()->root);
  expect_level();
  grow(5);  // Its writer goes on, with the copy beside it.
  const auto second = copy_county_log(from(), to());
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(second->size, 12U);
  EXPECT_EQ(second->already, 7U);
  expect_level();
  EXPECT_EQ(copy_county_log(from(), to())->already, 12U);
  expect_level();
}

TEST_F(LogCopyTest, GoesOnWhereACutLeftIt) {
  grow(9);
  ASSERT_TRUE(copy_county_log(from(), to()));
  // As a cut between chunks leaves it: some entries, no heads.
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(to().c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "DELETE FROM entry WHERE place>(SELECT min(place)+3 FROM entry);"
                         "DELETE FROM counter; DELETE FROM chain; DELETE FROM event;"
                         "DELETE FROM division; DELETE FROM division_entry",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  EXPECT_FALSE(open_sqlite_event_log(to(), {.vfs = {}, .read_only = true})) << "no log yet";
  const auto resumed = copy_county_log(from(), to());
  ASSERT_TRUE(resumed) << resumed.error().what;
  EXPECT_EQ(resumed->already, 4U);
  expect_level();
}

TEST_F(LogCopyTest, OfAnotherLogIsNeverMixedIn) {
  grow(4);
  const std::string other = folder_.file("other.db");
  {
    const auto log = open_sqlite_event_log(other).value();
    Author author(2);
    const std::vector<log::NewEntry> one = {entry_of(author.next())};
    ASSERT_TRUE(log->append(0, one));
  }
  ASSERT_TRUE(copy_county_log(other, to()));
  const auto mixed = copy_county_log(from(), to());
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Errc::Conflict);
  const auto nothing = copy_county_log(folder_.file("absent.db"), to());
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Errc::Io) << nothing.error().what;
}
}  // namespace cunji::store
