#include "shared/event/chain.h"

namespace cunji::event {
ChainLink link_of(const ChainHead& head, const SignedEvent& event) {
  CHECK(event.header().author == head.key);
  const std::uint64_t sequence = event.header().sequence;
  if (sequence <= head.sequence) return ChainLink::Known;
  if (sequence > head.sequence + 1) return ChainLink::Gap;
  return event.header().previous == head.digest ? ChainLink::Next : ChainLink::Broken;
}

ChainHead advanced(const ChainHead& head, const SignedEvent& event, std::uint64_t seen_size) {
  CHECK(link_of(head, event) == ChainLink::Next);
  return {.key = head.key,
          .sequence = event.header().sequence,
          .digest = event.digest(),
          .seen_size_max = std::max(head.seen_size_max, seen_size)};
}
}  // namespace cunji::event
