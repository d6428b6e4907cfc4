// What a device deletes by law (D20), when it hears of it, and what it keeps.
#include "shared/crypto/hash.h"
#include "tests/unit/fieldnode/device.h"

namespace cunji::fieldnode {
namespace {
constexpr Duration kDelay = credential::kErasureDelay;

class NodeErasureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(enrol(author, county));
    ASSERT_NO_FATAL_FAILURE(enrol(reader, county));
    ASSERT_TRUE(author.node->record(registration(1, "张三")));
    ASSERT_TRUE(author.node->record(registration(2, "李四")));
    level();
    for (const auto& logged : county.log().division_entries(sync::village(1), 0, 10).value())
      if (logged.entry.event.header().sequence == 1) named.emplace(logged);
  }
  void level(Device& device) {
    const auto error = synchronise(*device.node, county);
    ASSERT_FALSE(error) << error->what;
  }
  void level() {
    for (Device* device : {&author, &reader}) ASSERT_NO_FATAL_FAILURE(level(*device));
  }
  static std::string names(Device& device) {
    std::string out;
    const Date on = date_of(sync::start_time());
    for (const auto& each : device.node->shown().value()->households("411323", on))
      out += each.head_name;
    return out;
  }
  static bool sound(Device& device) {
    const auto report = device.node->verify().value();
    if (!report.sound()) std::printf("%s\n", report.finding_en.c_str());
    return report.sound();
  }
  bool holds_body(Device& device) const {
    bool out = false;
    EXPECT_TRUE(device.node->store().scan_entries(
        named->index, [&](const event::LoggedEvent& logged) -> Result<bool> {
          out = logged.index == named->index && logged.body.whole();
          return false;
        }));
    return out;
  }

  County county;
  Device author{"erasure author"}, reader{"erasure reader"};
  std::optional<event::LoggedEvent> named;
};

TEST_F(NodeErasureTest, AuthorAndReaderDeleteWhenTheCountysTimeSaysSo) {
  county.order_erasure(*named);
  county.pass(kDelay - Duration{1});
  county.anchor();
  level();
  for (Device* device : {&author, &reader}) {
    EXPECT_EQ(names(*device), "张三李四");
    EXPECT_TRUE(holds_body(*device));
  }
  county.pass(Duration{1});
  county.anchor();
  county.erase(named->index);
  level();
  for (Device* device : {&author, &reader}) {
    EXPECT_EQ(names(*device), "李四");
    EXPECT_FALSE(holds_body(*device));
    EXPECT_TRUE(sound(*device));
    device->crash();
    EXPECT_EQ(names(*device), "李四");
    EXPECT_TRUE(sound(*device));
    const auto folded = device->node->folded().value();
    const auto standing = folded->standing(named->entry.event.digest());
    ASSERT_EQ(standing->erased.size(), 1u);
    EXPECT_EQ(standing->erased[0].basis, "PIPL 47");
  }
  const auto own = author.node->store().own_event(author.node->key(), 1).value();
  EXPECT_EQ(event::parts_in(own->body, event::PartState::Erased).count(), 1u);
  EXPECT_EQ(author.node->status(county.now())->unsent, 0u);
  // And the work goes on.
  ASSERT_TRUE(author.node->record(visit(2)));
  level();
  EXPECT_TRUE(sound(reader));
}

TEST_F(NodeErasureTest, ADeviceDoesNotWaitForAServerThatIsSlow) {
  county.order_erasure(*named);
  county.pass(kDelay);
  county.anchor();
  level();  // The server has not erased yet.
  EXPECT_FALSE(holds_body(reader));
  Device late("erasure late");  // And is fed the whole body by it.
  ASSERT_NO_FATAL_FAILURE(enrol(late, county));
  level(late);
  EXPECT_FALSE(holds_body(late));
  EXPECT_EQ(names(late), "李四");
  EXPECT_TRUE(sound(late));
}

TEST_F(NodeErasureTest, ANewcomerIsFedTheMark) {
  county.order_erasure(*named);
  county.pass(kDelay);
  county.anchor();
  county.erase(named->index);
  Device late("erasure newcomer");
  ASSERT_NO_FATAL_FAILURE(enrol(late, county));
  level(late);
  EXPECT_EQ(names(late), "李四");
  EXPECT_TRUE(sound(late));
  level();
  EXPECT_EQ(late.node->folded().value()->digest(), reader.node->folded().value()->digest())
      << "marked when it was fed, or erased after it had been held whole";
}

TEST_F(NodeErasureTest, AServerThatTakesAwayWithoutAnErasureIsFound) {
  county.erase(named->index);
  Device late("erasure victim");
  ASSERT_NO_FATAL_FAILURE(enrol(late, county));
  level(late);
  const auto report = late.node->verify().value();
  EXPECT_FALSE(report.sound());
  EXPECT_NE(report.finding_en.find("no erasure names it"), std::string::npos) << report.finding_en;
  EXPECT_TRUE(sound(reader)) << "who had it keeps it";
}

TEST_F(NodeErasureTest, APhotoGoesWithThePartThatNamesIt) {
  const Bytes photo(1'000, 'p');
  const Digest digest = crypto::sha256(photo);
  const auto size = static_cast<std::uint32_t>(photo.size());
  county.blobs.named.insert({.digest = digest, .size = size});
  ASSERT_TRUE(author.node->store().add_blob(photo));
  event::PartFrame frame;
  frame.attachments.push_back({.digest = digest, .size = size, .media_type = "image/jpeg"});
  RecordDraft draft = visit(1);
  draft.parts = {visit_part(event::VisitOutcome::Met, frame)};
  const auto recorded = author.node->record(draft);
  ASSERT_TRUE(recorded);
  level();
  const auto index = county.log().index_of(author.node->key(), recorded->sequence).value();
  ASSERT_TRUE(index);
  county.order_erasure(*county.log().at(*index).value());
  EXPECT_EQ(author.node->store().blob(digest).value(), photo);
  county.pass(kDelay);
  county.anchor();
  level();
  EXPECT_FALSE(author.node->store().blob(digest).value());
  EXPECT_FALSE(author.node->store().has_blob(digest, size).value());
  EXPECT_TRUE(sound(author));
}

TEST_F(NodeErasureTest, WhatTheErasureMisnamesStays) {
  event::LoggedEvent other = *named;
  other.index = named->index + 1;
  county.order_erasure(other);
  county.pass(kDelay);
  county.anchor();
  level();
  for (Device* device : {&author, &reader}) EXPECT_EQ(names(*device), "张三李四");
  EXPECT_TRUE(author.node->store().own_event(author.node->key(), 1).value()->body.whole());
}
}  // namespace
}  // namespace cunji::fieldnode
