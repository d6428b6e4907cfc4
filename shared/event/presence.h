#pragma once
// What the fold reads of a visit or a check-in, taken from its bytes without building the message:
// some fifty times as quick as parse_part, whose word it is to be.
#include <optional>

#include "shared/event/parts.h"

namespace cunji::event {
struct PresenceGist {
  std::size_t form = 0;  // Which alternative of PartContent it is: VisitPart or CheckInPart.
  SubjectId subject{};   // Zero: the event's subject.
  std::optional<TimePoint> occurred{};
  VisitOutcome outcome = VisitOutcome::Unspecified;

  bool is_visit() const;
};

// Of a padded part that is a visit or a check-in, sound, and written as encode_part writes it:
// known fields in ascending order, no actors, participants or attachments. Nothing for all else,
// sound or not: parse_part knows. Where this gives something, parse_part gives a part that says the
// same.
std::optional<PresenceGist> read_presence(BytesView padded);
}  // namespace cunji::event
