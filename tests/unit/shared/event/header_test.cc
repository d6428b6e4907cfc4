#include "shared/event/header.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
// Where each field begins (protocol/README.md).
enum Offset : std::size_t {
  kSuite = 0,
  kCounty = 1,
  kAuthor = 7,
  kSequence = 39,
  kPrevious = 47,
  kSeenSize = 79,
  kSeenDigest = 87,
  kRecorded = 119,
  kDivision = 127,
  kSubject = 139,
  kKind = 155,
  kBodyLength = 157,
  kCommitment = 161
};

static Bytes put(Bytes bytes, std::size_t at, BytesView value) {
  return bytes.replace(at, value.size(), value);
}
static Bytes u64(std::uint64_t v) { return ByteWriter().u64(v).take(); }
static Bytes u32(std::uint32_t v) { return ByteWriter().u32(v).take(); }
static Bytes u16(std::uint16_t v) { return ByteWriter().u16(v).take(); }

TEST(Header, HasItsFieldsWhereTheFormatSays) {
  const crypto::KeyPair key = key_of(1);
  const Header header = valid_header(key);
  const Bytes bytes = encode(header).str();
  ASSERT_EQ(bytes.size(), kHeaderBytes);
  EXPECT_EQ(bytes[kSuite], 1);
  EXPECT_EQ(bytes.substr(kCounty, 6), "411323");
  EXPECT_EQ(bytes.substr(kAuthor, 32), header.author.view());
  EXPECT_EQ(bytes.substr(kSequence, 8), u64(1));
  EXPECT_EQ(bytes.substr(kPrevious, 32), header.previous.view());
  EXPECT_EQ(bytes.substr(kSeenSize, 8), u64(7));
  EXPECT_EQ(bytes.substr(kSeenDigest, 32), header.seen.digest.view());
  EXPECT_EQ(bytes.substr(kRecorded, 8), u64(1'644'452'100'000));
  EXPECT_EQ(bytes.substr(kDivision, 12), "411323001201");
  EXPECT_EQ(bytes.substr(kSubject, 16), "household 000001");
  EXPECT_EQ(bytes.substr(kKind, 2), u16(1));
  EXPECT_EQ(bytes.substr(kBodyLength, 4), u32(16));
  EXPECT_EQ(bytes.substr(kCommitment, 32), header.commitment.view());
  EXPECT_EQ(decode_header(bytes).value(), header);
}

TEST(Header, RefusesWhatNoNodeWrites) {
  const Bytes good = encode(valid_header(key_of(1))).str();
  const Bytes founding = put(put(good, kKind, u16(64)), kDivision, "411323000000");
  struct Case {
    const char* name;
    Bytes bytes;
    const char* reason;
  };
  const Case cases[] = {
      {"empty", "", "size"},
      {"short", good.substr(0, 192), "size"},
      {"long", good + '\0', "size"},
      {"suite 0", put(good, kSuite, BytesView("\0", 1)), "suite"},
      {"suite 2", put(good, kSuite, "\2"), "suite"},
      {"letter in the county", put(good, kCounty, "41132x"), "county"},
      {"zero byte in the county", put(good, kCounty, BytesView("41132\0", 6)), "county"},
      {"sequence 0", put(good, kSequence, u64(0)), "sequence"},
      {"sequence too large", put(good, kSequence, u64(kSequenceMax + 1)), "sequence"},
      {"seen size 0", put(good, kSeenSize, u64(0)), "seen size"},
      {"seen size too large", put(good, kSeenSize, u64(kSequenceMax + 1)), "seen size"},
      {"founding with a seen size", founding, "seen size"},
      {"founding with a seen digest", put(founding, kSeenSize, u64(0)), "seen digest"},
      {"after the year 9999", put(good, kRecorded, u64(kTimeMillisMax + 1)), "recorded"},
      {"before 1970", put(good, kRecorded, u64(~0ULL)), "recorded"},
      {"letter in the division", put(good, kDivision, "41132300120x"), "division"},
      {"division of another county", put(good, kDivision, "411324001201"),
       "division outside the county"},
      {"governance in a village", put(good, kKind, u16(65)), "division of a governance event"},
      {"kind 0", put(good, kKind, u16(0)), "kind"},
      {"no body", put(good, kBodyLength, u32(0)), "body length"},
      {"body not padded", put(good, kBodyLength, u32(15)), "body length"},
      {"body too large", put(good, kBodyLength, u32(kBodyBytesMax + 16)), "body length"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto out = decode_header(c.bytes);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, Errc::Malformed);
    EXPECT_EQ(out.error().what, "event header: " + std::string(c.reason));
  }
}

TEST(Header, TakesTheOutermostValues) {
  const Bytes good = encode(valid_header(key_of(1))).str();
  struct Case {
    const char* name;
    Bytes bytes;
  };
  const Case cases[] = {
      {"largest sequence", put(good, kSequence, u64(kSequenceMax))},
      {"largest seen size", put(good, kSeenSize, u64(kSequenceMax))},
      {"time 0", put(good, kRecorded, u64(0))},
      {"last time", put(good, kRecorded, u64(kTimeMillisMax))},
      {"largest body", put(good, kBodyLength, u32(kBodyBytesMax))},
      {"unknown kind", put(good, kKind, u16(65'535))},
      {"no subject", put(good, kSubject, Bytes(16, '\0'))},
      {"the county's own division", put(good, kDivision, "411323000000")},
      {"governance", put(put(good, kKind, u16(70)), kDivision, "411323000000")},
      {"founding",
       put(put(put(put(good, kKind, u16(64)), kDivision, "411323000000"), kSeenSize, u64(0)),
           kSeenDigest, Bytes(32, '\0'))}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto out = decode_header(c.bytes);
    ASSERT_TRUE(out) << out.error().what;
    EXPECT_EQ(encode(*out).str(), c.bytes) << "the layout has one spelling";
  }
}
}  // namespace cunji::event
