// What an event must be by itself, before its place in a chain matters (D7).
#include "protocol/sync.pb.h"
#include "server/intake/intake.h"

namespace cunji::server {
std::optional<RefusalReason> check(const event::Event& event, CountyCode county) {
  const event::Header& header = event.signed_event.header();
  if (header.county != county)
    return RefusalReason{proto::REFUSAL_CODE_COUNTY,
                         "an event of county " + header.county.str() + ", this is " + county.str()};
  if (!event.signed_event.verify())
    return RefusalReason{proto::REFUSAL_CODE_SIGNATURE, "the author's signature does not verify"};
  if (const auto body = event::check_body(header, event.body); !body)
    return RefusalReason{proto::REFUSAL_CODE_BODY, body.error().what};
  // An author has its own parts, or has lost them. To log a part as withheld would lose it for
  // good.
  for (const event::PartSlot& part : event.body.parts) {
    if (part.state == event::PartState::Withheld || part.state == event::PartState::Erased)
      return RefusalReason{proto::REFUSAL_CODE_BODY, "a part is held back from the county's log"};
  }
  return std::nullopt;
}
}  // namespace cunji::server
