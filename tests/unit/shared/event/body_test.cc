#include "shared/event/body.h"

#include <gtest/gtest.h>

#include "tests/unit/shared/event/support.h"

namespace cunji::event {
TEST(Padding, RoundsUpToSixteenAndComesOffAgain) {
  const std::pair<std::size_t, std::size_t> cases[] = {
      {0, 16}, {1, 16}, {15, 16}, {16, 32}, {31, 32}};
  for (const auto& [plain, padded] : cases) {
    for (const char fill : {'x', '\0', '\x80'}) {  // Content that looks like padding is content.
      const Bytes part(plain, fill);
      const Bytes out = pad_part(part).value();
      EXPECT_EQ(out.size(), padded);
      EXPECT_EQ(unpad_part(out).value(), part);
    }
  }
}

TEST(Padding, HasOneSpelling) {
  const Bytes zeros(16, '\0');
  for (const Bytes& padded :
       {Bytes(), zeros, Bytes(15, 'x') + '\1', Bytes(15, 'x'), Bytes("x\x80") + Bytes(13, '\0'),
        Bytes(16, 'x'), Bytes("x\x80") + Bytes(30, '\0'), '\x80' + Bytes(31, '\0'),
        '\x80' + Bytes(16, '\0')}) {
    const auto out = unpad_part(padded);
    ASSERT_FALSE(out) << to_hex(padded);
    EXPECT_EQ(out.error().code, Errc::Malformed);
  }
}

TEST(Padding, StopsAtThePartsLimit) {
  EXPECT_EQ(pad_part(Bytes(kPartBytesMax - 1, 'x')).value().size(), kPartBytesMax);
  EXPECT_EQ(pad_part(Bytes(kPartBytesMax, 'x')).error().code, Errc::Limit);
}

TEST(MakeBody, BoundsPartsAndBytes) {
  const Bytes part = pad_part("x").value(), large = pad_part(Bytes(kPartBytesMax - 1, 'x')).value();
  EXPECT_EQ(make_body({}, {}).error().code, Errc::Limit);
  EXPECT_TRUE(make_body({}, std::vector<Bytes>(kPartsMax, part)));
  EXPECT_EQ(make_body({}, std::vector<Bytes>(kPartsMax + 1, part)).error().code, Errc::Limit);
  EXPECT_TRUE(make_body({}, {large, large}));
  EXPECT_EQ(make_body({}, {large, large, part}).error().code, Errc::Limit);
  EXPECT_EQ(make_body({}, {"not padded"}).error().code, Errc::Malformed);
}

// A body of three parts with its header, and what its holders may have left of it.
class BodyTest : public ::testing::Test {
 protected:
  static PartSlot without(PartSlot slot, PartState state) {
    return {.state = state, .salt = {}, .padded = {}, .commitment = slot.commitment};
  }
  Body partial(PartState state) const {
    Body out = event_.body;
    out.salt.reset();
    out.parts[1] = without(out.parts[1], state);
    return out;
  }
  const Header& header() const { return event_.signed_event.header(); }
  Event event_ = valid_event(key_of(1), draft({"one", Bytes(40, '2'), ""}));
};

TEST_F(BodyTest, CommitsToEveryPartUnderASaltOfItsOwn) {
  const Body& body = event_.body;
  ASSERT_EQ(body.parts.size(), 3U);
  Bytes input(1, '\3');
  for (std::size_t i = 0; i < 3; ++i) {
    const Bytes number(1, static_cast<char>(i + 1));
    const Digest mac = crypto::hmac_sha256(body.salt->view(), {number});
    EXPECT_EQ(body.parts[i].salt.view(), mac.view().substr(0, 16));
    EXPECT_EQ(body.parts[i].commitment,
              crypto::sha256(body.parts[i].salt.str() + body.parts[i].padded));
    input += body.parts[i].commitment.str();
  }
  EXPECT_EQ(header().commitment, crypto::sha256(input));
  EXPECT_EQ(header().body_length, 16U + 48U + 16U);
}

TEST_F(BodyTest, IsGoodWholeInPartOrGone) {
  EXPECT_TRUE(event_.body.whole());
  EXPECT_FALSE(event_.body.lost());
  EXPECT_TRUE(check_body(header(), event_.body));
  for (const PartState state : {PartState::Withheld, PartState::Erased, PartState::Lost}) {
    const Body body = partial(state);
    EXPECT_FALSE(body.whole());
    EXPECT_FALSE(body.lost());
    EXPECT_TRUE(check_body(header(), body));
  }
  Body gone = partial(PartState::Lost);
  for (PartSlot& slot : gone.parts) slot = without(slot, PartState::Lost);
  EXPECT_TRUE(gone.lost());
  EXPECT_TRUE(check_body(header(), gone));
  EXPECT_TRUE(Body{}.lost());
  EXPECT_TRUE(check_body(header(), Body{}));
  Body own_salts = event_.body;
  own_salts.salt.reset();
  EXPECT_TRUE(own_salts.whole());
  EXPECT_TRUE(check_body(header(), own_salts));
}

TEST_F(BodyTest, RefusesWhatTheHeaderDoesNotCommitTo) {
  struct Case {
    const char* name;
    std::function<void(Body&)> change;
    Errc code;
    const char* reason;
  };
  const char* const kPart2 = "part 2: does not match its commitment";
  const char* const kWhole = "body does not match the header's commitment";
  const Case cases[] = {
      {"a byte", [](Body& b) { b.parts[1].padded[0] ^= 1; }, Errc::Forged, kPart2},
      {"a part's salt", [](Body& b) { b.parts[1].salt.bytes[0] ^= 1; }, Errc::Forged, kPart2},
      {"the body's salt", [](Body& b) { b.salt->bytes[0] ^= 1; }, Errc::Forged,
       "part 1: does not match its commitment"},
      {"a commitment", [](Body& b) { b.parts[1].commitment.bytes[0] ^= 1; }, Errc::Forged, kPart2},
      {"salt and commitment",
       [](Body& b) {
         b.salt.reset();
         b.parts[1].salt.bytes[0] ^= 1;
         b.parts[1].commitment = part_commitment(b.parts[1].salt, b.parts[1].padded);
       },
       Errc::Forged, kWhole},
      {"a part left out", [](Body& b) { b.parts.pop_back(); }, Errc::Forged, kWhole},
      {"a part added",
       [](Body& b) {
         b.salt.reset();
         b.parts.push_back(b.parts[0]);
       },
       Errc::Forged, kWhole},
      {"parts exchanged",
       [](Body& b) {
         b.salt.reset();
         std::swap(b.parts[0], b.parts[1]);
       },
       Errc::Forged, kWhole},
      {"padding", [](Body& b) { b.parts[1].padded.back() = 'x'; }, Errc::Malformed,
       "part 2: padding"},
      {"bytes where none may be",
       [](Body& b) {
         b.salt.reset();
         b.parts[1].state = PartState::Withheld;
       },
       Errc::Malformed, "part 2: bytes, though not present"},
      {"a salt without its parts",
       [](Body& b) { b.parts[1] = without(b.parts[1], PartState::Withheld); }, Errc::Malformed,
       "salt of a body that is not whole"},
      {"too many parts", [](Body& b) { b.parts.resize(kPartsMax + 1, b.parts[0]); }, Errc::Limit,
       "a body has 1 to 32 parts"},
      {"too large a part", [](Body& b) { b.parts[0].padded.resize(kPartBytesMax + 16); },
       Errc::Limit, "part 1 is too large"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Body body = event_.body;
    c.change(body);
    const auto out = check_body(header(), body);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().code, c.code);
    EXPECT_EQ(out.error().what, c.reason);
  }
}

TEST_F(BodyTest, ErasedPartsLeaveTheirCommitmentAndNothingToGuessWith) {
  Body body = event_.body;
  const Bytes salt = body.salt->str();
  EXPECT_FALSE(erase_parts(body, PartSet()));
  EXPECT_FALSE(erase_parts(body, PartSet().set(3))) << "it has three parts";
  EXPECT_EQ(body, event_.body);
  ASSERT_TRUE(erase_parts(body, PartSet().set(1).set(3)));
  EXPECT_EQ(parts_in(body, PartState::Erased), PartSet().set(1));
  EXPECT_EQ(parts_in(body, PartState::Present), PartSet().set(0).set(2));
  EXPECT_TRUE(check_body(header(), body));
  EXPECT_EQ(body.parts[0], event_.body.parts[0]);
  const Bytes bytes = encode_body(body);
  EXPECT_EQ(bytes.find(Bytes(40, '2')), Bytes::npos);
  EXPECT_EQ(bytes.find(salt), Bytes::npos) << "every part's salt follows from it";
  EXPECT_EQ(bytes.find(event_.body.parts[1].salt.view()), Bytes::npos);
  EXPECT_EQ(decode_body(bytes).value(), body);
  EXPECT_FALSE(erase_parts(body, PartSet().set(1))) << "gone already";

  ASSERT_TRUE(erase_parts(body, PartSet().set()));
  EXPECT_FALSE(body.lost()) << "the verdict on a lost body is another one";
  EXPECT_TRUE(check_body(header(), body));
}

TEST_F(BodyTest, ErasingLeavesLostPartsLostAndTakesWithheldOnes) {
  Body lost = partial(PartState::Lost), withheld = partial(PartState::Withheld);
  const PartSet was_lost = parts_in(lost, PartState::Lost);
  ASSERT_TRUE(was_lost.any());
  EXPECT_TRUE(erase_parts(lost, PartSet().set()));
  EXPECT_EQ(parts_in(lost, PartState::Lost), was_lost);
  EXPECT_TRUE(erase_parts(withheld, PartSet().set()));
  EXPECT_EQ(parts_in(withheld, PartState::Erased).count(), withheld.parts.size());
  Body gone;
  EXPECT_FALSE(erase_parts(gone, PartSet().set()));
}

TEST_F(BodyTest, RefusesALengthThatTheHeaderDoesNotSay) {
  Header other = header();
  other.body_length += 16;
  EXPECT_EQ(check_body(other, event_.body).error().what, "body length");
  other.body_length = 16 + 16;  // What is present of the partial body; the missing part takes some.
  EXPECT_EQ(check_body(other, partial(PartState::Withheld)).error().what, "body length");
}

TEST_F(BodyTest, ReadsBackWhatItWrites) {
  Body own_salts = event_.body;
  own_salts.salt.reset();
  for (const Body& body : {event_.body, own_salts, partial(PartState::Withheld),
                           partial(PartState::Erased), partial(PartState::Lost), Body{}}) {
    const Bytes bytes = encode_body(body);
    EXPECT_LE(bytes.size(), kEncodedBodyBytesMax);
    EXPECT_EQ(decode_body(bytes).value(), body);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      EXPECT_EQ(decode_body(bytes.substr(0, n)).error().code, Errc::Malformed) << "cut at " << n;
    EXPECT_EQ(decode_body(bytes + '\0').error().code, Errc::Malformed);
  }
}

TEST_F(BodyTest, TheLargestBodyKeepsTheLimitOfItsBytes) {
  std::vector<Bytes> parts(kPartsMax, pad_part(Bytes(kBodyBytesMax / kPartsMax - 1, 'x')).value());
  Body body = make_body({}, parts).value();
  EXPECT_LE(encode_body(body).size(), kEncodedBodyBytesMax);
  body.salt.reset();
  EXPECT_LE(encode_body(body).size(), kEncodedBodyBytesMax);
}

TEST(DecodeBody, RefusesWhatItNeverWrites) {
  const Bytes salt(16, 's'), digest(32, 'd');
  struct Case {
    const char* name;
    Bytes bytes;
  };
  const Case cases[] = {
      {"too many parts", Bytes("\x21\0", 2)},
      {"salt flag 2", Bytes("\1\2", 2)},
      {"a salt and no part", Bytes("\0\1", 2) + salt},
      {"unknown state", Bytes("\1\0\4", 3) + digest},
      {"withheld under a salt", Bytes("\1\1", 2) + salt + '\1' + digest},
      {"length beyond the part's limit", Bytes("\1\0\0", 3) + salt + Bytes("\x7f\xff\xff\xff")},
      {"length beyond the bytes", Bytes("\1\0\0", 3) + salt + Bytes("\0\0\0\x10", 4)}};
  for (const Case& c : cases)
    EXPECT_EQ(decode_body(c.bytes).error().code, Errc::Malformed) << c.name;
}
}  // namespace cunji::event
