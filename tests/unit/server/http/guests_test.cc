// Who is let in, and who gives way.
#include "server/http/guests.h"

#include <gtest/gtest.h>

#include <vector>

namespace cunji::server {
static PublicKey key(char name) { return PublicKey::from(Bytes(32, name)).value(); }

class GuestsTest : public ::testing::Test {
 protected:
  std::size_t fill(const std::string& address) {
    std::size_t in = 0;
    while (guests.enter(address)) ++in;
    return in;
  }
  Guests guests{
      {.all = 10, .address = 7, .strangers = 6, .strangers_of_address = 4, .sessions_of_key = 2}};
};

TEST_F(GuestsTest, StrangersOfOneAddressLeaveRoomForOthers) {
  EXPECT_EQ(fill("a"), 4U);
  EXPECT_EQ(fill("b"), 2U) << "all strangers together";
  EXPECT_EQ(guests.strangers(), 6U);
}

TEST_F(GuestsTest, WhoShowsAKeyIsNoStrangerAnyMore) {
  for (const char name : {'1', '2', '3', '4', '5', '6', '7'})
    EXPECT_FALSE(guests.know(guests.enter("a").value(), key(name)));
  EXPECT_EQ(guests.strangers(), 0U);
  EXPECT_FALSE(guests.enter("a")) << "connections of one address";
  EXPECT_EQ(fill("b"), 3U) << "all together";
}

TEST_F(GuestsTest, TheOldestSessionOfAKeyGivesWay) {
  std::vector<Guests::Id> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(guests.enter("a").value());
  EXPECT_FALSE(guests.know(ids[0], key('k')));
  EXPECT_FALSE(guests.know(ids[1], key('k')));
  EXPECT_FALSE(guests.know(ids[1], key('k'))) << "said twice";
  EXPECT_EQ(guests.know(ids[2], key('k')), ids[0]);
  guests.leave(ids[0]);
  const auto other = guests.enter("b").value();
  EXPECT_FALSE(guests.know(other, key('j'))) << "another key";
  const auto fourth = guests.enter("b").value();
  EXPECT_EQ(guests.know(fourth, key('k')), ids[1]) << "from wherever";
}

TEST_F(GuestsTest, LeavingMakesRoom) {
  std::vector<Guests::Id> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(guests.enter("a").value());
  EXPECT_FALSE(guests.know(ids[0], key('k')));
  for (const Guests::Id id : ids) guests.leave(id);
  EXPECT_EQ(guests.count(), 0U);
  EXPECT_EQ(guests.strangers(), 0U);
  EXPECT_EQ(fill("a"), 4U);
}
}  // namespace cunji::server
