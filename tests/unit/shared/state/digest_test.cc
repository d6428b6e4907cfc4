// Equal logs give equal states: replayed, continued, copied, scoped; and unequal ones do not.
#include <gtest/gtest.h>

#include "tests/unit/shared/state/random_cases.h"
#include "tests/unit/shared/state/random_log.h"

namespace cunji::state {
TEST(StateDigest, IsTheSameReplayedContinuedAndCopied) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RandomLog random(seed, 80);
    const auto& entries = random.log.entries();
    State continued;
    std::vector<event::LoggedEvent> so_far;
    for (const event::LoggedEvent& logged : entries) {
      continued.apply(logged);
      so_far.push_back(logged);
      if (so_far.size() % 17 != 0) continue;
      ASSERT_EQ(fold(so_far).digest(), continued.digest()) << "seed " << seed;
      State copy = continued;  // And go on with the copy.
      ASSERT_EQ(copy.digest(), continued.digest());
      continued = std::move(copy);
    }
    EXPECT_EQ(continued.digest(), fold(entries).digest());
    EXPECT_EQ(continued.next_index(), entries.size());
  }
}

TEST(StateDigest, ChangesWithEveryEntry) {
  const RandomLog random(3, 60);
  std::set<Digest> seen;
  State state;
  seen.insert(state.digest());
  for (const event::LoggedEvent& logged : random.log.entries()) {
    state.apply(logged);
    EXPECT_TRUE(seen.insert(state.digest()).second) << "entry " << logged.index;
  }
}

TEST(StateDigest, NoticesAChangedVerdictTimeOrContent) {
  CountyLog log;
  Signer& desk = log.desk("desk");
  log.say(desk, registers(house(1), village(1), household_part({"monitored"})));
  log.pass(std::chrono::hours{1});
  log.say(desk, visits(house(1), village(1)));
  const Digest whole = fold(log.entries()).digest();
  const auto changed = [&](auto change) {
    auto entries = log.entries();
    change(entries.back());
    return fold(entries).digest();
  };
  EXPECT_EQ(changed([](auto&) {}), whole);
  EXPECT_NE(changed([](auto& e) { e.entry.verdict = event::Verdict::Frozen; }), whole);
  EXPECT_NE(changed([](auto& e) { e.body = {}; }), whole);
  EXPECT_NE(changed([](auto& e) { e.body.parts[0].state = event::PartState::Erased; }), whole);
  EXPECT_NE(changed([](auto& e) { e.entry.received -= std::chrono::minutes{20}; }), whole);
  EXPECT_NE(changed([](auto& e) { ++e.index; }), whole);
}

TEST(StateDigest, OfAScopeIsThatOfItsEntriesAlone) {
  const RandomLog random(5, 120);
  const State village_1 = fold(random.log.entries(), village(1).view());
  std::vector<event::LoggedEvent> held;
  for (const event::LoggedEvent& logged : random.log.entries()) {
    const DivisionCode division = logged.entry.event.header().division;
    if (division == village(1) || division == the_county().division()) held.push_back(logged);
  }
  ASSERT_LT(held.size(), random.log.entries().size());
  EXPECT_EQ(fold(held).digest(), village_1.digest());
  EXPECT_NE(fold(random.log.entries()).digest(), village_1.digest());
  EXPECT_TRUE(village_1.households(village(2).view(), day("2022-02-28")).empty());
}

TEST(StateDigest, HoldsNothingOfEventsNotYetReceived) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RandomLog random(seed, 60);
    const State held = fold(random.log.entries());
    State shown = held;
    CountyLog log = random.log;  // Another future for the same county.
    Signer& a = log.coordinator("somebody new", {village(1).str()});
    const auto pend = [&](const Says& says) { shown.apply_pending(log.sign(a, says)); };
    for (const event::LoggedEvent& logged : random.log.entries())
      pend(corrects(logged.entry.event.digest(), village(1)));
    pend(visits(house(0), village(1)));
    pend(registers(house(9), village(1), household_part({"monitored"})));
    ASSERT_EQ(shown.households("", day("2022-03-31")).size() > 0, true);
    EXPECT_EQ(shown.digest(), held.digest()) << "seed " << seed;
    EXPECT_EQ(shown.next_index(), held.next_index());
  }
}

// This runs as a native program and as WebAssembly.
TEST(StateDigest, IsTheSameOnEveryPlatformWithTheShippedDefinitions) {
  const RandomCases random(/*seed=*/7, /*steps=*/120);
  State state(programmes::all_calculations());
  for (const event::LoggedEvent& logged : random.log.entries()) state.apply(logged);
  // Another definition, form of the log or rule of the fold gives another one: take it over here
  // when that was meant.
  EXPECT_EQ(to_hex(state.digest().view()),
            "a4bd09c15f045cfc721554a3b4603d697ecc459a71a6ec4cafa2573343640741");
}
}  // namespace cunji::state
