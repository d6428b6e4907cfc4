// Runs every *.scenario file beside this and compares what comes out with what it expects. To take
// what is now as expected (then read the diff): scenario_test --rewrite.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "tests/scenarios/scenario.h"

namespace cunji::scenarios {
namespace {
const std::filesystem::path kFolder = CUNJI_SOURCE_DIR "/tests/scenarios";
bool rewrite = std::getenv("CUNJI_REWRITE") != nullptr;

std::vector<std::string> all_files() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".scenario") out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

// Where two lists of lines part, for people.
std::string difference(const std::vector<std::string>& now, const std::vector<std::string>& then) {
  const auto at = std::mismatch(now.begin(), now.end(), then.begin(), then.end());
  const auto line = [](auto it, auto end) { return it == end ? std::string("(the end)") : *it; };
  return "line " + std::to_string(at.second - then.begin() + 1) + "\n  expected " +
         line(at.second, then.end()) + "\n  but it is " + line(at.first, now.end());
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, ComesOutAsExpected) {
  const std::filesystem::path path = kFolder / (GetParam() + ".scenario");
  SCOPED_TRACE("again: build/release/tests/scenarios/scenario_test --gtest_filter='*/" +
               GetParam() + "'");
  std::vector<std::string> lines, now;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  try {
    now = run(lines);
  } catch (const std::exception& e) {
    FAIL() << path << ": " << e.what();
  }
  if (rewrite) {
    std::ofstream out(path);
    for (const std::string& line : now) out << line << "\n";
  } else if (now != lines) {
    ADD_FAILURE() << path << ": " << difference(now, lines);
  }
}
INSTANTIATE_TEST_SUITE_P(All, ScenarioFile, testing::ValuesIn(all_files()),
                         [](const auto& tested) { return tested.param; });
}  // namespace
}  // namespace cunji::scenarios

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rewrite") == 0) cunji::scenarios::rewrite = true;
  }
  return RUN_ALL_TESTS();
}
