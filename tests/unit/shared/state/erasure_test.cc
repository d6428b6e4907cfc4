// What erasing takes from the state, what outlives it, and how it is shown.
#include <gtest/gtest.h>

#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class StateErasureTest : public ::testing::Test {
 protected:
  // Erases in the log kept here and in the state, as a holder does.
  void erase(std::uint64_t index, event::PartSet parts = event::PartSet().set()) {
    event::LoggedEvent& logged = entries[static_cast<std::size_t>(index)];
    ASSERT_TRUE(event::erase_parts(logged.body, parts));
    state.erase(logged);
    EXPECT_EQ(state.digest(), fold(entries).digest());
  }
  void take() {
    for (std::size_t i = entries.size(); i < log.entries().size(); ++i) {
      entries.push_back(log.entries()[i]);
      state.apply(entries.back());
    }
  }
  std::string name_of(int number) const {
    const auto view = state.household(house(number), day("2022-03-31"));
    return view ? view->head_name : "nobody";
  }

  CountyLog log;
  Signer& desk = log.desk("desk");
  std::vector<event::LoggedEvent> entries;
  State state;
};

TEST_F(StateErasureTest, TakesBackWhatThePartsDid) {
  log.say(desk, registers(house(1), village(1), household_part({"monitored"}, "王桂兰")));
  const std::uint64_t first = log.newest().index;
  log.say(desk, visits(house(1), village(1)));
  take();
  ASSERT_EQ(name_of(1), "王桂兰");
  erase(first + 1);
  EXPECT_FALSE(state.household(house(1), day("2022-03-31"))->last_visit);
  erase(first);
  EXPECT_EQ(name_of(1), "nobody");
}

TEST_F(StateErasureTest, WhatReplacedTheWrongOutlivesIt) {
  log.say(desk, registers(house(1), village(1), household_part({"monitored"}, "错")));
  const std::uint64_t wrong = log.newest().index;
  const Digest digest = log.newest().entry.event.digest();
  const auto replace = [&](const event::PartContent& content) {
    Says says = corrects(digest, village(1));
    says.subject = house(1);
    says.parts.push_back(event::encode_part(content));
    log.say(desk, says);
  };
  replace(household_part({"monitored"}, "对"));
  take();
  ASSERT_EQ(name_of(1), "对");
  erase(wrong);
  EXPECT_EQ(name_of(1), "对");
  replace(event::VisitPart{.outcome = VisitOutcome::Met});
  take();
  EXPECT_FALSE(state.household(house(1), day("2022-03-31"))->last_visit)
      << "a registration never was a visit, erased or not";
}

TEST_F(StateErasureTest, AnErasedCorrectionCorrectsNothing) {
  log.say(desk, visits(house(1), village(1)));
  const std::uint64_t visit = log.newest().index;
  log.say(desk, corrects(log.newest().entry.event.digest(), village(1)));
  take();
  const auto effective = [&] {
    return state.standing(entries[static_cast<std::size_t>(visit)].entry.event.digest())
        ->parts.at(0)
        .effective;
  };
  ASSERT_FALSE(effective());
  erase(visit + 1);
  EXPECT_TRUE(effective());
}

TEST_F(StateErasureTest, ShowsByWhomAndWhen) {
  log.say(desk, visits(house(1), village(1)));
  const event::LoggedEvent visit = log.newest();
  const Digest digest = visit.entry.event.digest();
  Signer& eraser = log.signer("eraser");
  event::CredentialPart said = log.credential_for(eraser, {"411323"});
  said.kinds = {68};
  log.issue(log.root(), said);
  const Digest erasure = log.say(
      eraser, Kind::Erasure,
      event::ErasurePart{.events = {{digest, visit.index, village(1), event::PartSet().set()}},
                         .basis = "PIPL 47"});
  const std::uint64_t index = log.newest().index;
  const TimePoint logged = log.now();
  take();
  EXPECT_TRUE(state.standing(digest)->erased.empty()) << "named, not yet gone";
  erase(visit.index);
  const auto standing = *state.standing(digest);
  EXPECT_TRUE(standing.parts.empty());
  ASSERT_EQ(standing.erased.size(), 1u);
  EXPECT_EQ(standing.erased[0].number, 1u);
  EXPECT_EQ(standing.erased[0].erasure, erasure);
  EXPECT_EQ(standing.erased[0].index, index);
  EXPECT_EQ(standing.erased[0].by, eraser.id());
  EXPECT_TRUE(standing.erased[0].second.is_zero());
  EXPECT_EQ(standing.erased[0].basis, "PIPL 47");
  EXPECT_EQ(standing.erased[0].on, logged + credential::kErasureDelay);
}

TEST_F(StateErasureTest, SaysThatNothingSaysWhy) {
  log.say(desk, visits(house(1), village(1)));
  take();
  const std::uint64_t visit = log.newest().index;
  erase(visit);
  const auto standing = *state.standing(log.newest().entry.event.digest());
  ASSERT_EQ(standing.erased.size(), 1u);
  EXPECT_FALSE(standing.erased[0].erasure);
}
}  // namespace cunji::state
