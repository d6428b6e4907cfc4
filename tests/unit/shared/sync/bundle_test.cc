// `.cunji` files: read by the one they are sealed to, and by nobody else.
#include "shared/sync/bundle.h"

#include "shared/sync/limits.h"
#include "tests/unit/shared/sync/node.h"

namespace cunji::sync {
namespace {
struct Bundled {
  Bundled() {
    node.record(village(1), 1'100);
    file = write_bundle(county_code(), reader.public_key, node.own, entropy).value();
  }
  TestCounty county;
  TestNode node{"first", county, {village(1)}};
  crypto::SeededEntropy entropy{1, "bundle"};
  crypto::BoxPair reader = crypto::generate_box_pair(entropy);
  Bytes file;
};

TEST(Bundle, GivesTheEventsToItsReader) {
  const Bundled b;
  const auto bundle = read_bundle(b.file);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(bundle->county, county_code());
  EXPECT_EQ(bundle->to, b.reader.public_key);
  EXPECT_EQ(bundle->sealed.size(), 2u);
  std::vector<event::Event> events;
  for (std::size_t i = 0; i < bundle->sealed.size(); ++i) {
    const auto batch = open_bundle(*bundle, i, b.reader);
    ASSERT_TRUE(batch) << batch.error().what;
    events.insert(events.end(), batch->begin(), batch->end());
  }
  ASSERT_EQ(events.size(), b.node.own.size());
  for (std::size_t i = 0; i < events.size(); ++i)
    EXPECT_EQ(events[i].signed_event, b.node.own[i].signed_event);
}

TEST(Bundle, NamesTheNewestOfEachChainAndIsHeldToIt) {
  const Bundled b;
  auto bundle = read_bundle(b.file).value();
  EXPECT_EQ(bundle.newest, std::vector{b.node.own.back().signed_event.digest()});
  const auto events = open_whole_bundle(bundle, b.reader);
  ASSERT_TRUE(events) << events.error().what;
  EXPECT_EQ(events->size(), b.node.own.size());
  bundle.newest = {b.node.own.front().signed_event.digest()};
  EXPECT_EQ(open_whole_bundle(bundle, b.reader).error().code, Errc::Forged);
  bundle.newest.clear();
  EXPECT_TRUE(open_whole_bundle(bundle, b.reader)) << "as files were before";
}

TEST(Bundle, ABoxKeyIsSignedByItsNodeForItsCounty) {
  crypto::SeededEntropy entropy(1, "box key");
  const crypto::KeyPair node = key_of("node");
  const auto box = crypto::generate_box_pair(entropy).public_key;
  const Bytes statement = sign_box_key(node, county_code(), box);
  const auto opened = open_box_key(statement, county_code());
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(opened->node, node.public_key());
  EXPECT_EQ(opened->box, box);
  const CountyCode other = CountyCode::parse("411324").value();
  EXPECT_EQ(open_box_key(statement, other).error().code, Errc::Forged);
  for (std::size_t at = 0; at < statement.size(); ++at) {
    Bytes altered = statement;
    altered[at] ^= 1;
    EXPECT_EQ(open_box_key(altered, county_code()).error().code, Errc::Forged) << at;
    EXPECT_EQ(open_box_key(statement.substr(0, at), county_code()).error().code, Errc::Malformed);
  }
  EXPECT_EQ(open_box_key(statement + "x", county_code()).error().code, Errc::Malformed);
}

TEST(Bundle, OpensForNobodyElse) {
  Bundled b;
  const crypto::BoxPair other = crypto::generate_box_pair(b.entropy);
  const auto bundle = read_bundle(b.file);
  ASSERT_TRUE(bundle);
  EXPECT_EQ(open_bundle(*bundle, 0, other).error().code, Errc::Forged);
}

TEST(Bundle, AnAlteredBatchDoesNotOpen) {
  const Bundled b;
  auto bundle = read_bundle(b.file);
  ASSERT_TRUE(bundle);
  for (const std::size_t at : {std::size_t{0}, std::size_t{40}, bundle->sealed[0].size() - 1}) {
    SealedBundle altered = *bundle;
    altered.sealed[0][at] ^= 1;
    EXPECT_EQ(open_bundle(altered, 0, b.reader).error().code, Errc::Forged) << at;
  }
}

TEST(Bundle, HoldsEventsOfItsCountyOnly) {
  const Bundled b;
  auto bundle = read_bundle(b.file);
  bundle->county = CountyCode::parse("411324").value();
  EXPECT_EQ(open_bundle(*bundle, 0, b.reader).error().code, Errc::Malformed);
}

TEST(Bundle, RefusesFilesThatAreNone) {
  const Bundled b;
  proto::Bundle good;
  ASSERT_TRUE(good.ParseFromString(b.file));
  const auto with = [&](const std::function<void(proto::Bundle&)>& alter) {
    proto::Bundle out = good;
    alter(out);
    return out.SerializeAsString();
  };
  struct Case {
    const char* name;
    Bytes file;
    Errc expected = Errc::Malformed;
  };
  const Case cases[] = {
      {"empty", ""},
      {"garbage", "\xff\xff\xff garbage"},
      {"truncated", b.file.substr(0, b.file.size() / 2)},
      {"version", with([](auto& m) { m.set_version(2); })},
      {"county", with([](auto& m) { m.set_county("county"); })},
      {"reader", with([](auto& m) { m.set_to("short"); })},
      {"digest", with([](auto& m) { m.add_newest("short"); })},
      {"too many chains", with([](auto& m) {
         for (std::size_t i = 0; i < kBundleChainsMax; ++i) m.add_newest(Bytes(32, 'x'));
       }),
       Errc::Limit},
      {"batch too large", with([](auto& m) { m.add_sealed(Bytes(kFrameBytesMax + 1, 'x')); }),
       Errc::Limit},
      {"too many batches", with([](auto& m) {
         for (std::size_t i = 0; i < kBundleBatchesMax; ++i) m.add_sealed(Bytes(1, 'x'));
       }),
       Errc::Limit},
      {"too large", Bytes(kBundleBytesMax + 1, 'x'), Errc::Limit}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto bundle = read_bundle(c.file);
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().code, c.expected) << bundle.error().what;
  }
}

TEST(Bundle, IsNotSealedToAPointThatIsNoKey) {
  Bundled b;
  EXPECT_FALSE(write_bundle(county_code(), crypto::BoxPublic{}, b.node.own, b.entropy));
}
}  // namespace
}  // namespace cunji::sync
