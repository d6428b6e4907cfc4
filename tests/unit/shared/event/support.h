#pragma once
// A county, a key and a valid event, for the tests of this folder to break.
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/enrolment.h"
#include "shared/event/entry.h"
#include "shared/event/event.h"

namespace cunji::event {
inline CountyCode county() { return CountyCode::parse("411323").value(); }
inline DivisionCode village() { return DivisionCode::parse("411323001201").value(); }
inline TimePoint some_time() { return from_millis(1'644'452'100'000); }

inline crypto::KeyPair key_of(std::uint64_t seed) {
  crypto::SeededEntropy entropy(seed, "key");
  return crypto::KeyPair::generate(entropy);
}

inline Header valid_header(const crypto::KeyPair& key) {
  return {.county = county(),
          .author = key.public_key(),
          .sequence = 1,
          .previous = crypto::sha256("request"),
          .seen = {.size = 7, .digest = crypto::sha256("note text")},
          .recorded = some_time(),
          .division = village(),
          .subject = SubjectId::from("household 000001").value(),
          .kind = static_cast<std::uint16_t>(Kind::Visit),
          .body_length = 16,
          .commitment = crypto::sha256("commitment")};
}

inline Draft draft(std::vector<Bytes> parts = {"a part", "another part, longer than sixteen"}) {
  return {.division = village(),
          .subject = SubjectId::from("household 000001").value(),
          .kind = Kind::Visit,
          .recorded = some_time(),
          .parts = std::move(parts)};
}

inline ChainHead first_head(const crypto::KeyPair& key) {
  return {.key = key.public_key(), .digest = crypto::sha256("request")};
}

inline Event valid_event(const crypto::KeyPair& key, const Draft& what = draft()) {
  crypto::SeededEntropy entropy(2, "event");
  return make_event(key, county(), first_head(key), {7, crypto::sha256("note text")}, what, entropy)
      .value();
}
}  // namespace cunji::event
