// Files of the first version, frozen as SQL text in version_1/, open in this program with all that
// they hold. The texts never change: a migration that loses something fails here.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <sstream>

#include "shared/credential/verify_log.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/store/node_store.h"
#include "shared/store/side_store.h"
#include "shared/store/sqlite_event_log.h"
#include "tests/support/temp_dir.h"

namespace cunji::store {
namespace {
std::string frozen(const std::string& name) {
  std::ifstream in(CUNJI_SOURCE_DIR "/tests/unit/shared/store/version_1/" + name);
  std::ostringstream out;
  out << in.rdbuf();
  CHECK(!out.view().empty());
  return out.str();
}

class FirstVersion : public ::testing::Test {
 protected:
  // A file made from the text, as the first version's program left it.
  std::string file_of(const std::string& name) {
    const std::string path = folder_.file(name + ".db");
    sqlite3* db = nullptr;
    CHECK(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, frozen(name).c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return path;
  }
  testing_support::TempDir folder_;
};

constexpr const char* kRoot = "c8828cb8576dea0581d183946d73fdf3da86518663eeb5b97f57776fe5b4fc54";
const DivisionCode kVillage = DivisionCode::parse("411323101200").value();
}  // namespace

TEST_F(FirstVersion, ACountyLogIsInOrderAndGoesOn) {
  const std::string path = file_of("county_log.sql");
  const auto log = open_sqlite_event_log(path);
  ASSERT_TRUE(log) << log.error().what;
  EXPECT_EQ((*log)->head()->size, 8U);
  EXPECT_EQ(to_hex((*log)->head()->root.view()), kRoot);
  EXPECT_EQ((*log)->division_head(kVillage).value()->count, 3U);
  const auto report = credential::verify_log(**log, frozen("checkpoint"));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_TRUE(report->in_order()) << report->finding->reason;
  EXPECT_EQ(report->bodies_whole, 8U);
  const auto newest = (*log)->at(7).value().value();
  const auto again = (*log)->append(
      8,
      std::vector<log::NewEntry>{
          {.event = newest.entry.event, .body = newest.body, .received = newest.entry.received}});
  EXPECT_EQ(again.error().code, Errc::Conflict) << "it knows what it holds";
}

TEST_F(FirstVersion, ASideStoreKeepsItsCodes) {
  const auto side = SideStore::open(file_of("side_store.sql"));
  ASSERT_TRUE(side) << side.error().what;
  EXPECT_EQ((*side)->counts()->codes_open, 1U);
  EXPECT_TRUE((*side)->queued(10)->empty());
}

TEST_F(FirstVersion, ANodeKeepsItsChainsEntriesAndTrust) {
  crypto::SeededEntropy entropy(1, "version 1");
  const crypto::SealKey key = crypto::SealKey::generate(entropy);
  const std::string path = file_of("node_store.sql");
  // Opened twice: the first time seals it, the second finds it sealed.
  ASSERT_TRUE(NodeStore::open(path, key, entropy));
  const auto node = NodeStore::open(path, key, entropy);
  ASSERT_TRUE(node) << node.error().what;
  const auto counts = (*node)->counts().value();
  EXPECT_EQ(counts.own, 3U);
  EXPECT_EQ(counts.unsent, 1U);
  EXPECT_EQ(counts.entries, 8U);
  EXPECT_EQ(to_hex((*node)->trusted().value()->root.view()), kRoot);
  const auto chain = (*node)->current_chain().value().value();
  EXPECT_EQ(chain.sequence, 3U);
  const auto own = (*node)->own_history(chain.key, 0, 10).value();
  ASSERT_EQ(own.size(), 3U);
  for (const OwnEvent& event : own) {
    EXPECT_TRUE(event.event.body.whole());
    EXPECT_TRUE(event::check_body(event.event.signed_event.header(), event.event.body));
  }
  EXPECT_EQ(own[1].index, 7U);
  EXPECT_EQ((*node)->own_pending()->size(), 1U);
  EXPECT_TRUE((*node)->setting("pin").value());
  std::uint64_t entries = 0;
  ASSERT_TRUE((*node)->scan_entries(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    EXPECT_TRUE(logged.body.whole());
    EXPECT_TRUE(event::check_body(logged.entry.event.header(), logged.body));
    ++entries;
    return true;
  }));
  EXPECT_EQ(entries, 8U);
  // What its clear text held of bodies and settings is in no file any more.
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream in(path + suffix, std::ios::binary);
    std::ostringstream file;
    file << in.rdbuf();
    for (const OwnEvent& event : own)
      EXPECT_EQ(file.view().find(event.event.body.salt->view()), std::string_view::npos) << suffix;
    EXPECT_EQ(file.view().find("127.0.0.1"), std::string_view::npos) << suffix;
  }
}
}  // namespace cunji::store
