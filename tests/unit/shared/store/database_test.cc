// The version of a file: newer and foreign ones are refused, older ones brought forward, wholly or
// not at all. The real stores' migrations are tried on files of their first version
// (version_1_test.cc); here the steps are made up.
#include "shared/store/database.h"

#include <gtest/gtest.h>

#include "shared/store/memory_vfs.h"

namespace cunji::store {
namespace {
constexpr const char* kFirstSchema = "CREATE TABLE note (id INTEGER PRIMARY KEY, text BLOB)";
constexpr const char* kNewestSchema =
    "CREATE TABLE note (id INTEGER PRIMARY KEY, text BLOB, size INTEGER);"
    "CREATE TABLE tag (name BLOB PRIMARY KEY)";

Result<void> add_sizes(Database& database) {
  TRY(database.execute("ALTER TABLE note ADD COLUMN size INTEGER"));
  return database.execute("UPDATE note SET size=length(text)");
}
Result<void> add_tags(Database& database) {
  return database.execute(
      "CREATE TABLE tag (name BLOB PRIMARY KEY); INSERT INTO tag VALUES ('old')");
}
Result<void> fail_after_a_change(Database& database) {
  TRY(database.execute("DELETE FROM note"));
  return Error{Errc::Corrupt, "a row that can't be understood"};
}

DatabaseOptions options(const MemoryVfs& vfs, std::span<const Migration> migrations) {
  return {.vfs = vfs.name(),
          .kind = "notebook",
          .application_id = 7,
          .schema = migrations.empty() ? kFirstSchema : kNewestSchema,
          .migrations = migrations};
}
constexpr Migration kSteps[] = {add_sizes, add_tags};

void make_first_version(const MemoryVfs& vfs) {
  const auto database = Database::open("notes", options(vfs, {}));
  ASSERT_TRUE(database) << database.error().what;
  ASSERT_TRUE((*database)->execute("INSERT INTO note VALUES (1,x'616263'), (2,x'64')"));
}
}  // namespace

TEST(Database, AnOlderFileIsBroughtForwardStepByStep) {
  MemoryVfs vfs("older");
  make_first_version(vfs);
  for (const bool again : {false, true}) {  // The second opening finds nothing to do.
    SCOPED_TRACE(again);
    const auto database = Database::open("notes", options(vfs, kSteps));
    ASSERT_TRUE(database) << database.error().what;
    EXPECT_EQ((*database)->number("PRAGMA user_version").value(), 3U);
    EXPECT_EQ((*database)->number("SELECT sum(size) FROM note").value(), 4U);
    EXPECT_EQ((*database)->number("SELECT count(*) FROM tag").value(), 1U);
  }
}

TEST(Database, ANewFileIsOfTheNewestVersionAtOnce) {
  MemoryVfs vfs("new");
  const auto database = Database::open("notes", options(vfs, kSteps));
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_EQ((*database)->number("PRAGMA user_version").value(), 3U);
  EXPECT_EQ((*database)->number("SELECT count(*) FROM tag").value(), 0U) << "no step was taken";
}

TEST(Database, NewerForeignAndUnmarkedFilesAreRefusedAndLeftAsTheyAre) {
  struct Case {
    const char* name;
    const char* marks;
    const char* what;
  };
  for (const Case& c :
       {Case{"newer", "PRAGMA user_version=4", "of a newer version (4)"},
        Case{"foreign", "PRAGMA application_id=8", "another kind"},
        Case{"without a version", "PRAGMA user_version=0", "of an unknown version"}}) {
    SCOPED_TRACE(c.name);
    MemoryVfs vfs("refused");
    make_first_version(vfs);
    {
      const auto database = Database::open("notes", options(vfs, {}));
      ASSERT_TRUE(database && (*database)->execute(c.marks));
    }
    const Bytes before = vfs.read_file("notes").value();
    const auto refused = Database::open("notes", options(vfs, kSteps));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Corrupt);
    EXPECT_NE(refused.error().what.find(c.what), std::string::npos) << refused.error().what;
    EXPECT_EQ(vfs.read_file("notes").value(), before);
  }
}

TEST(Database, AStepThatFailsChangesNothing) {
  MemoryVfs vfs("failing");
  make_first_version(vfs);
  constexpr Migration kFailing[] = {add_sizes, fail_after_a_change};
  const auto refused = Database::open("notes", options(vfs, kFailing));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::Corrupt);
  EXPECT_NE(refused.error().what.find("version 2 to 3"), std::string::npos) << refused.error().what;
  const auto database = Database::open("notes", options(vfs, kSteps));  // The corrected program.
  ASSERT_TRUE(database) << database.error().what;
  EXPECT_EQ((*database)->number("SELECT sum(size) FROM note").value(), 4U);
}

// After whatever interrupted the upgrade the file is of one version, whole, and no row is lost.
static void expect_one_whole_version(const MemoryVfs& vfs) {
  static constexpr Migration kNone[] = {fail_after_a_change, fail_after_a_change};
  int versions = 0;
  for (const std::size_t steps : {0U, 1U, 2U}) {
    const auto database = Database::open("notes", options(vfs, std::span(kNone).first(steps)));
    if (!database) continue;
    ++versions;
    EXPECT_EQ((*database)->number("SELECT count(*) FROM note").value(), 2U);
  }
  EXPECT_EQ(versions, 1);
}

TEST(Database, ACrashAtAnyOperationOfAnUpgradeLeavesOneVersionOrTheOther) {
  std::uint64_t crashes = 0;
  for (std::uint64_t operations = 0;; ++operations) {
    SCOPED_TRACE(operations);
    MemoryVfs vfs("crash");
    make_first_version(vfs);
    vfs.crash_after(operations);
    {
      const auto interrupted = Database::open("notes", options(vfs, kSteps));
    }
    if (!vfs.crashed()) break;
    ++crashes;
    vfs.heal();
    expect_one_whole_version(vfs);
    const auto database = Database::open("notes", options(vfs, kSteps));
    ASSERT_TRUE(database) << database.error().what;
    ASSERT_EQ((*database)->number("SELECT sum(size) FROM note").value(), 4U);
    ASSERT_EQ((*database)->number("SELECT count(*) FROM tag").value(), 1U);
  }
  EXPECT_GT(crashes, 4U);
}

TEST(Database, AFullDiskAtAnyOperationOfAnUpgradeIsSaidAndLosesNothing) {
  for (std::uint64_t operations = 0;; ++operations) {
    SCOPED_TRACE(operations);
    MemoryVfs vfs("full");
    make_first_version(vfs);
    vfs.fail_after(operations, MemoryVfs::Failure::DiskFull, /*lasting=*/true);
    const auto upgraded = Database::open("notes", options(vfs, kSteps));
    vfs.heal();
    if (upgraded) {
      EXPECT_GT(operations, 4U);
      break;
    }
    EXPECT_EQ(upgraded.error().code, Errc::Io) << upgraded.error().what;
    const auto database = Database::open("notes", options(vfs, kSteps));
    ASSERT_TRUE(database) << database.error().what;
    ASSERT_EQ((*database)->number("SELECT sum(size) FROM note").value(), 4U);
  }
}
}  // namespace cunji::store
