// What an operator's log line says, and what can't get into it.
#include "server/app/operator_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "server/app/limits.h"
#include "shared/base/ids.h"
#include "tests/support/temp_dir.h"

namespace cunji::server {
namespace {
using testing_support::TempDir;
using Level = OperatorLog::Level;
using Format = OperatorLog::Format;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(OperatorLog, WritesOneJsonObjectALine) {
  TempDir dir;
  const std::string path = dir.file("log");
  const OperatorLog log =
      OperatorLog::open({.least = Level::Info, .format = Format::Auto, .file = path}).value();
  PublicKey key;
  key.bytes.fill(0xab);
  log.warn("trouble", "故障 / trouble",
           {{"count", std::uint64_t{3}},
            {"made_up", true},
            {"key", key},
            {"why", Error{Errc::Io, "line one\nline \"two\" \x1b[2J \xff"}},
            {"where", Plain{"/a/b"}}});
  log.debug("detail", "细节 / detail");
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 1u) << "below the level nothing is written, and a line is a line";
  const auto said = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(said["level"], "warn");
  EXPECT_EQ(said["event"], "trouble");
  EXPECT_EQ(said["text"], "故障 / trouble");
  EXPECT_EQ(said["count"], 3);
  EXPECT_EQ(said["made_up"], true);
  EXPECT_EQ(said["key"], to_hex(key.view()));
  EXPECT_EQ(said["where"], "/a/b");
  EXPECT_EQ(said["time"].get<std::string>().size(), std::string("2026-11-28T19:22:13.123Z").size());
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0007, 0u) << "others don't read it";
}

TEST(OperatorLog, TextStaysOnItsLine) {
  TempDir dir;
  const std::string path = dir.file("log");
  const OperatorLog log =
      OperatorLog::open({.least = Level::Debug, .format = Format::Text, .file = path}).value();
  log.debug("detail", "细节 / detail", {{"why", Error{Errc::Io, "a\nb\x1b[2J"}}, {"n", -5}});
  const auto lines = lines_of(path);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("细节 / detail  why=a b [2J  n=-5"), std::string::npos) << lines[0];
}

TEST(OperatorLog, LeavesOutWhatAFloodWouldWrite) {
  TempDir dir;
  const std::string path = dir.file("log");
  const OperatorLog log =
      OperatorLog::open({.least = Level::Info, .format = Format::Json, .file = path}).value();
  constexpr std::size_t kLines = 20 * kLogLinesMax;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&log, each = kLines / 4] {
      for (std::size_t i = 0; i < each; ++i) log.warn("stranger", "来客 / stranger");
    });
  for (std::thread& thread : threads) thread.join();
  log.error("own", "自身故障 / an error of our own", {{"why", Plain{std::string(5'000, 'x')}}});
  const auto lines = lines_of(path);
  // Written within a second or, on a slow machine, some.
  EXPECT_GE(lines.size(), kLogLinesMax);
  EXPECT_LT(lines.size(), kLines / 2);
  for (const std::string& line : lines) EXPECT_TRUE(nlohmann::json::accept(line));
  EXPECT_NE(lines.back().find("\"own\""), std::string::npos) << "is always told";
  EXPECT_LT(lines.back().size(), kLogTextBytesMax + 200);
}

TEST(OperatorLog, OpensItsFileAnew) {
  TempDir dir;
  const std::string path = dir.file("log");
  const OperatorLog log =
      OperatorLog::open({.least = Level::Info, .format = Format::Json, .file = path}).value();
  log.info("first", "一 / first");
  ASSERT_EQ(::rename(path.c_str(), (path + ".1").c_str()), 0);
  log.info("second", "二 / second");
  ASSERT_TRUE(log.reopen());
  log.info("third", "三 / third");
  EXPECT_EQ(lines_of(path + ".1").size(), 2u);
  EXPECT_EQ(lines_of(path).size(), 1u);
}

TEST(OperatorLog, SaysWhereItCannotWrite) {
  TempDir dir;
  const auto log = OperatorLog::open(
      {.least = Level::Info, .format = Format::Auto, .file = dir.file("none/log")});
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().what.find("/none/log"), std::string::npos);
  OperatorLog().error("nobody", "无人 / nobody listens");
}
}  // namespace
}  // namespace cunji::server
