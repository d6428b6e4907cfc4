#pragma once
// A made-up key that writes events, for tests that need a log with something in it.
#include <string>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/event.h"
#include "shared/log/event_log.h"

namespace cunji::testing_support {
inline CountyCode county() { return *CountyCode::parse("411323"); }
inline DivisionCode division(int number) {
  const std::string digits = std::to_string(1000 + number);
  return *DivisionCode::parse("411323001" + digits.substr(digits.size() - 3));
}

class Author {
 public:
  explicit Author(std::uint64_t seed) : entropy_(seed, "author"), key_(make(entropy_)) {
    request_ = "request of author " + std::to_string(seed);
    head_ = {.key = key_.public_key(), .digest = crypto::sha256(request_)};
  }
  const crypto::KeyPair& pair() const { return key_; }
  const PublicKey& key() const { return key_.public_key(); }
  const event::ChainHead& head() const { return head_; }
  const Bytes& request() const { return request_; }

  // The next event of the chain, which goes on from it.
  event::Event next(DivisionCode where = division(1), const std::string& part = "a part",
                    CountyCode in = county()) {
    event::Event out = at_head(where, part, in);
    head_ = event::advanced(head_, out.signed_event, out.signed_event.header().seen.size);
    return out;
  }
  // Another event for the same place in the chain: a fork when both are shown.
  event::Event at_head(DivisionCode where = division(1), const std::string& part = "a part",
                       CountyCode in = county()) {
    const event::Seen seen{.size = 1, .digest = crypto::sha256("a note")};
    return event::make_event(key_, in, head_, seen,
                             {.division = where,
                              .subject = *SubjectId::from("household 000001"),
                              .kind = event::Kind::Visit,
                              .recorded = from_millis(1'644'452'100'000),
                              .parts = {part}},
                             entropy_)
        .value();
  }
  void skip_to(const event::ChainHead& head) { head_ = head; }

 private:
  static crypto::KeyPair make(Entropy& entropy) { return crypto::KeyPair::generate(entropy); }
  crypto::SeededEntropy entropy_;
  crypto::KeyPair key_;
  Bytes request_;
  event::ChainHead head_;
};

inline log::NewEntry entry_of(const event::Event& event, std::uint64_t received_millis = 1'000,
                              std::uint64_t verified_seen_size = 0) {
  return {.event = event.signed_event,
          .body = event.body,
          .received = from_millis(received_millis),
          .verdict = event::Verdict::Accepted,
          .verified_seen_size = verified_seen_size};
}
}  // namespace cunji::testing_support
