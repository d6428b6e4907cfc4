#pragma once
// Looks at a protobuf message before it is parsed, so that a hostile one can't make the parser take
// many times its size in memory: empty sub-messages cost two bytes on the wire and eighty here.
#include <cstdint>
#include <optional>
#include <span>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/event/entry.h"

namespace cunji::proto {
class LoggedEvent;
}

namespace cunji::sync {
// How often a field may stand in a message, at its top level.
struct FieldLimit {
  std::uint32_t field = 0;
  std::size_t count_max = 0;
};
// Errc::Limit when a field is there more often; Errc::Malformed for bytes that are no message.
Result<void> check_counts(BytesView message, std::span<const FieldLimit> limits);

// The content of the only field of a message that is one length-delimited field and nothing else:
// a NodeFrame or ServerFrame. Errc::Malformed otherwise.
struct OnlyField {
  std::uint32_t field = 0;
  BytesView content;
};
Result<OnlyField> only_field(BytesView message);

// A Refusal's reason as it is shown to people: one line, printable, at most kReasonBytesMax.
std::string reason_line(BytesView text);

void to_proto(const event::LoggedEvent& logged, proto::LoggedEvent& out);
// Errc::Malformed; Errc::Forged when the body does not fit the header. The signature is not
// checked.
Result<event::LoggedEvent> from_proto(const proto::LoggedEvent& logged);
}  // namespace cunji::sync
