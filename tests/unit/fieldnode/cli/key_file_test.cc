#include "fieldnode/cli/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "shared/crypto/seeded_entropy.h"
#include "tests/support/temp_dir.h"

namespace cunji::fieldnode::cli {
class KeyFileTest : public ::testing::Test {
 protected:
  KeyFile open(const std::string& name = "key") { return {folder_.file(name), data_, entropy_}; }
  std::string content() const {
    std::string out;
    std::getline(std::ifstream(folder_.file("key")), out, '\0');
    return out;
  }
  testing_support::TempDir folder_;
  crypto::SeededEntropy entropy_{1, "keys"};
  crypto::SealKey data_ = crypto::SealKey::generate(entropy_);
};

TEST_F(KeyFileTest, KeepsKeysInOrderForTheirOwnerOnly) {
  const auto first = crypto::KeyPair::generate(entropy_);
  const auto second = crypto::KeyPair::generate(entropy_);
  EXPECT_TRUE(open().keys().value().empty());
  ASSERT_TRUE(open().keep(first));
  ASSERT_TRUE(open().keep(second));
  const auto keys = open().keys();
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ(keys->at(0).public_key(), first.public_key());
  EXPECT_EQ(keys->at(1).public_key(), second.public_key());
  struct stat info = {};
  ASSERT_EQ(::stat(folder_.file("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(KeyFileTest, NeverWritesOverWhatItCannotRead) {
  ASSERT_TRUE(open().keep(crypto::KeyPair::generate(entropy_)));
  Bytes damaged(content());
  damaged[30] = static_cast<char>(damaged[30] ^ 1);
  for (const Bytes& bytes : {Bytes("hello\n"), Bytes("cunji-node-key/v1\n00\n"), damaged}) {
    SCOPED_TRACE(bytes.substr(0, 20));
    std::ofstream(folder_.file("key"), std::ios::binary) << bytes;
    EXPECT_FALSE(open().keys());
    EXPECT_FALSE(open().keep(crypto::KeyPair::generate(entropy_)));
    EXPECT_EQ(content(), bytes.substr(0, bytes.find('\0')));
  }
}

TEST_F(KeyFileTest, SaysWhyItCannotWrite) {
  const auto out = open("none/key").keep(crypto::KeyPair::generate(entropy_));
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Io);
}
}  // namespace cunji::fieldnode::cli
