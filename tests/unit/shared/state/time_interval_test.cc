// The proven interval, its clamps and classes (D5, D13).
#include "shared/state/time_interval.h"

#include <gtest/gtest.h>

namespace cunji::state {
static TimePoint at(int minutes) { return TimePoint{std::chrono::minutes{minutes}}; }

TEST(Anchors, GiveTheLatestTimeBeforeASize) {
  Anchors anchors;
  EXPECT_EQ(anchors.before(100), TimePoint{});
  anchors.add(10, at(60));
  anchors.add(20, at(50));  // A county clock set back does not loosen what was proven.
  anchors.add(30, at(90));
  struct Case {
    std::uint64_t size;
    TimePoint expected;
  };
  for (const Case& c : {Case{0, {}}, Case{10, {}}, Case{11, at(60)}, Case{21, at(60)},
                        Case{30, at(60)}, Case{31, at(90)}, Case{1'000, at(90)}})
    EXPECT_EQ(anchors.before(c.size), c.expected) << c.size;
}

TEST(TimeInterval, ClampsDoubtsAndClasses) {
  struct Case {
    const char* name;
    int recorded, lower, upper;
    bool confirmed;
    int effective;
    bool doubtful, contradicted;
    TimeClass time_class;  // For a deadline at minute 1000.
  };
  const auto proven = TimeClass::ProvenInTime, claimed = TimeClass::ClaimedInTime,
             contradicted = TimeClass::Contradicted;
  const Case cases[] = {
      {"inside", 500, 400, 600, false, 500, false, false, proven},
      {"inside, received after the deadline", 500, 400, 2'000, false, 500, false, false, claimed},
      {"received one moment before", 500, 400, 999, false, 500, false, false, proven},
      {"received at the deadline", 500, 400, 1'000, false, 500, false, false, claimed},
      {"clock ahead by 10 minutes", 610, 400, 600, false, 600, false, false, proven},
      {"clock ahead by 11 minutes", 611, 400, 600, false, 600, true, false, proven},
      {"clock behind by 10 minutes", 390, 400, 2'000, false, 400, false, false, claimed},
      {"clock behind by 11 minutes", 389, 400, 2'000, false, 400, true, true, contradicted},
      {"behind, but received in time", 300, 400, 600, false, 400, true, true, proven},
      {"behind and confirmed", 300, 400, 2'000, true, 300, false, false, claimed},
      {"ahead and confirmed", 9'000, 400, 2'000, true, 2'000, false, false, claimed},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const TimeInterval time{.recorded = at(c.recorded),
                            .lower = at(c.lower),
                            .upper = at(c.upper),
                            .confirmed = c.confirmed};
    EXPECT_EQ(time.effective_recorded(), at(c.effective));
    EXPECT_EQ(time.doubtful(), c.doubtful);
    EXPECT_EQ(time.contradicted(), c.contradicted);
    EXPECT_EQ(time.class_before(at(1'000)), c.time_class);
  }
}

TEST(TimeInterval, WhatHappenedIsNoLaterThanItsRecord) {
  const TimeInterval time{.recorded = at(500), .lower = at(400), .upper = at(600)};
  EXPECT_EQ(time.effective_occurred(std::nullopt), at(500));
  EXPECT_EQ(time.effective_occurred(at(100)), at(100)) << "paper may be older than the anchor";
  EXPECT_EQ(time.effective_occurred(at(700)), at(500));
}

TEST(TimeInterval, OwnUnsentEventsAreTakenAsTheyAre) {
  const TimeInterval time{.recorded = at(500), .lower = at(900), .upper = std::nullopt};
  EXPECT_EQ(time.effective_recorded(), at(500));
  EXPECT_FALSE(time.doubtful());
  EXPECT_FALSE(time.contradicted());
  EXPECT_EQ(time.class_before(at(1'000)), TimeClass::ClaimedInTime);
}
}  // namespace cunji::state
