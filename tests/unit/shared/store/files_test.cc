// Stores on real files: who may open them beside whom, and what people read when it fails.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "shared/crypto/seeded_entropy.h"
#include "shared/store/node_store.h"
#include "shared/store/side_store.h"
#include "shared/store/sqlite_event_log.h"
#include "tests/support/author.h"
#include "tests/support/temp_dir.h"

namespace cunji::store {
namespace fs = std::filesystem;
using testing_support::Author;
using testing_support::entry_of;

static Result<std::unique_ptr<NodeStore>> open_node(const std::string& path) {
  static crypto::SeededEntropy entropy(1, "files");
  static const crypto::SealKey key = crypto::SealKey::generate(entropy);
  return NodeStore::open(path, key, entropy);
}

class FilesTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name = "county.db") const { return folder_.file(name); }
  testing_support::TempDir folder_;
  Author author_{1};
};

TEST_F(FilesTest, ASecondWriterOfTheCountyLogIsRefusedWhileReadersReadOn) {
  auto writer = open_sqlite_event_log(path()).value();
  const auto reader = open_sqlite_event_log(path(), {.vfs = {}, .read_only = true}).value();
  EXPECT_EQ(reader->head().value().size, 0u);
  for (std::uint64_t size = 0; size < 3; ++size) {
    const std::vector<log::NewEntry> one = {entry_of(author_.next())};
    ASSERT_TRUE(writer->append(size, one));
    EXPECT_EQ(reader->head().value(), writer->head().value()) << "a reader sees what is committed";
    EXPECT_TRUE(reader->at(size).value());
    const auto second = open_sqlite_event_log(path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Conflict);
    EXPECT_NE(second.error().what.find("in use by another process"), std::string::npos);
  }
  const std::vector<log::NewEntry> more = {entry_of(author_.next())};
  EXPECT_EQ(reader->append(3, more).error().code, Errc::Io) << "a reader does not write";
  writer.reset();
  EXPECT_EQ(reader->head().value().size, 3u);
  writer = open_sqlite_event_log(path()).value();
  EXPECT_TRUE(writer->append(3, more));
  EXPECT_EQ(reader->head().value().size, 4u);
}

// What is logged between two looks of whoever opens it is no damage.
TEST_F(FilesTest, TheCountyLogIsOpenedForReadingWhileItGrows) {
  const auto writer = open_sqlite_event_log(path()).value();
  const auto append = [&](std::uint64_t size) {
    const std::vector<log::NewEntry> one = {entry_of(author_.next())};
    ASSERT_TRUE(writer->append(size, one));
  };
  append(0);
  std::atomic<bool> enough{false};
  std::thread growing([&] {
    for (std::uint64_t size = 1; !enough; ++size) append(size);
  });
  for (int i = 0; i < 1'000; ++i) {
    const auto reader = open_sqlite_event_log(path(), {.vfs = {}, .read_only = true});
    EXPECT_TRUE(reader) << reader.error().what;
  }
  enough = true;
  growing.join();
}

// Another process that opens a store with `open`, and says so by a byte; killed when this goes.
class OtherProcess {
 public:
  template <class Open>
  explicit OtherProcess(Open open) {
    int ends[2];
    CHECK(::pipe(ends) == 0);
    pid_ = ::fork();
    CHECK(pid_ >= 0);
    if (pid_ == 0) {
      const auto store = open();
      const char done = store ? 'y' : 'n';
      if (::write(ends[1], &done, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    CHECK(::read(ends[0], &answer_, 1) == 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~OtherProcess() { kill(); }
  bool opened() const { return answer_ == 'y'; }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  char answer_ = 0;
};

TEST_F(FilesTest, AWriterInAnotherProcessIsSeenAndItsDeathToo) {
  OtherProcess other([&] { return open_sqlite_event_log(path()); });
  ASSERT_TRUE(other.opened());
  EXPECT_EQ(open_sqlite_event_log(path()).error().code, Errc::Conflict);
  EXPECT_TRUE(open_sqlite_event_log(path(), {.vfs = {}, .read_only = true}));
  other.kill();
  EXPECT_TRUE(open_sqlite_event_log(path()));
}

TEST_F(FilesTest, ANodeInAnotherProcessIsSeenAndItsDeathToo) {
  OtherProcess other([&] { return open_node(path()); });
  ASSERT_TRUE(other.opened());
  const auto second = open_node(path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::Conflict);
  EXPECT_NE(second.error().what.find("in use by another process"), std::string::npos);
  other.kill();
  EXPECT_TRUE(open_node(path()));
}

TEST_F(FilesTest, TheSideStoreIsSharedByServerAndCommandLine) {
  const auto server = SideStore::open(path()).value(), command = SideStore::open(path()).value();
  const std::vector<event::Event> one = {author_.next()};
  ASSERT_TRUE(command->enqueue(one));
  const auto queued = server->queued(10).value();
  ASSERT_EQ(queued.size(), 1u);
  ASSERT_TRUE(server->dequeue(queued[0].first));
  EXPECT_TRUE(command->queued(10).value().empty());
}

TEST_F(FilesTest, SayPlainlyWhyTheyCannotBeOpened) {
  const std::string missing = folder_.file("no-such-folder/county.db");
  fs::create_directory(path("folder.db"));
  std::ofstream(path("file"));
  const std::string below_a_file = path("file") + "/county.db";
  for (const std::string& where : {missing, path("folder.db"), below_a_file}) {
    SCOPED_TRACE(where);
    const auto log = open_sqlite_event_log(where);
    const auto node = open_node(where);
    const auto side = SideStore::open(where);
    ASSERT_FALSE(log || node || side);
    for (const Error& error : {log.error(), node.error(), side.error()}) {
      EXPECT_EQ(error.code, Errc::Io) << error.what;
      EXPECT_NE(error.what.find(where), std::string::npos) << error.what;
      EXPECT_NE(error.what.find("unable to open"), std::string::npos) << error.what;
    }
  }
}

// Root may write everywhere, so it becomes nobody for as long as this lives.
class AsAnybody {
 public:
  AsAnybody() { CHECK(!root_ || ::seteuid(65'534) == 0); }
  ~AsAnybody() { CHECK(!root_ || ::seteuid(0) == 0); }

 private:
  const bool root_ = ::geteuid() == 0;
};

TEST_F(FilesTest, AFileOrFolderThatMayNotBeWrittenIsAnError) {
  fs::permissions(folder_.path(), static_cast<fs::perms>(0755));
  {
    ASSERT_TRUE(open_node(path("node.db")));
  }
  {
    ASSERT_TRUE(open_sqlite_event_log(path()));
  }
  const std::string closed = folder_.file("closed");
  fs::create_directory(closed);
  for (const std::string& read_only : {path("node.db"), path(), path("county.db.lock")})
    fs::permissions(read_only, static_cast<fs::perms>(0444));
  fs::permissions(closed, static_cast<fs::perms>(0555));
  {
    const AsAnybody nobody;
    for (const Error& error :
         {open_node(path("node.db")).error(), open_sqlite_event_log(path()).error(),
          open_node(closed + "/node.db").error(), SideStore::open(closed + "/s.db").error(),
          open_sqlite_event_log(closed + "/county.db").error()})
      EXPECT_EQ(error.code, Errc::Io) << error.what;
  }
  fs::permissions(closed, fs::perms::owner_all);
}

TEST_F(FilesTest, AReaderOfAMissingLogMakesNone) {
  EXPECT_EQ(open_sqlite_event_log(path(), {.vfs = {}, .read_only = true}).error().code, Errc::Io);
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(FilesTest, OneKindOfDatabaseIsNotTakenForAnother) {
  {
    ASSERT_TRUE(open_node(path("node.db")));
  }
  {
    ASSERT_TRUE(SideStore::open(path("side.db")));
  }
  {
    ASSERT_TRUE(open_sqlite_event_log(path("county.db")));
  }
  EXPECT_EQ(open_node(path("side.db")).error().code, Errc::Corrupt);
  EXPECT_EQ(SideStore::open(path("county.db")).error().code, Errc::Corrupt);
  EXPECT_EQ(open_sqlite_event_log(path("node.db")).error().code, Errc::Corrupt);
}
}  // namespace cunji::store
