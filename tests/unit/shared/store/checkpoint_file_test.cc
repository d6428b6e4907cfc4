// The checkpoint file: compare and swap, durable, never half written.
#include "shared/store/checkpoint_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "shared/log/checkpoint.h"
#include "tests/support/temp_dir.h"

namespace cunji::store {
namespace fs = std::filesystem;

class CheckpointFileTest : public ::testing::Test {
 protected:
  testing_support::TempDir folder_;
  const std::string path_ = folder_.file("checkpoint");
  CheckpointFile file_{path_};
};

TEST_F(CheckpointFileTest, PublishesOneAfterAnother) {
  EXPECT_FALSE(file_.read().value());
  ASSERT_TRUE(file_.publish(std::nullopt, "first"));
  EXPECT_EQ(file_.read().value(), "first");
  ASSERT_TRUE(file_.publish("first", "second, which is longer"));
  ASSERT_TRUE(file_.publish("second, which is longer", "third"));
  EXPECT_EQ(CheckpointFile(path_).read().value(), "third");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1)
      << "no temporary file is left";
}

TEST_F(CheckpointFileTest, RefusesWhenSomebodyElsePublished) {
  EXPECT_EQ(file_.publish("first", "second").error().code, Errc::Conflict) << "there is none yet";
  ASSERT_TRUE(file_.publish(std::nullopt, "first"));
  ASSERT_TRUE(CheckpointFile(path_).publish("first", "theirs"));
  for (const std::optional<std::string>& expected :
       {std::optional<std::string>("first"), std::optional<std::string>(),
        std::optional<std::string>("")}) {
    EXPECT_EQ(file_.publish(expected, "ours").error().code, Errc::Conflict);
    EXPECT_EQ(file_.read().value(), "theirs");
  }
}

TEST_F(CheckpointFileTest, ACrashBeforeTheRenameLeavesTheOldOne) {
  ASSERT_TRUE(file_.publish(std::nullopt, "first"));
  std::ofstream(path_ + ".new") << "seco";  // What a crash within the write leaves.
  EXPECT_EQ(file_.read().value(), "first");
  ASSERT_TRUE(file_.publish("first", "second"));
  EXPECT_EQ(file_.read().value(), "second");
}

TEST_F(CheckpointFileTest, SaysWhyItCannot) {
  const CheckpointFile missing(folder_.file("no-such-folder/checkpoint"));
  EXPECT_FALSE(missing.read().value());
  CheckpointFile unwritable(folder_.file("no-such-folder/checkpoint"));
  const auto failed = unwritable.publish(std::nullopt, "first");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::Io);
  EXPECT_NE(failed.error().what.find("No such file"), std::string::npos) << failed.error().what;

  ASSERT_TRUE(file_.publish(std::nullopt, "first"));
  fs::create_directory(path_ + ".new");  // So that writing the new one fails.
  EXPECT_EQ(file_.publish("first", "second").error().code, Errc::Io);
  EXPECT_EQ(file_.read().value(), "first");
  EXPECT_EQ(CheckpointFile(folder_.path()).read().error().code, Errc::Io) << "a folder is no file";
}

TEST_F(CheckpointFileTest, RefusesAFileLargerThanANote) {
  std::ofstream(path_) << std::string(log::kNoteBytesMax, 'x');
  EXPECT_EQ(file_.read().value()->size(), log::kNoteBytesMax);
  std::ofstream(path_, std::ios::app) << "x";
  EXPECT_EQ(file_.read().error().code, Errc::Limit);
}
}  // namespace cunji::store
