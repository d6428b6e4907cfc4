// Runs every *.scenario file beside this and compares what comes out with what it expects. To take
// what is now as expected (read the diff): CUNJI_REWRITE=1
// build/release/tests/scenarios/scenario_test
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/scenarios/scenario.h"

namespace cunji::scenarios {
namespace {
const std::filesystem::path kFolder = CUNJI_SOURCE_DIR "/tests/scenarios";

std::vector<std::string> all_files() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".scenario") out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, ComesOutAsExpected) {
  const std::filesystem::path path = kFolder / (GetParam() + ".scenario");
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const std::vector<std::string> now = Scenario(lines).run();
  if (std::getenv("CUNJI_REWRITE") != nullptr) {
    std::ofstream out(path);
    for (const std::string& line : now) out << line << "\n";
    return;
  }
  EXPECT_EQ(now, lines) << "of " << path;
}
INSTANTIATE_TEST_SUITE_P(All, ScenarioFile, testing::ValuesIn(all_files()),
                         [](const auto& tested) { return tested.param; });
}  // namespace
}  // namespace cunji::scenarios
