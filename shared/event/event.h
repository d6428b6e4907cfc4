#pragma once
// An event as its author makes it: signed header and body together.
#include <span>
#include <vector>

#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"
#include "shared/event/body.h"
#include "shared/event/chain.h"
#include "shared/event/kinds.h"
#include "shared/event/signed_event.h"

namespace cunji::event {
struct Event {
  SignedEvent signed_event;
  Body body;
};

// What the author decides; the chain gives the rest.
struct Draft {
  DivisionCode division;
  SubjectId subject;
  Kind kind = Kind::Visit;
  TimePoint recorded{};      // The device's wall clock.
  std::vector<Bytes> parts;  // Serialized proto::Part messages, not yet padded.
};

// Signs the next event of a chain: `head` is the chain's head (sequence 0: nothing yet, digest of
// the enrolment request), `seen` the newest checkpoint known. The result passes every check that
// the server makes (D7). Errc::Limit for parts too many or too large, Errc::Malformed for a draft
// that decode_header would refuse.
Result<Event> make_event(const crypto::KeyPair& key, CountyCode county, const ChainHead& head,
                         const Seen& seen, const Draft& draft, Entropy& entropy);
}  // namespace cunji::event
