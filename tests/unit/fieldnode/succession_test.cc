// Cloned, restored and damaged devices: each goes on under a new key, and nothing is lost.
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
using Reason = sync::ChainTrouble::Reason;
using Standing = store::OwnEvent::Standing;

// What stands on the device's disk, and what comes back from a backup.
Bytes disk_of(Device& device) {
  device.node.reset();
  const Bytes out = device.vfs.read_file(kPath).value();
  device.open();
  return out;
}
void restore(Device& device, const Bytes& disk) {
  device.node.reset();
  device.vfs.write_file(kPath, disk);
  device.open();
}

// A device whose backup is two events old; the county holds all four.
struct Restored {
  Restored() {
    enrol(device, county);
    for (char i = 1; i <= 2; ++i) EXPECT_TRUE(device.node->record(visit(i)));
    const Bytes backup = disk_of(device);
    for (char i = 3; i <= 4; ++i) EXPECT_TRUE(device.node->record(visit(i)));
    EXPECT_FALSE(synchronise(*device.node, county));
    restore(device, backup);
  }
  Device device{"restored"};
  County county;
};

TEST(Succession, FollowsARestoredBackup) {
  Restored r;
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  ASSERT_TRUE(r.device.node->trouble());
  EXPECT_EQ(r.device.node->trouble()->reason, Reason::Behind);
  EXPECT_EQ(r.device.node->trouble()->sequence, 4u);
  EXPECT_FALSE(r.device.node->record(visit())) << "no second branch";
  const PublicKey old_key = r.device.node->key();

  ASSERT_TRUE(r.device.node->succeed());
  EXPECT_NE(r.device.node->key(), old_key);
  const auto offer = r.device.node->enrol(r.county.root_digest(), Bytes(32, 'c'));
  ASSERT_TRUE(offer);
  const auto request = event::open_request(offer->request);
  ASSERT_TRUE(request) << request.error().what;
  EXPECT_EQ(request->predecessor, old_key);
  EXPECT_EQ(request->predecessor_sequence, 4u);
  ASSERT_TRUE(r.device.node->record(visit(5)));
  r.county.approve(offer->request);
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  EXPECT_FALSE(r.device.node->trouble());
  EXPECT_EQ(r.device.node->status(r.county.now()).value().unsent, 0u);
}

TEST(Succession, RecordsTheLostBranchAgainOnce) {
  Restored r;
  // The clone works on before it meets the county: its 3 and 4 are a fork.
  for (char i = 7; i <= 9; ++i)
    ASSERT_TRUE(r.device.node->record(visit(i, sync::start_time() + Duration{i})));
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  ASSERT_TRUE(r.device.node->trouble());
  ASSERT_TRUE(r.device.node->succeed());
  r.device.crash();
  EXPECT_FALSE(r.device.node->trouble());
  EXPECT_EQ(r.device.node->status(r.county.now()).value().resume_due, 3u);
  const TimePoint later = sync::start_time() + std::chrono::hours{1};
  EXPECT_EQ(r.device.node->resume(later).value(), 3u);
  EXPECT_EQ(r.device.node->resume(later).value(), 0u);
  r.device.crash();
  EXPECT_EQ(r.device.node->resume(later).value(), 0u);

  const auto unsent = r.device.node->own_lines(/*unsent_only=*/true).value();
  ASSERT_EQ(unsent.size(), 3u) << "the copies; the originals count no more";
  for (std::size_t i = 0; i < unsent.size(); ++i) {
    const event::Event& copy = unsent[i].own.event;
    EXPECT_EQ(copy.signed_event.header().subject, household(static_cast<char>(7 + i)));
    EXPECT_EQ(copy.signed_event.header().recorded, later);
    const auto part = event::parse_part(copy.body.parts.at(0).padded);
    ASSERT_TRUE(part);
    EXPECT_EQ(part->frame.occurred, sync::start_time() + Duration{7 + static_cast<int>(i)})
        << "it happened when it was first recorded";
  }
  const auto offer = r.device.node->enrol(r.county.root_digest(), Bytes(32, 'c'));
  r.county.approve(offer->request);
  const std::uint64_t before = r.county.size();
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  EXPECT_EQ(r.county.size(), before + 3);
}

TEST(Succession, RecordsAgainOnceWhereverTheCrashIs) {
  bool through = false;
  for (std::uint64_t operation = 1; !through; operation += 3) {
    ASSERT_LT(operation, 500u);
    Restored r;
    for (char i = 7; i <= 9; ++i) ASSERT_TRUE(r.device.node->record(visit(i)));
    ASSERT_FALSE(synchronise(*r.device.node, r.county));
    ASSERT_TRUE(r.device.node->succeed());
    r.device.vfs.crash_after(operation);
    through = r.device.node->resume(sync::start_time()).has_value();
    r.device.node.reset();
    r.device.vfs.heal();
    if (!r.device.vfs.crashed()) r.device.vfs.crash();
    ASSERT_NO_FATAL_FAILURE(r.device.open());
    // A new event comes after the copies that were planned, whoever asks.
    ASSERT_TRUE(r.device.node->resume(sync::start_time()));
    ASSERT_TRUE(r.device.node->record(visit(1)));
    const auto lines = r.device.node->own_lines(/*unsent_only=*/true).value();
    ASSERT_EQ(lines.size(), 4u) << "operation " << operation;
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_EQ(lines[i].own.event.signed_event.header().subject,
                household(static_cast<char>(7 + i)));
  }
}

TEST(Succession, ASecondTroubleCarriesOnlyWhatIsLeft) {
  Restored r;
  for (char i = 7; i <= 8; ++i) ASSERT_TRUE(r.device.node->record(visit(i)));
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  ASSERT_TRUE(r.device.node->succeed());
  auto offer = r.device.node->enrol(r.county.root_digest(), Bytes(32, 'c'));
  r.county.approve(offer->request);
  const Bytes backup = disk_of(r.device);
  ASSERT_EQ(r.device.node->resume(sync::start_time()).value(), 2u);
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  restore(r.device, backup);  // Before the copies were made; the county has them.
  ASSERT_TRUE(r.device.node->record(visit(9)));
  ASSERT_FALSE(synchronise(*r.device.node, r.county));
  ASSERT_TRUE(r.device.node->trouble());
  ASSERT_TRUE(r.device.node->succeed());
  const auto status = r.device.node->status(r.county.now()).value();
  EXPECT_EQ(status.keys, 3u);
  EXPECT_EQ(r.device.node->resume(sync::start_time()).value(), status.resume_due);
  EXPECT_EQ(r.device.node->own_lines(true).value().size(), status.resume_due);
}

TEST(Succession, FollowsARowDamagedOnTheDevice) {
  Device device("damaged");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  for (char i = 1; i <= 3; ++i) ASSERT_TRUE(device.node->record(visit(i)));
  const Bytes signed_event =
      device.node->own_lines(false).value().at(1).own.event.signed_event.encode();
  device.node.reset();
  Bytes disk = device.vfs.read_file(kPath).value();
  const std::size_t at = disk.find(signed_event.substr(100, 100));
  ASSERT_NE(at, Bytes::npos);
  disk[at + 50] = static_cast<char>(disk[at + 50] ^ 1);
  device.vfs.write_file(kPath, disk);
  ASSERT_NO_FATAL_FAILURE(device.open());
  ASSERT_TRUE(device.node->trouble());
  EXPECT_EQ(device.node->trouble()->reason, Reason::Broken);
  EXPECT_FALSE(device.node->verify().value().sound());
  ASSERT_TRUE(device.node->succeed());
  ASSERT_TRUE(device.node->record(visit(4)));
  device.crash();
  EXPECT_FALSE(device.node->trouble());
}

// The county has seen two branches of this key; this device has nothing to send that would tell it.
TEST(Succession, FollowsAFreezeAlsoOverACrash) {
  Device device("frozen");
  County county;
  ASSERT_NO_FATAL_FAILURE(enrol(device, county));
  ASSERT_TRUE(device.node->record(visit(1)));
  ASSERT_FALSE(synchronise(*device.node, county));
  const crypto::KeyPair key = device.keys.keys().value().back();
  const event::ChainHead head = device.node->store().current_chain().value().value();
  event::IncidentPart incident{.key = head.key, .sequence = head.sequence + 1, .evidence = {}};
  for (char i = 1; i <= 2; ++i) {
    const auto branch = event::make_event(key, sync::county_code(), head, {1, {}},
                                          {.division = sync::village(1),
                                           .subject = household(i),
                                           .kind = event::Kind::Visit,
                                           .recorded = county.now(),
                                           .parts = {visit_part()}},
                                          device.entropy);
    ASSERT_TRUE(branch);
    incident.evidence.push_back(branch->signed_event.encode());
  }
  county.commit(county.system_key(), event::Kind::Incident, event::encode_part(incident));
  county.publish();
  ASSERT_FALSE(device.node->trouble());

  ASSERT_FALSE(synchronise(*device.node, county));
  ASSERT_TRUE(device.node->trouble());
  EXPECT_EQ(device.node->trouble()->reason, Reason::Fork);
  device.crash();
  ASSERT_TRUE(device.node->trouble()) << "what the county said must outlive the crash";
  EXPECT_FALSE(device.node->record(visit(2)));
  ASSERT_TRUE(device.node->succeed());
  device.crash();
  EXPECT_FALSE(device.node->trouble()) << "the new key is not frozen";
}

TEST(Succession, NeedsTrouble) {
  Device device("sound");
  EXPECT_EQ(device.node->succeed().error().code, Errc::Protocol);
}
}  // namespace
}  // namespace cunji::fieldnode
