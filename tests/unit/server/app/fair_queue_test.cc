// Whose turn it is, and who finds room.
#include "server/app/fair_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace cunji::server {
static PublicKey sender(char name) { return PublicKey::from(Bytes(32, name)).value(); }

class FairQueueTest : public ::testing::Test {
 protected:
  bool push(char name, std::size_t events, const std::string& item, std::size_t bytes = 0) {
    const Load load{events, bytes};
    if (!queue.has_room(sender(name), load)) return false;
    queue.push(sender(name), load, item);
    return true;
  }
  std::string take(std::size_t events_max) {
    std::string out;
    for (const std::string& item : queue.take(events_max)) out += item + " ";
    return out;
  }
  FairQueue<std::string> queue{{.all = {200, 2'000}, .sender = {40, 400}}};
};

TEST_F(FairQueueTest, SendersTakeTurnsAndKeepTheirOrder) {
  for (const char* item : {"a1", "a2", "a3"}) ASSERT_TRUE(push('a', 10, item));
  ASSERT_TRUE(push('b', 1, "b1"));
  ASSERT_TRUE(push('c', 1, "c1"));
  ASSERT_TRUE(push('b', 1, "b2"));
  EXPECT_EQ(take(12), "a1 b1 c1 ");
  EXPECT_EQ(take(1'000), "a2 b2 a3 ");
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.total().events, 0U);
  EXPECT_EQ(take(1'000), "");
}

TEST_F(FairQueueTest, TheFirstItemIsTakenHoweverLarge) {
  ASSERT_TRUE(push('a', 40, "large"));
  EXPECT_EQ(take(5), "large ");
}

TEST_F(FairQueueTest, ASenderIsBoundedByEventsAndByBytes) {
  ASSERT_TRUE(push('a', 40, "a1"));
  EXPECT_FALSE(push('a', 1, "a2"));
  ASSERT_TRUE(push('b', 1, "b1", 400));
  EXPECT_FALSE(push('b', 1, "b2", 1));
  EXPECT_EQ(take(41), "a1 b1 ");
  EXPECT_TRUE(push('a', 1, "a2")) << "room again";
}

TEST_F(FairQueueTest, WhoHasNothingWaitingFindsRoomThoughOthersFillIt) {
  for (const char name : {'a', 'b', 'c', 'd'}) {
    while (push(name, 10, std::string(1, name))) {
    }
  }
  EXPECT_EQ(queue.total().events, 110U) << "half of it; the last one had nothing waiting";
  ASSERT_TRUE(push('x', 10, "x"));
  EXPECT_FALSE(push('x', 1, "x again"));
  for (char name = 'A'; queue.total().events < 200; ++name) ASSERT_TRUE(push(name, 10, "full"));
  EXPECT_FALSE(push('y', 1, "y")) << "the bound of all is one";
}
}  // namespace cunji::server
