#include "fieldnode/cli/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "shared/crypto/seeded_entropy.h"
#include "tests/support/temp_dir.h"

namespace cunji::fieldnode::cli {
TEST(KeyFile, KeepsKeysInOrderForTheirOwnerOnly) {
  const testing_support::TempDir folder;
  crypto::SeededEntropy entropy(1, "keys");
  const auto first = crypto::KeyPair::generate(entropy);
  const auto second = crypto::KeyPair::generate(entropy);
  KeyFile file(folder.file("key"));
  EXPECT_TRUE(file.keys().value().empty());
  ASSERT_TRUE(file.keep(first));
  ASSERT_TRUE(file.keep(second));
  const auto keys = KeyFile(folder.file("key")).keys();
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ(keys->at(0).public_key(), first.public_key());
  EXPECT_EQ(keys->at(1).public_key(), second.public_key());
  struct stat info = {};
  ASSERT_EQ(::stat(folder.file("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(KeyFile, NeverWritesOverWhatIsNoKeyFile) {
  const testing_support::TempDir folder;
  for (const char* content : {"hello\n", "cunji-node-key/v1\nzz\n", "cunji-node-key/v1\n00ff\n",
                              "cunji-node-key/v1\n00"}) {
    SCOPED_TRACE(content);
    std::ofstream(folder.file("key")) << content;
    KeyFile file(folder.file("key"));
    EXPECT_EQ(file.keys().error().code, Errc::Corrupt);
    crypto::SeededEntropy entropy(1, "keys");
    EXPECT_FALSE(file.keep(crypto::KeyPair::generate(entropy)));
    std::string after;
    std::getline(std::ifstream(folder.file("key")), after, '\0');
    EXPECT_EQ(after, content);
  }
}

TEST(KeyFile, SaysWhyItCannotWrite) {
  const testing_support::TempDir folder;
  crypto::SeededEntropy entropy(1, "keys");
  const auto out = KeyFile(folder.file("none/key")).keep(crypto::KeyPair::generate(entropy));
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, Errc::Io);
}
}  // namespace cunji::fieldnode::cli
