#include "shared/base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "shared/base/ids.h"

namespace cunji {
TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(to_hex(BytesView("\x00\x7f\xff\xa0", 4)), "007fffa0");
  EXPECT_EQ(from_hex("007FffA0").value(), Bytes("\x00\x7f\xff\xa0", 4));
  EXPECT_EQ(from_hex("").value(), "");
}

TEST(Hex, RefusesWhatIsNone) {
  for (const char* text : {"0", "0g", "g0", " 0", "0x", "00 "}) {
    const auto out = from_hex(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
}

TEST(Base64, TakesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text).value(), bytes);
  }
}

TEST(Base64, ReadsEveryByteValueBack) {
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(static_cast<char>(i));
    EXPECT_EQ(from_base64(to_base64(all)).value(), all);
  }
}

TEST(Base64, RefusesWhatHasAnotherSpelling) {
  // One value, one text: a note must not have two encodings that both verify.
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==",
                           "Zm9v\n", " Zm9", "Zm-_", "=Zg=", "Z=g="}) {
    const auto out = from_base64(text);
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code, Errc::Malformed) << text;
  }
}

TEST(ByteWriter, WritesBigEndianAndReaderReadsItBack) {
  const Bytes bytes =
      ByteWriter().u8(0xfe).u16(0x0102).u32(0xfffefdfc).u64(0x8182838485868788).raw("xyz").take();
  EXPECT_EQ(to_hex(bytes), "fe0102fffefdfc818283848586878878797a");
  ByteReader in(bytes);
  EXPECT_EQ(in.u8(), 0xfe);
  EXPECT_EQ(in.u16(), 0x0102);
  EXPECT_EQ(in.u32(), 0xfffefdfcU);
  EXPECT_EQ(in.u64(), 0x8182838485868788U);
  EXPECT_EQ(in.left(), 3U);
  EXPECT_FALSE(in.at_end());
  EXPECT_EQ(in.raw(3), "xyz");
  EXPECT_TRUE(in.at_end());
}

TEST(ByteReader, StaysFailedOnceItRanPastTheEnd) {
  ByteReader in("abc");
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0U) << "what was left is not handed out after a failure";
  EXPECT_FALSE(in.ok());
  EXPECT_FALSE(in.at_end());
  EXPECT_TRUE(in.fixed<Digest>().is_zero());
}

TEST(ByteReader, RefusesLengthsNearTheLargest) {
  ByteReader in("abc");
  EXPECT_EQ(in.raw(std::numeric_limits<std::size_t>::max()), "");
  EXPECT_FALSE(in.ok());
}

TEST(FixedBytes, TakesExactlyItsSize) {
  EXPECT_FALSE(Digest::from(Bytes(31, 'x')));
  EXPECT_FALSE(Digest::from(Bytes(33, 'x')));
  EXPECT_EQ(Digest::from("").error().code, Errc::Malformed);
  const auto digest = Digest::from(Bytes(32, 'x'));
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->str(), Bytes(32, 'x'));
  EXPECT_FALSE(digest->is_zero());
  EXPECT_TRUE(Digest{}.is_zero());
}

TEST(FixedBytes, OrdersByValueOfUnsignedBytes) {
  const auto low = Salt::from(Bytes(15, 'a') + '\x7f').value();
  const auto high = Salt::from(Bytes(15, 'a') + '\x80').value();
  EXPECT_LT(low, high) << "a signed comparison would order differently on another machine";
}
}  // namespace cunji
