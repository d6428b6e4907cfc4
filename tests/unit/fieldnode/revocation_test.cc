// A revoked device (D16): reading closes when it hears of it, what was signed goes out, and only
// then may the vault go.
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
TEST(Revocation, ClosesReadingAndLetsTheOutboxOut) {
  Device device("revoked");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->record(registration(1, "张三")));
  ASSERT_FALSE(synchronise(*device.node, county));
  ASSERT_TRUE(device.node->record(visit(1)));
  county.revoke(device.node->key());
  county.publish();
  EXPECT_FALSE(device.node->revoked()) << "it has not heard of it";
  EXPECT_TRUE(device.node->shown());

  // The line is cut after anything up to a whole session: nothing is lost, nothing goes too soon.
  for (int messages = 1; !device.node->revoked(); ++messages) {
    ASSERT_LT(messages, 100);
    EXPECT_TRUE(device.node->shown());
    EXPECT_FALSE(device.node->may_be_wiped().value());
    ASSERT_FALSE(synchronise(*device.node, county, messages));
  }
  EXPECT_EQ(device.node->shown().error().code, Errc::Conflict);
  EXPECT_TRUE(device.node->store().division_entries(sync::village(1), 0, 10)->empty());
  EXPECT_GT(device.node->store().counts()->entries, 0U) << "governance stays, it says why";
  EXPECT_TRUE(device.node->status(county.now())->revoked);
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_TRUE(device.node->may_be_wiped().value());
  EXPECT_EQ(device.node->own_lines(false)->size(), 2U) << "its own events stay to the end";
  EXPECT_TRUE(device.node->verify()->sound()) << device.node->verify()->finding_en;
}

TEST(Revocation, KeepsWhatTheCountyHasNotLogged) {
  Device device("revoked with work");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  county.revoke(device.node->key());
  county.publish();
  ASSERT_FALSE(synchronise(*device.node, county));
  ASSERT_TRUE(device.node->revoked());
  // An honest node may always sign; the county's log will say what it is worth (D7).
  ASSERT_TRUE(device.node->record(visit(1)));
  EXPECT_FALSE(device.node->may_be_wiped().value());
  device.crash();
  EXPECT_TRUE(device.node->revoked());
  EXPECT_FALSE(device.node->may_be_wiped().value());
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_TRUE(device.node->may_be_wiped().value());
}

TEST(Revocation, ANewCredentialOpensAgain) {
  Device device("revoked and back");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->record(registration(1, "张三")));
  ASSERT_FALSE(synchronise(*device.node, county));
  const auto digest = device.node->folded().value()->digest();
  county.revoke(device.node->key());
  county.publish();
  ASSERT_FALSE(synchronise(*device.node, county));
  ASSERT_TRUE(device.node->revoked());
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  EXPECT_FALSE(device.node->revoked());
  EXPECT_TRUE(device.node->shown());
  EXPECT_FALSE(device.node->store().division_entries(sync::village(1), 0, 10)->empty());
  EXPECT_TRUE(device.node->verify()->sound()) << device.node->verify()->finding_en;
  EXPECT_NE(device.node->folded().value()->digest(), digest) << "governance has gone on";
}

TEST(Revocation, TheEndOfValidityIsNone) {
  Device device("expired");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  EXPECT_FALSE(device.node->revoked());
  EXPECT_FALSE(device.node->status(county.now() + std::chrono::hours{24 * 700})->approved);
  EXPECT_FALSE(device.node->revoked());
  EXPECT_FALSE(device.node->may_be_wiped().value());
}
}  // namespace
}  // namespace cunji::fieldnode
