// Runs the independent verifiers (protocol/verify: Python with OpenSSL's command, Node's crypto) on
// the committed vectors and on what the code of today writes. None of Cunji's code is in them.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "shared/crypto/hash.h"
#include "shared/log/export.h"
#include "tests/vectors/generators.h"

namespace cunji::vectors {
static const std::string kVerify = std::string(CUNJI_SOURCE_DIR) + "/protocol/verify/";
static const std::string kVectors = std::string(CUNJI_SOURCE_DIR) + "/protocol/vectors/";

static bool is_there(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}
// Exit code 0, with the output shown where it is not what the test expects.
static bool succeeds(const std::string& command, bool expected = true) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  const bool done = pclose(pipe) == 0;
  if (done != expected) std::printf("%s\n%s\n", command.c_str(), output.c_str());
  return done;
}

class Verifiers : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "cunji-verifiers-" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const Bytes& bytes) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static Bytes exported(const SmallCounty& county, std::uint64_t size, bool bodies) {
    Bytes out;
    const auto sink = [&](BytesView more) -> Result<void> {
      out.append(more);
      return {};
    };
    CHECK(log::write_export(county.log(), county.note(size), size, {.bodies = bodies}, sink));
    return out;
  }
  std::string folder_;
};

TEST_F(Verifiers, EventVerifierAgreesOnTheVectors) {
  if (!is_there("python3") || !is_there("openssl")) GTEST_SKIP() << "no python3 or openssl here";
  EXPECT_TRUE(succeeds("python3 -B " + kVerify + "event.py " + kVectors + "event.json"));
}

TEST_F(Verifiers, EventVerifierTakesAFreshEventAndNoAlteredOne) {
  if (!is_there("python3") || !is_there("openssl")) GTEST_SKIP() << "no python3 or openssl here";
  const SmallCounty county = SmallCounty::told();
  const event::LoggedEvent& visit = county.entries()[6];
  const Bytes event = visit.entry.event.encode(), body = event::encode_body(visit.body);
  const auto run = [&](const Bytes& event_bytes, const Bytes& body_bytes) {
    const Json json = {{"signed_event", hex(event_bytes)}, {"body", {{"bytes", hex(body_bytes)}}}};
    return "python3 -B " + kVerify + "event.py " + write("event.json", json.dump());
  };
  EXPECT_TRUE(succeeds(run(event, body)));
  EXPECT_FALSE(succeeds(run(flipped(event, 120), body), false));
  EXPECT_FALSE(succeeds(run(event, flipped(body, 30)), false));
}

TEST_F(Verifiers, LogVerifierAgreesOnTheVectors) {
  if (!is_there("node")) GTEST_SKIP() << "no node here";
  EXPECT_TRUE(succeeds("node " + kVerify + "log.mjs --vectors " + kVectors + "export.json"));
}

TEST_F(Verifiers, LogVerifierTakesAFreshExportWithAndWithoutBodies) {
  if (!is_there("node")) GTEST_SKIP() << "no node here";
  const SmallCounty county = SmallCounty::told();
  const std::string root = to_hex(crypto::sha256(key_named("root").public_key().view()).view());
  const std::string node = "node " + kVerify + "log.mjs ";
  for (const bool bodies : {true, false}) {
    for (const std::uint64_t size : {std::size_t{1}, std::size_t{20}, county.entries().size()}) {
      const std::string path = write("log.cunji-export", exported(county, size, bodies));
      EXPECT_TRUE(succeeds(node + path + " " + root)) << size << " entries";
    }
  }
  const SmallCounty erased = SmallCounty::told_with_erasure();
  const std::uint64_t size = erased.entries().size();
  EXPECT_TRUE(succeeds(node + write("erased", exported(erased, size, true)) + " " + root));
  EXPECT_FALSE(succeeds(node + write("unexplained", exported(erased, size - 2, true)), false))
      << "the erasure has no second person in it";
  const Bytes whole = exported(county, 20, true);
  EXPECT_FALSE(succeeds(node + write("altered", flipped(whole, 2'000)) + " " + root, false));
  EXPECT_FALSE(succeeds(node + write("cut", whole.substr(0, 2'000)) + " " + root, false));
  EXPECT_FALSE(succeeds(node + write("whole", whole) + " " + std::string(64, '0'), false));
}
}  // namespace cunji::vectors
