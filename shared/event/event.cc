#include "shared/event/event.h"

namespace cunji::event {
Result<Event> make_event(const crypto::KeyPair& key, CountyCode county, const ChainHead& head,
                         const Seen& seen, const Draft& draft, Entropy& entropy) {
  CHECK(head.key == key.public_key());
  std::vector<Bytes> padded;
  for (const Bytes& part : draft.parts) {
    TRY_AS(bytes, pad_part(part));
    padded.push_back(std::move(bytes));
  }
  TRY_AS(body, make_body(entropy.next<Salt>(), std::move(padded)));
  std::vector<Digest> commitments;
  std::size_t length = 0;
  for (const PartSlot& slot : body.parts) {
    commitments.push_back(slot.commitment);
    length += slot.padded.size();
  }
  const Header header{.county = county,
                      .author = key.public_key(),
                      .sequence = head.sequence + 1,
                      .previous = head.digest,
                      .seen = seen,
                      .recorded = draft.recorded,
                      .division = draft.division,
                      .subject = draft.subject,
                      .kind = static_cast<std::uint16_t>(draft.kind),
                      .body_length = static_cast<std::uint32_t>(length),
                      .commitment = body_commitment(commitments)};
  TRY(decode_header(encode(header).view()));
  return Event{SignedEvent::sign(header, key), std::move(body)};
}
}  // namespace cunji::event
