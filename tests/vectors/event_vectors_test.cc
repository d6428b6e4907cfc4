// Holds the code to protocol/vectors/event.json and enrolment.json.
#include <gtest/gtest.h>

#include "shared/credential/code.h"
#include "shared/event/enrolment.h"
#include "shared/event/event.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
static event::Header header_of(const Json& j) {
  return {.county = CountyCode::parse(text_of(j["county"])).value(),
          .author = fixed_of<PublicKey>(j["author"]),
          .sequence = j["sequence"].get<std::uint64_t>(),
          .previous = fixed_of<Digest>(j["previous"]),
          .seen = {j["seen_size"].get<std::uint64_t>(), fixed_of<Digest>(j["seen_digest"])},
          .recorded = from_millis(j["recorded"].get<std::uint64_t>()),
          .division = DivisionCode::parse(text_of(j["division"])).value(),
          .subject = fixed_of<SubjectId>(j["subject"]),
          .kind = j["kind"].get<std::uint16_t>(),
          .body_length = j["body_length"].get<std::uint32_t>(),
          .commitment = fixed_of<Digest>(j["commitment"])};
}

static void expect_body(const Json& j, const event::Header& header) {
  const event::Body body = event::decode_body(bytes_of(j["bytes"])).value();
  EXPECT_EQ(to_hex(event::encode_body(body)), text_of(j["bytes"]));
  EXPECT_EQ(body.salt.has_value(), j.contains("salt"));
  if (body.salt) {
    EXPECT_EQ(*body.salt, fixed_of<Salt>(j["salt"]));
  }
  ASSERT_EQ(body.parts.size(), j["parts"].size());
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    const event::PartSlot& slot = body.parts[i];
    const Json& part = j["parts"][i];
    EXPECT_EQ(static_cast<int>(slot.state), part["state"].get<int>());
    EXPECT_EQ(slot.commitment, fixed_of<Digest>(part["commitment"]));
    if (slot.state != event::PartState::Present) continue;
    EXPECT_EQ(slot.salt, fixed_of<Salt>(part["salt"]));
    EXPECT_EQ(to_hex(event::unpad_part(slot.padded).value()), text_of(part["part"]));
  }
  EXPECT_TRUE(event::check_body(header, body));
}

TEST(EventVectors, EventsAreWhatTheySay) {
  const Json file = load("event.json");
  ASSERT_FALSE(file.is_discarded());
  const auto key = crypto::KeyPair::from_seed(fixed_of<crypto::Seed>(file["key"]["seed"]));
  EXPECT_EQ(key.public_key(), fixed_of<PublicKey>(file["key"]["public_key"]));
  ASSERT_GE(file["events"].size(), 9U);
  for (const Json& j : file["events"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const auto event = event::SignedEvent::decode(bytes_of(j["signed_event"]));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->header(), header_of(j["header"]));
    EXPECT_TRUE(event->verify());
    EXPECT_EQ(event->digest(), fixed_of<Digest>(j["digest"]));
    EXPECT_EQ(event::SignedEvent::sign(header_of(j["header"]), key), *event)
        << "Ed25519 is deterministic";
    expect_body(j["body"], event->header());
  }
}

TEST(EventVectors, RefusedEventsAreRefusedAsTheySay) {
  const Json file = load("event.json");
  ASSERT_GE(file["refused"].size(), 40U);
  for (const Json& j : file["refused"]) {
    SCOPED_TRACE(text_of(j["name"]));
    Error error;
    if (const auto event = event::SignedEvent::decode(bytes_of(j["signed_event"])); !event) {
      error = event.error();
    } else if (!event->verify()) {
      error = {Errc::Forged, "the signature does not verify"};
    } else if (const auto body = event::decode_body(bytes_of(j["body"]["bytes"])); !body) {
      error = body.error();
    } else {
      const auto checked = event::check_body(event->header(), *body);
      ASSERT_FALSE(checked);
      error = checked.error();
    }
    EXPECT_EQ(name_of(error.code), text_of(j["error"]));
    EXPECT_EQ(error.what, text_of(j["text"]));
  }
}

TEST(EnrolmentVectors, RequestsAreWhatTheySay) {
  const Json file = load("enrolment.json");
  ASSERT_FALSE(file.is_discarded());
  ASSERT_GE(file["requests"].size(), 2U);
  for (const Json& j : file["requests"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const Bytes bytes = bytes_of(j["bytes"]);
    const event::EnrolmentRequest expected{
        .root_digest = fixed_of<Digest>(j["root_digest"]),
        .key = fixed_of<PublicKey>(j["key"]),
        .predecessor = fixed_of<PublicKey>(j["predecessor"]),
        .predecessor_sequence = j["predecessor_sequence"].get<std::uint64_t>(),
        .predecessor_digest = fixed_of<Digest>(j["predecessor_digest"]),
        .nonce = fixed_of<Salt>(j["nonce"])};
    EXPECT_EQ(event::open_request(bytes).value(), expected);
    EXPECT_EQ(event::request_digest(bytes), fixed_of<Digest>(j["digest"]));
  }
  ASSERT_GE(file["refused"].size(), 9U);
  for (const Json& j : file["refused"]) {
    SCOPED_TRACE(text_of(j["name"]));
    const auto out = event::open_request(bytes_of(j["bytes"]));
    ASSERT_FALSE(out);
    EXPECT_EQ(name_of(out.error().code), text_of(j["error"]));
    EXPECT_EQ(out.error().what, text_of(j["text"]));
  }
}

TEST(EnrolmentVectors, CodesAreWhatTheySay) {
  const Json codes = load("enrolment.json")["enrolment_codes"];
  ASSERT_GE(codes["codes"].size(), 3U);
  for (const Json& j : codes["codes"]) {
    SCOPED_TRACE(text_of(j["typed"]));
    const auto code = credential::parse_code(text_of(j["typed"]));
    ASSERT_TRUE(code);
    EXPECT_EQ(*code, text_of(j["code"]));
    EXPECT_EQ(credential::show_code(*code), text_of(j["shown"]));
    const auto key = credential::code_key(*code);
    EXPECT_EQ(to_hex(key.view()), text_of(j["key"]));
    EXPECT_EQ(to_hex(credential::code_id(key).view()), text_of(j["id"]));
    EXPECT_EQ(credential::code_mac(key, bytes_of(j["request"]), fixed_of<Digest>(j["transcript"])),
              fixed_of<Digest>(j["mac"]));
  }
  for (const Json& j : codes["refused"]) {
    const auto out = credential::parse_code(text_of(j["typed"]));
    ASSERT_FALSE(out) << j["typed"];
    EXPECT_EQ(out.error().what, text_of(j["text"]));
  }
}
}  // namespace cunji::vectors
