// The file system that can crash: what it keeps and what it loses, seen through SQLite.
#include "shared/store/memory_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "shared/crypto/seeded_entropy.h"

namespace cunji::store {
class MemoryVfsTest : public ::testing::Test {
 protected:
  // A raw file of the VFS, opened as SQLite opens its own.
  class RawFile {
   public:
    RawFile(const MemoryVfs& vfs, const char* path)
        : vfs_(sqlite3_vfs_find(vfs.name().c_str())),
          memory_(static_cast<std::size_t>(vfs_->szOsFile)),
          file_(reinterpret_cast<sqlite3_file*>(memory_.data())) {
      int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
      opened_ = vfs_->xOpen(vfs_, path, file_, flags, &flags);
    }
    ~RawFile() {
      if (file_->pMethods != nullptr) file_->pMethods->xClose(file_);
    }
    int opened() const { return opened_; }
    int write(BytesView bytes, std::size_t offset) {
      return file_->pMethods->xWrite(file_, bytes.data(), static_cast<int>(bytes.size()),
                                     static_cast<sqlite3_int64>(offset));
    }
    int truncate(std::size_t size) {
      return file_->pMethods->xTruncate(file_, static_cast<sqlite3_int64>(size));
    }
    int sync() { return file_->pMethods->xSync(file_, SQLITE_SYNC_FULL); }
    int lock(int level) { return file_->pMethods->xLock(file_, level); }
    int unlock(int level) { return file_->pMethods->xUnlock(file_, level); }

   private:
    sqlite3_vfs* vfs_;
    std::vector<char> memory_;
    sqlite3_file* file_;
    int opened_ = SQLITE_ERROR;
  };
  int remove(const char* path, bool sync_folder) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find(vfs_.name().c_str());
    return vfs->xDelete(vfs, path, sync_folder ? 1 : 0);
  }
  MemoryVfs vfs_{"memory_vfs_test"};
};

TEST_F(MemoryVfsTest, OnlyWhatWasSyncedSurvivesACrash) {
  {
    RawFile file(vfs_, "a");
    ASSERT_EQ(file.write("synced content", 0), SQLITE_OK);
    ASSERT_EQ(file.sync(), SQLITE_OK);
    ASSERT_EQ(file.write("lost", 0), SQLITE_OK);
    ASSERT_EQ(file.write("lost too", 100), SQLITE_OK);
    EXPECT_EQ(vfs_.read_file("a")->size(), 108u);
    vfs_.crash();
    EXPECT_TRUE(vfs_.crashed());
    EXPECT_EQ(file.write("x", 0) & 0xff, SQLITE_IOERR) << "a dead process writes nothing";
    EXPECT_EQ(file.sync() & 0xff, SQLITE_IOERR);
    EXPECT_EQ(RawFile(vfs_, "a").opened(), SQLITE_CANTOPEN) << "not before it is closed";
  }
  EXPECT_EQ(vfs_.read_file("a"), "synced content");
  EXPECT_EQ(RawFile(vfs_, "a").opened(), SQLITE_OK);
  EXPECT_FALSE(vfs_.crashed());
}

TEST_F(MemoryVfsTest, AFileThatWasNeverSyncedIsGone) {
  {
    RawFile file(vfs_, "a");
    ASSERT_EQ(file.write("content", 0), SQLITE_OK);
    vfs_.crash();
  }
  EXPECT_FALSE(vfs_.read_file("a"));
}

TEST_F(MemoryVfsTest, TruncationsAndDeletionsAreLostLikeWrites) {
  for (const bool synced : {false, true}) {
    SCOPED_TRACE(synced);
    vfs_.write_file("cut", "0123456789");
    {
      RawFile file(vfs_, "cut");
      ASSERT_EQ(file.truncate(3), SQLITE_OK);
      ASSERT_EQ(file.write("x", 5), SQLITE_OK);
      EXPECT_EQ(*vfs_.read_file("cut"), Bytes("012\0\0x", 6)) << "what was cut off reads as zeros";
      if (synced) {
        ASSERT_EQ(file.sync(), SQLITE_OK);
      }
      vfs_.crash();
    }
    EXPECT_EQ(*vfs_.read_file("cut"), synced ? Bytes("012\0\0x", 6) : Bytes("0123456789"));

    vfs_.write_file("gone", "still here");
    ASSERT_EQ(remove("gone", synced), SQLITE_OK);
    EXPECT_FALSE(vfs_.read_file("gone"));
    vfs_.crash();
    EXPECT_EQ(vfs_.read_file("gone"), synced ? std::nullopt : std::optional<Bytes>("still here"));
  }
}

TEST_F(MemoryVfsTest, AFileMadeAgainHasNothingOfTheOldOne) {
  vfs_.write_file("a", "0123456789");
  ASSERT_EQ(remove("a", false), SQLITE_OK);
  {
    RawFile file(vfs_, "a");
    ASSERT_EQ(file.write("x", 9), SQLITE_OK);
    ASSERT_EQ(file.sync(), SQLITE_OK);
    vfs_.crash();
  }
  EXPECT_EQ(*vfs_.read_file("a"), Bytes(9, '\0') + "x");
}

TEST_F(MemoryVfsTest, ATornCrashKeepsSomeSectorsWholly) {
  int kept = 0, lost = 0;
  std::vector<Bytes> outcomes;
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 1u}) {
    crypto::SeededEntropy entropy(seed);
    vfs_.write_file("a", Bytes(512 * 8, 'o'));
    {
      RawFile file(vfs_, "a");
      ASSERT_EQ(file.write(Bytes(512 * 8, 'n'), 0), SQLITE_OK);
      vfs_.crash(&entropy);
    }
    const Bytes content = *vfs_.read_file("a");
    outcomes.push_back(content);
    ASSERT_EQ(content.size(), 512u * 8);
    for (std::size_t sector = 0; sector < 8; ++sector) {
      const Bytes bytes = content.substr(sector * 512, 512);
      const bool is_new = bytes == Bytes(512, 'n');
      ASSERT_TRUE(is_new || bytes == Bytes(512, 'o'));
      ++(is_new ? kept : lost);
    }
  }
  EXPECT_GT(kept, 5);
  EXPECT_GT(lost, 5);
  EXPECT_EQ(outcomes.front(), outcomes.back()) << "one seed, one outcome";
}

TEST_F(MemoryVfsTest, FailsTheOrderedOperationAndNoOther) {
  RawFile file(vfs_, "a");
  vfs_.fail_after(1, MemoryVfs::Failure::IoError);
  EXPECT_EQ(file.write("one", 0), SQLITE_OK);
  EXPECT_EQ(file.write("two", 0), SQLITE_IOERR_WRITE);
  EXPECT_EQ(file.write("six", 0), SQLITE_OK);
  EXPECT_EQ(*vfs_.read_file("a"), "six");
  vfs_.fail_after(0, MemoryVfs::Failure::DiskFull, /*lasting=*/true);
  EXPECT_EQ(file.write("one", 0), SQLITE_FULL);
  EXPECT_EQ(file.write("one", 0), SQLITE_FULL);
  EXPECT_EQ(file.sync(), SQLITE_IOERR_FSYNC);
  vfs_.heal();
  EXPECT_EQ(file.write("ten", 0), SQLITE_OK);
  const std::uint64_t before = vfs_.operations();
  EXPECT_EQ(file.sync(), SQLITE_OK);
  EXPECT_EQ(vfs_.operations(), before + 1);
}

TEST_F(MemoryVfsTest, CrashesInPlaceOfTheOrderedOperation) {
  RawFile file(vfs_, "a");
  ASSERT_EQ(file.write("kept", 0), SQLITE_OK);
  ASSERT_EQ(file.sync(), SQLITE_OK);
  vfs_.crash_after(1);
  EXPECT_EQ(file.write("lost", 0), SQLITE_OK);
  EXPECT_FALSE(vfs_.crashed());
  EXPECT_EQ(file.sync(), SQLITE_IOERR_FSYNC);
  EXPECT_TRUE(vfs_.crashed());
  EXPECT_EQ(vfs_.read_file("a"), "kept");
}

TEST_F(MemoryVfsTest, LocksAsFilesDo) {
  RawFile one(vfs_, "a"), two(vfs_, "a");
  ASSERT_EQ(one.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  ASSERT_EQ(two.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  ASSERT_EQ(one.lock(SQLITE_LOCK_RESERVED), SQLITE_OK);
  EXPECT_EQ(two.lock(SQLITE_LOCK_RESERVED), SQLITE_BUSY);
  EXPECT_EQ(one.lock(SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
  ASSERT_EQ(two.unlock(SQLITE_LOCK_NONE), SQLITE_OK);
  EXPECT_EQ(one.lock(SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
  EXPECT_EQ(two.lock(SQLITE_LOCK_SHARED), SQLITE_BUSY);
  ASSERT_EQ(one.unlock(SQLITE_LOCK_NONE), SQLITE_OK);
  EXPECT_EQ(two.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
}
}  // namespace cunji::store
