// A handful of fixed seeds: network, disk, power, clocks, backups. Every check holds in each.
#include <gtest/gtest.h>

#include "tools/simulate/simulation.h"

namespace cunji::simulate {
class Seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, EveryCheckHolds) {
  const Outcome outcome = run({.seed = GetParam(), .steps = 2'000, .trace = {}, .progress = {}});
  for (const Finding& finding : outcome.findings)
    ADD_FAILURE() << finding.check << ": " << finding.what << "\nreplay: cunji-simulate --seed "
                  << GetParam() << " --steps " << outcome.steps << " --verbose";
  EXPECT_GT(outcome.counts.recorded, 0u) << "a run in which nothing happens shows nothing";
  EXPECT_GT(outcome.evidence.acknowledged.size(), 0u);
}
INSTANTIATE_TEST_SUITE_P(Fixed, Seeds, testing::Values(1, 5, 9, 12, 14, 24, 34, 38, 41, 54));

TEST(Simulation, EqualSeedsGiveEqualRuns) {
  const Options options{.seed = 6, .steps = 500, .trace = {}, .progress = {}};
  const Outcome one = run(options), other = run(options);
  EXPECT_EQ(one.evidence.note, other.evidence.note);
  EXPECT_EQ(one.evidence.server_fold, other.evidence.server_fold);
  EXPECT_EQ(one.counts.messages, other.counts.messages);
  EXPECT_FALSE(one.evidence.note.empty());
}
}  // namespace cunji::simulate
