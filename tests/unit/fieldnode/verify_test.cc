// verify() finds what somebody changed in the store's file.
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
struct Used {
  Used() {
    enrol(device, county);
    EXPECT_TRUE(device.node->record(registration(1, "张三")));
    for (char i = 1; i <= 3; ++i) EXPECT_TRUE(device.node->record(visit(i)));
    EXPECT_FALSE(synchronise(*device.node, county));
  }
  // Flips a bit in every copy of `bytes` on the disk from the second on, or in the first only.
  void damage(const Bytes& bytes, std::size_t copy) {
    device.node.reset();
    Bytes disk = device.vfs.read_file(kPath).value();
    std::size_t at = disk.find(bytes);
    for (std::size_t i = 0; i < copy && at != Bytes::npos; ++i) at = disk.find(bytes, at + 1);
    ASSERT_NE(at, Bytes::npos);
    disk[at + bytes.size() / 2] = static_cast<char>(disk[at + bytes.size() / 2] ^ 1);
    device.vfs.write_file(kPath, disk);
    device.open();
  }
  Device device{"verified"};
  County county;
};

TEST(Verify, FindsNothingInASoundNode) {
  Used used;
  const auto report = used.device.node->verify();
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_TRUE(report->sound()) << report->finding_en;
  EXPECT_EQ(report->own_events, 4u);
  EXPECT_EQ(report->chains, 1u);
  EXPECT_EQ(report->entries, used.county.size());
  EXPECT_EQ(report->divisions, 2u);
}

TEST(Verify, FindsABitChangedInAnyCopyOfASignature) {
  for (std::size_t copy = 0; copy < 2; ++copy) {  // The own event's, the entry's.
    SCOPED_TRACE(copy);
    Used used;
    const auto lines = used.device.node->own_lines(false).value();
    const Signature signature = lines.at(2).own.event.signed_event.signature();
    ASSERT_NO_FATAL_FAILURE(used.damage(signature.str(), copy));
    const auto report = used.device.node->verify();
    ASSERT_TRUE(report) << report.error().what;
    EXPECT_FALSE(report->sound());
    EXPECT_FALSE(report->finding_zh.empty());
  }
}

TEST(Verify, FindsAChangedTimeOfReceipt) {
  Used used;
  const auto lines = used.device.node->own_lines(false).value();
  const auto logged = used.county.log().at(lines.at(1).own.index).value().value();
  // The entry's first 43 bytes: version, received, verdict, division link.
  ASSERT_NO_FATAL_FAILURE(used.damage(logged.entry.encode().substr(0, 16), 0));
  const auto report = used.device.node->verify();
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_FALSE(report->sound());
}
}  // namespace
}  // namespace cunji::fieldnode
