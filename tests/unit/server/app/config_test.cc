// The configuration file: every wrong one is refused at its line, and the example is a right one.
#include "server/app/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace cunji::server {
namespace {
class ConfigTest : public ::testing::Test {
 protected:
  Result<Config> read(const std::string& text) {
    std::ofstream(path_) << text;
    return read_config(path_);
  }
  testing_support::TempDir dir_;
  std::string path_ = dir_.file("server.toml");
};

TEST_F(ConfigTest, TheExampleHoldsEveryKeyWithItsDefault) {
  const std::string example = std::string(CUNJI_SOURCE_DIR) + "/server/server.toml";
  const auto shown = read_config(example);
  ASSERT_TRUE(shown) << shown.error().what;
  const Config plain;
  EXPECT_EQ(shown->data, "/var/lib/cunji");
  EXPECT_EQ(shown->listen, plain.listen);
  EXPECT_TRUE(shown->origins.empty());
  EXPECT_EQ(shown->checkpoint_millis, plain.checkpoint_millis);
  EXPECT_EQ(shown->connections_max, plain.connections_max);
  EXPECT_EQ(shown->workers, plain.workers);
  EXPECT_EQ(shown->log.least, plain.log.least);
  EXPECT_EQ(shown->log.format, plain.log.format);
  EXPECT_TRUE(shown->certificate.empty());
  // With what is commented out put in force, it is right, too.
  std::ifstream in(example);
  std::string text, line;
  while (std::getline(in, line))
    text += (line.starts_with("# ") && line.find(" = \"") != std::string::npos ? line.substr(2)
                                                                               : line) +
            "\n";
  const auto all = read(text);
  ASSERT_TRUE(all) << all.error().what;
  EXPECT_EQ(all->origins, std::vector<std::string>{"https://county.example:443"});
  EXPECT_EQ(all->certificate, "/etc/cunji/tls/fullchain.pem");
  EXPECT_EQ(all->private_key, "/etc/cunji/tls/key.pem");
  EXPECT_EQ(all->log.file, "/var/log/cunji/server.log");
}

TEST_F(ConfigTest, TakesWhatIsSaidAndKeepsTheRest) {
  const auto config = read(
      "listen = \"[::1]:9\"\ndata='county'\n[log]\nlevel = \"debug\"\nformat = \"json\"\n"
      "[limits]\nworkers = 3\n");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->listen, "[::1]:9");
  EXPECT_EQ(config->data, dir_.file("county")) << "relative to the file, wherever one stands";
  EXPECT_EQ(config->workers, 3u);
  EXPECT_EQ(config->log.least, OperatorLog::Level::Debug);
  EXPECT_EQ(config->log.format, OperatorLog::Format::Json);
  EXPECT_EQ(config->connections_max, Config().connections_max);
  EXPECT_TRUE(read(""));
  const auto origins = read("origin = [\"https://a:443\", \"https://b:443\"]\n");
  ASSERT_TRUE(origins) << origins.error().what;
  EXPECT_EQ(origins->origins, (std::vector<std::string>{"https://a:443", "https://b:443"}));
}

TEST_F(ConfigTest, RefusesWhatIsWrongAtItsPlace) {
  struct Case {
    const char* name;
    const char* text;
    const char* where;
    const char* what;
  };
  const Case cases[] = {
      {"unknown key", "data = \"x\"\nlisten_on = \"x\"\n",
       ":2:1:", "unknown key \"listen_on\"; the nearest one is \"listen\""},
      {"unknown key in a table", "[tls]\ncertificat = \"x\"\n",
       ":2:1:", "the nearest one is \"tls.certificate\""},
      {"unknown table", "[tsl]\ncertificate = \"x\"\n", ":1:2:", "unknown key \"tsl\""},
      {"key in the wrong table", "[log]\nlisten = \"x\"\n", ":2:1:", "unknown key \"log.listen\""},
      {"a table's name as a key", "log = \"x\"\n", ":1:1:", "unknown key \"log\""},
      {"a key's name as a table", "[listen]\nx = 1\n", ":1:1:", "wrong value of \"listen\""},
      {"number for a text", "data = 1\n", ":1:8:", "expected a path"},
      {"empty text", "listen = \"\"\n", ":1:10:", "expected a text"},
      {"text for a number", "checkpoint_millis = \"1000\"\n", ":1:21:", "a whole number from 10"},
      {"fraction", "checkpoint_millis = 1000.0\n", ":1:21:", "a whole number"},
      {"too small", "checkpoint_millis = 9\n", ":1:21:", "from 10 to 60000"},
      {"too large", "[limits]\nconnections = 100001\n", ":2:15:", "from 1 to 100000"},
      {"negative", "[limits]\nworkers = -1\n", ":2:11:", "from 0 to 256"},
      {"no such level", "[log]\nlevel = \"loud\"\n", ":2:9:", "\"debug\", \"info\", \"warn\""},
      {"no such format", "[log]\nformat = true\n", ":2:10:", "\"auto\", \"text\", \"json\""},
      {"list", "listen = [\"a\", \"b\"]\n", ":1:10:", "expected a text"},
      {"number in a list", "origin = [\"https://a:443\", 1]\n", ":1:10:", "or a list of such"},
      {"empty list", "origin = []\n", ":1:10:", "or a list of such"},
      {"no TOML", "listen 127.0.0.1\n", ":1:", "no TOML"},
      {"open text", "data = \"x\nlisten = \"y\"\n", ":1:", "no TOML"},
      {"said twice", "data = \"x\"\ndata = \"y\"\n", ":2:", "no TOML"},
      {"no UTF-8", "data = \"\xff\"\n", ":1:", "no TOML"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto config = read(c.text);
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Errc::Malformed);
    EXPECT_TRUE(config.error().what.starts_with(path_ + c.where)) << config.error().what;
    EXPECT_NE(config.error().what.find(c.what), std::string::npos) << config.error().what;
  }
}

TEST_F(ConfigTest, SaysWhichFileIsMissing) {
  const auto config = read_config(dir_.file("none.toml"));
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, Errc::Io);
  EXPECT_NE(config.error().what.find("none.toml"), std::string::npos);
}
}  // namespace
}  // namespace cunji::server
