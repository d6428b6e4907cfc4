// The vault's files: what is made, what opens them, and how wrong attempts are counted.
#include "fieldnode/cli/vault_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "shared/crypto/seeded_entropy.h"
#include "tests/support/temp_dir.h"

namespace cunji::fieldnode::cli {
using crypto::VaultLock;

class VaultFilesTest : public ::testing::Test {
 protected:
  VaultFilesTest() {
    std::filesystem::create_directory(files_.folder);
    data_ = create_vault(files_, VaultLock::Pin, "480215", entropy_).value().raw();
  }
  Errc unlock_error(std::string_view pin) {
    const auto out = unlock(files_, pin, now_);
    return out ? Errc::Unknown : out.error().code;
  }

  testing_support::TempDir top_;
  VaultFiles files_{.folder = top_.file("node"),
                    .device_secret = top_.file("config/cunji/device-secret"),
                    .use = crypto::VaultUse::Test};
  crypto::SeededEntropy entropy_{1, "vault files"};
  crypto::SealKey::Raw data_;
  TimePoint now_ = from_millis(1'700'000'000'000);
};

TEST_F(VaultFilesTest, OpenWithThePinAndAreTheirOwnersOnly) {
  EXPECT_EQ(unlock(files_, "480215", now_)->raw(), data_);
  EXPECT_EQ(vault_head(files_)->value().lock, VaultLock::Pin);
  for (const std::string& path : {files_.vault_path(), files_.device_secret}) {
    struct stat info = {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << path;
  }
  EXPECT_FALSE(std::filesystem::exists(files_.attempts_path()));
}

TEST_F(VaultFilesTest, NeverMadeTwiceAndSeveralShareTheDeviceSecret) {
  EXPECT_EQ(create_vault(files_, VaultLock::Pin, "773401", entropy_).error().code, Errc::Conflict);
  VaultFiles other = files_;
  other.folder = top_.file("other");
  std::filesystem::create_directory(other.folder);
  const auto data = create_vault(other, VaultLock::Pin, "773401", entropy_);
  ASSERT_TRUE(data);
  EXPECT_NE(data->raw(), data_);
  EXPECT_EQ(unlock(files_, "480215", now_)->raw(), data_);
  EXPECT_EQ(unlock(other, "480215", now_).error().code, Errc::Forged);
}

TEST_F(VaultFilesTest, WrongAttemptsWaitLongerAndLongerAndNeverForGood) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(unlock_error("111222"), Errc::Forged);
  EXPECT_EQ(*waiting_time(files_, now_), Duration{0});
  EXPECT_EQ(unlock_error("111222"), Errc::Forged);
  EXPECT_EQ(*waiting_time(files_, now_), Duration{1'000});
  EXPECT_EQ(unlock_error("480215"), Errc::Timeout) << "nothing is tried while one has to wait";
  now_ += Duration{999};
  EXPECT_EQ(unlock_error("480215"), Errc::Timeout);
  now_ += Duration{1};
  EXPECT_EQ(unlock_error("111222"), Errc::Forged);
  EXPECT_EQ(*waiting_time(files_, now_), Duration{2'000});
  now_ -= std::chrono::hours{24};
  EXPECT_EQ(*waiting_time(files_, now_), Duration{2'000}) << "a clock set back waits no longer";
  now_ += std::chrono::hours{48};
  EXPECT_EQ(unlock(files_, "480215", now_)->raw(), data_);
  EXPECT_FALSE(std::filesystem::exists(files_.attempts_path())) << "a right one clears the count";
}

TEST_F(VaultFilesTest, ANewPinRewritesTheVaultOnly) {
  std::ofstream(files_.folder + "/other") << "x";
  const auto before = std::filesystem::last_write_time(files_.folder + "/other");
  ASSERT_TRUE(
      rewrap(files_, crypto::SealKey(data_), VaultLock::Passphrase, "twelve letters", entropy_));
  EXPECT_EQ(unlock_error("480215"), Errc::Forged);
  EXPECT_EQ(unlock(files_, "twelve letters", now_)->raw(), data_);
  EXPECT_EQ(vault_head(files_)->value().lock, VaultLock::Passphrase);
  EXPECT_EQ(std::filesystem::last_write_time(files_.folder + "/other"), before);
}

TEST_F(VaultFilesTest, SayWhatIsMissingOrDamaged) {
  const auto write = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  };
  std::ifstream in(files_.vault_path(), std::ios::binary);
  const std::string vault((std::istreambuf_iterator<char>(in)), {});
  write(files_.vault_path(), vault.substr(1));
  EXPECT_EQ(unlock_error("480215"), Errc::Corrupt);
  write(files_.vault_path(), vault);
  VaultFiles real = files_;
  real.use = crypto::VaultUse::Real;
  EXPECT_EQ(unlock(real, "480215", now_).error().code, Errc::Corrupt) << "a test's vault";
  write(files_.device_secret, std::string(32, 'x'));
  EXPECT_EQ(unlock_error("480215"), Errc::Conflict);
  write(files_.device_secret, "short");
  EXPECT_EQ(unlock_error("480215"), Errc::Corrupt);
  std::filesystem::remove(files_.device_secret);
  EXPECT_EQ(unlock_error("480215"), Errc::Corrupt);
  std::filesystem::remove(files_.vault_path());
  EXPECT_FALSE(vault_head(files_)->has_value());
  EXPECT_EQ(unlock_error("480215"), Errc::Corrupt);
  EXPECT_FALSE(std::filesystem::exists(files_.attempts_path())) << "none of these was a guess";
}
}  // namespace cunji::fieldnode::cli
