#pragma once
// A small county for the tests of this folder: its keys, a log that begins with the founding event,
// people who sign. Keys come from seeds; the time is counted by hand.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "server/intake/intake.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"

namespace cunji::server {
inline const CountyCode kCounty = CountyCode::parse("990001").value();
inline const DivisionCode kVillage = DivisionCode::parse("990001001001").value();
inline const DivisionCode kOtherVillage = DivisionCode::parse("990001001002").value();
inline constexpr std::uint64_t kStartMillis = 1'650'000'000'000;
inline const std::string kOrigin = "cunji/990001/1";

inline TimePoint at_minute(int minute) {
  return from_millis(kStartMillis) + std::chrono::minutes{minute};
}
inline crypto::KeyPair key_of(const std::string& name) {
  crypto::SeededEntropy entropy(7, name);
  return crypto::KeyPair::generate(entropy);
}

// Somebody with a key and a chain.
class Author {
 public:
  explicit Author(const std::string& name, const PublicKey* root = nullptr)
      : key(key_of(name)), entropy_(11, name) {
    const event::EnrolmentRequest said{
        .root_digest = crypto::sha256((root ? *root : key_of("root").public_key()).view()),
        .key = key.public_key(),
        .predecessor = {},
        .predecessor_sequence = 0,
        .predecessor_digest = {},
        .nonce = entropy_.next<Salt>()};
    request = event::sign_request(said, key);
    person = entropy_.next<PersonId>();
    head = {.key = key.public_key(),
            .sequence = 0,
            .digest = event::request_digest(request),
            .seen_size_max = 0};
  }

  event::Event sign(event::Kind kind, const DivisionCode& division,
                    const event::PartContent& content, TimePoint recorded = at_minute(0)) {
    const auto event = event::make_event(key, kCounty, head, seen,
                                         {.division = division,
                                          .subject = {},
                                          .kind = kind,
                                          .recorded = recorded,
                                          .parts = {event::encode_part(content)}},
                                         entropy_)
                           .value();
    head = event::advanced(head, event.signed_event, seen.size);
    return event;
  }
  event::Event visit(const DivisionCode& division = kVillage) {
    return sign(event::Kind::Visit, division,
                event::VisitPart{.outcome = event::VisitOutcome::Met,
                                 .place = {},
                                 .purpose = {},
                                 .who_was_met = {},
                                 .changes_found = false,
                                 .remark = {}});
  }
  // The credential of another, by this author.
  event::Event credential(const Author& other, const std::string& role,
                          std::vector<event::Kind> kinds,
                          std::vector<std::string> divisions = {"990001001001"},
                          std::uint32_t events_a_day = 2'000,
                          std::uint64_t bytes_a_day = 20ULL << 20) {
    std::vector<std::uint16_t> numbers;
    for (const event::Kind kind : kinds) numbers.push_back(static_cast<std::uint16_t>(kind));
    return sign(event::Kind::Credential, kCounty.division(),
                event::CredentialPart{.key = other.key.public_key(),
                                      .enrolment_digest = event::request_digest(other.request),
                                      .enrolment_request = other.request,
                                      .person = other.person,
                                      .role = role,
                                      .office = {},
                                      .kinds = numbers,
                                      .divisions = std::move(divisions),
                                      .assigned = {},
                                      .valid_from = at_minute(-60),
                                      .valid_to = at_minute(60 * 24 * 365),
                                      .late_days = 45,
                                      .events_a_day = events_a_day,
                                      .bytes_a_day = bytes_a_day});
  }

  crypto::KeyPair key;
  Bytes request;
  PersonId person;
  event::ChainHead head;
  event::Seen seen{.size = 1, .digest = {}};

 private:
  crypto::SeededEntropy entropy_;
};

// The founding event, and the root as its author with the chain after it.
inline event::Event found_county(Author& root, bool test_county = true) {
  root.head.digest = crypto::sha256({kOrigin, "\n"});
  root.seen = {};
  const auto founding = root.sign(event::Kind::Founding, kCounty.division(),
                                  event::FoundingPart{.name = "测试县",
                                                      .origin = kOrigin,
                                                      .log_key = key_of("log").public_key(),
                                                      .box_key = Bytes(32, '\1'),
                                                      .persons_required = 1,
                                                      .test_county = test_county});
  root.seen = {.size = 1, .digest = {}};
  return founding;
}
}  // namespace cunji::server
