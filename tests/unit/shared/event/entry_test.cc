#include "shared/event/entry.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
static Entry some_entry() {
  const crypto::KeyPair key = key_of(1);
  return {.received = some_time(),
          .verdict = Verdict::OutsideDivision,
          .division_previous = crypto::sha256("leaf"),
          .event = SignedEvent::sign(valid_header(key), key)};
}

TEST(Entry, IsThreeHundredBytesInTheFormatsOrder) {
  const Entry entry = some_entry();
  const Bytes bytes = entry.encode();
  ASSERT_EQ(bytes.size(), kEntryBytes);
  EXPECT_EQ(bytes, ByteWriter()
                       .u8(1)
                       .u64(1'644'452'100'000)
                       .u16(18)
                       .raw(entry.division_previous.view())
                       .raw(entry.event.encode())
                       .take());
  EXPECT_EQ(entry.leaf_hash(), crypto::sha256(Bytes(1, '\0') + bytes));
  const Entry back = decode_entry(bytes).value();
  EXPECT_EQ(back.encode(), bytes);
  EXPECT_EQ(back.received, entry.received);
  EXPECT_EQ(back.verdict, entry.verdict);
  EXPECT_EQ(back.event, entry.event);
}

TEST(Entry, RefusesWhatNoLogHolds) {
  const Bytes good = some_entry().encode();
  const auto put = [&](std::size_t at, const Bytes& value) {
    return Bytes(good).replace(at, value.size(), value);
  };
  struct Case {
    const char* name;
    Bytes bytes;
    const char* reason;
  };
  const Case cases[] = {
      {"short", good.substr(1), "entry: size"},
      {"long", good + 'x', "entry: size"},
      {"version 0", put(0, Bytes(1, '\0')), "entry: version"},
      {"version 2", put(0, "\2"), "entry: version"},
      {"time", put(1, ByteWriter().u64(kTimeMillisMax + 1).take()), "entry: received"},
      {"verdict 3", put(9, ByteWriter().u16(3).take()), "entry: verdict"},
      {"verdict 22", put(9, ByteWriter().u16(22).take()), "entry: verdict"},
      {"header", put(43, "\2"), "event header: suite"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto out = decode_entry(c.bytes);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Malformed);
    EXPECT_EQ(out.error().what, c.reason);
  }
}

TEST(Verdict, HasItsNumberNameAndLabel) {
  const std::pair<int, const char*> cases[] = {
      {0, "accepted"},       {1, "accepted_body_lost"}, {2, "accepted_chain_unproven"},
      {16, "no_credential"}, {17, "outside_validity"},  {18, "outside_division"},
      {19, "outside_kind"},  {20, "revoked"},           {21, "frozen"}};
  std::set<std::string_view> labels;
  for (const auto& [number, name] : cases) {
    const auto verdict = static_cast<Verdict>(number);
    EXPECT_EQ(name_of(verdict), name);
    EXPECT_TRUE(labels.insert(label_zh_of(verdict)).second);
    EXPECT_EQ(is_accepted(verdict), number < 16);
  }
}
}  // namespace cunji::event
