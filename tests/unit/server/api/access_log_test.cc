// The chain of who read what: grown, torn by a crash, changed by hand.
#include "server/api/access_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace cunji::server {
class AccessLogTest : public ::testing::Test {
 protected:
  AccessRecord record() const {
    AccessRecord out;
    out.role = "county_desk";
    out.path = "/api/v1/households";
    out.valid_at = parse_date("2022-02-10").value();
    out.households.resize(3);
    return out;
  }
  void grow(int lines) {
    auto log = AccessLog::open(path).value();
    for (int i = 0; i < lines; ++i) ASSERT_TRUE(log->append(record()));
  }
  std::string text() const {
    std::ifstream in(path, std::ios::binary);
    return (std::ostringstream() << in.rdbuf()).str();
  }
  void put(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }
  std::string line(int number) const {  // From 1, with its end.
    std::istringstream in(text());
    std::string out;
    for (int i = 0; i < number; ++i) std::getline(in, out);
    return out + "\n";
  }
  AccessLogReport verify(const std::optional<Digest>& noted = {}) const {
    return verify_access_log(path, noted).value();
  }

  testing_support::TempDir dir;
  const std::string path = dir.file("access.log");
};

TEST_F(AccessLogTest, GoesOnWhereItEndedAndOnlyItsOwnerReadsIt) {
  grow(2);
  const Digest noted = verify().last;
  grow(3);
  const auto report = verify(noted);
  EXPECT_TRUE(report.in_order());
  EXPECT_EQ(report.lines, 5U);
  EXPECT_TRUE(report.noted_found);
  EXPECT_FALSE(verify(Digest{}).noted_found);
  EXPECT_EQ(AccessLog::open(path).value()->lines(), 5U);
  const auto permissions = std::filesystem::status(path).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AccessLogTest, ALineThatACrashToreWasNeverAnsweredAndGoes) {
  grow(2);
  const std::string whole = text();
  put(whole + "{\"n\":3,\"at\":\"2022-02");
  EXPECT_EQ(verify().finding_line, 3U);
  grow(1);
  EXPECT_TRUE(verify().in_order());
  EXPECT_EQ(verify().lines, 3U);
  EXPECT_TRUE(text().starts_with(whole));
}

TEST_F(AccessLogTest, AChangedRemovedOrMovedLineIsFound) {
  grow(4);
  const std::string whole = text(), second = line(2), third = line(3);
  std::string changed = whole;
  changed.replace(changed.find("county_desk", whole.find(second)), 6, "County");
  put(changed);
  EXPECT_EQ(verify().finding_line, 3U) << "the line after the changed one no longer follows";
  put(std::string(whole).erase(whole.find(second), second.size()));
  EXPECT_EQ(verify().finding_line, 2U);
  std::string swapped = whole;
  swapped.replace(whole.find(second), second.size() + third.size(), third + second);
  put(swapped);
  EXPECT_EQ(verify().finding_line, 2U);
}

TEST_F(AccessLogTest, AnEndThatWasCutShowsByTheNotedDigest) {
  grow(3);
  const Digest noted = verify().last;
  put(line(1) + line(2));
  EXPECT_TRUE(verify().in_order()) << "nothing in the file shows it";
  EXPECT_FALSE(verify(noted).noted_found);
}

TEST_F(AccessLogTest, RefusesToGoOnAfterATailThatDoesNotHold) {
  grow(3);
  std::string changed = text();
  changed.replace(changed.rfind("county_desk", changed.rfind("\"n\":3")), 6, "County");
  put(changed);  // The second line, to which the last one points.
  const auto opened = AccessLog::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::Corrupt);
  put("no line\n");
  EXPECT_FALSE(AccessLog::open(path));
}

TEST_F(AccessLogTest, ALineBeyondItsBoundIsRefusedAndNothingIsKept) {
  auto log = AccessLog::open(path).value();
  ASSERT_TRUE(log->append(record()));
  AccessRecord large = record();
  large.query = std::string(100'000, 'x');
  EXPECT_FALSE(log->append(large));
  ASSERT_TRUE(log->append(record()));
  EXPECT_EQ(verify().lines, 2U);
  EXPECT_TRUE(verify().in_order());
}
}  // namespace cunji::server
