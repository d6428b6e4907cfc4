// Photos of a node: kept before the event that names them, delivered after it is logged, and part
// of what a revoked device still owes.
#include "shared/crypto/hash.h"
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
// A visit that names these, which need not be kept anywhere.
RecordDraft visit_with(const std::vector<Bytes>& photos, char number = 1) {
  event::PartFrame frame;
  for (const Bytes& bytes : photos)
    frame.attachments.push_back({.digest = crypto::sha256(bytes),
                                 .size = static_cast<std::uint32_t>(bytes.size()),
                                 .media_type = "image/jpeg"});
  RecordDraft out = visit(number);
  out.parts = {visit_part(event::VisitOutcome::Met, frame)};
  return out;
}
void expect_by(County& county, const Bytes& photo) {
  county.blobs.named.insert(
      {.digest = crypto::sha256(photo), .size = static_cast<std::uint32_t>(photo.size())});
}
const Bytes kPhoto(5 * sync::kBlobChunkBytes, 'p');

TEST(NodePhotos, AnEventNamesOnlyWhatIsHere) {
  Device device("photos");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  EXPECT_EQ(device.node->record(visit_with({kPhoto})).error().code, Errc::Malformed);
  EXPECT_EQ(device.node->own_lines(false)->size(), 0u);
  ASSERT_TRUE(device.node->store().add_blob(kPhoto));
  ASSERT_TRUE(device.node->record(visit_with({kPhoto})));
  EXPECT_EQ(device.node->status(county.now())->photos.waiting, 1u);
  device.crash();
  EXPECT_EQ(device.node->store().blob(crypto::sha256(kPhoto)).value(), kPhoto);
}

TEST(NodePhotos, GoOverAnyNumberOfCutsEachPieceOnce) {
  Device device("cut");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->store().add_blob(kPhoto));
  ASSERT_TRUE(device.node->record(visit_with({kPhoto})));
  expect_by(county, kPhoto);
  for (int sessions = 0; device.node->status(county.now())->photos.held == 0; ++sessions) {
    ASSERT_LT(sessions, 50);
    ASSERT_FALSE(synchronise(*device.node, county, 8 + sessions));
    device.crash();
  }
  EXPECT_EQ(county.blobs.whole.at(crypto::sha256(kPhoto)), kPhoto);
  EXPECT_EQ(county.blobs.chunks, 5);
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_EQ(county.blobs.chunks, 5);
}

TEST(NodePhotos, ARevokedDeviceIsNotWipedBeforeTheyAreDelivered) {
  Device device("revoked with photos");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->store().add_blob(kPhoto));
  ASSERT_TRUE(device.node->record(visit_with({kPhoto})));
  county.revoke(device.node->key());
  county.publish();
  expect_by(county, kPhoto);
  county.blobs.later = 1;
  ASSERT_FALSE(synchronise(*device.node, county));
  ASSERT_TRUE(device.node->revoked());
  EXPECT_TRUE(device.node->own_lines(/*unsent_only=*/true)->empty());
  EXPECT_FALSE(device.node->may_be_wiped().value()) << "a photo waits";
  county.blobs.later = 0;
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_TRUE(device.node->may_be_wiped().value());
}

TEST(NodePhotos, WhatTheCountyDoesNotWantKeepsNoRevokedDevice) {
  Device device("revoked and unwanted");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->store().add_blob(kPhoto));
  ASSERT_TRUE(device.node->record(visit_with({kPhoto})));
  county.revoke(device.node->key());
  county.publish();
  ASSERT_FALSE(synchronise(*device.node, county));
  EXPECT_EQ(device.node->status(county.now())->photos.unwanted, 1u);
  EXPECT_TRUE(device.node->may_be_wiped().value());
}
}  // namespace
}  // namespace cunji::fieldnode
