// A desk's credential is a prefix: which villages lie below it, the county says, and what the node
// makes of it.
#include "tests/unit/fieldnode/device.h"
#include "tests/unit/shared/sync/node.h"

namespace cunji::fieldnode {
namespace {
using Codes = std::vector<DivisionCode>;

const DivisionCode kTown = DivisionCode::parse("411323001000").value();
const DivisionCode kElsewhere = DivisionCode::parse("411323002201").value();  // Another town's.

class Desk : public ::testing::Test {
 protected:
  Desk() {
    county_.enrol(author_.key, {"411323"});
    work(sync::village(1), 3);
    work(sync::village(2), 2);
    work(kElsewhere, 4);
  }
  void work(const DivisionCode& division, int count) {
    author_.own.clear();
    author_.record(division, count);
    county_.take(author_.own);
    county_.publish();
  }
  Codes wanted() const {
    Codes out;
    for (const sync::Cursor& cursor : device_.node->store().cursors().value())
      out.push_back(cursor.division);
    return out;
  }
  std::size_t held(const DivisionCode& division) const {
    return device_.node->store().division_entries(division, 0, 1'000)->size();
  }
  bool widen() { return device_.node->widen(county_.now()).value(); }
  void synchronise() {
    const auto error = fieldnode::synchronise(*device_.node, county_);
    ASSERT_FALSE(error) << error->what;
  }
  // What a session says, level, of a county that names whatever it likes.
  void be_named(Codes covered) {
    sync::NodeSession::Output out;
    out.covered = std::move(covered);
    out.level = true;
    ASSERT_TRUE(device_.node->take(std::move(out)));
  }

  County county_;
  sync::TestNode author_{"author", county_, {}};
  Device device_{"desk"};
};

TEST_F(Desk, OfATownHoldsItsVillages) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  EXPECT_EQ(wanted(),
            (Codes{sync::county_code().division(), kTown, sync::village(1), sync::village(2)}));
  EXPECT_EQ(held(sync::village(1)), 3U);
  EXPECT_EQ(held(sync::village(2)), 2U);
  EXPECT_EQ(held(kElsewhere), 0U);
  EXPECT_FALSE(widen()) << "nothing more to ask for";
  EXPECT_TRUE(device_.node->verify()->sound()) << device_.node->verify()->finding_en;
}

TEST_F(Desk, OfACountyHoldsAll) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323"}));
  EXPECT_EQ(wanted(), (Codes{sync::county_code().division(), sync::village(1), sync::village(2),
                             kElsewhere}));
  EXPECT_EQ(device_.node->store().counts()->entries, county_.size());
  EXPECT_FALSE(widen());
}

TEST_F(Desk, AVillageThatComesIntoBeingFollowsInALaterSession) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  work(sync::village(3), 2);
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_TRUE(widen());
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_EQ(held(sync::village(3)), 2U);
  EXPECT_FALSE(widen());
  EXPECT_EQ(wanted().back(), sync::village(3)) << "and it stays wanted";
}

TEST_F(Desk, WhatWasNamedSurvivesACrash) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  work(sync::village(3), 2);
  ASSERT_NO_FATAL_FAILURE(synchronise());
  device_.crash();
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_EQ(held(sync::village(3)), 2U);
}

TEST_F(Desk, WhatNoCredentialCoversIsNotWantedWhateverTheCountySays) {
  be_named({sync::village(1)});
  EXPECT_EQ(wanted(), Codes{}) << "no credential at all";
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  const Codes before = wanted();
  be_named({kElsewhere, sync::village(7)});
  Codes after = before;
  after.push_back(sync::village(7));
  EXPECT_EQ(wanted(), after);
  EXPECT_TRUE(widen()) << "named, and not asked for yet";
  EXPECT_EQ(wanted(), after);
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_FALSE(widen()) << "an honest county has nothing of it";
}

TEST_F(Desk, WhatTheCredentialInForceCoversNoMoreIsDropped) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  const auto offer = device_.node->enrol(county_.root_digest(), Bytes(32, 'c'));
  ASSERT_TRUE(offer);
  county_.revoke(device_.node->key());
  county_.approve(offer->request, {sync::village(2).str()});
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_FALSE(widen());
  EXPECT_EQ(wanted(), (Codes{sync::county_code().division(), sync::village(2)}));
  // What is covered again is named again, and goes on from what is held.
  work(sync::village(1), 1);
  county_.approve(offer->request, {"411323001"});
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_TRUE(widen());
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_EQ(held(sync::village(1)), 4U);
}

TEST_F(Desk, ARevokedOneIsNamedNothing) {
  ASSERT_NO_FATAL_FAILURE(enrol(device_, county_, {"411323001"}));
  county_.revoke(device_.node->key());
  work(sync::village(3), 2);
  ASSERT_NO_FATAL_FAILURE(synchronise());
  EXPECT_TRUE(device_.node->revoked());
  be_named({sync::village(3)});
  EXPECT_FALSE(widen());
  EXPECT_EQ(wanted(), Codes{sync::county_code().division()});
}
}  // namespace
}  // namespace cunji::fieldnode
