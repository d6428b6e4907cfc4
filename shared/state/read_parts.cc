// What the fold reads of an event's body.
#include "shared/event/kinds.h"
#include "shared/state/events.h"

namespace cunji::state {
namespace {
using event::Kind;

// Turns what a part says into what the fold keeps; monostate where the kind may not carry it. An
// event's kind is what its author was authorised for, so no kind smuggles another's content in.
struct Reader {
  Kind kind;

  bool is(std::initializer_list<Kind> kinds) const {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }
  Said operator()(event::VisitPart& said) const {
    if (!is({Kind::Visit, Kind::Correction})) return {};
    return Presence{.met = said.outcome == event::VisitOutcome::Met};
  }
  Said operator()(event::CheckInPart&) const {
    if (!is({Kind::Visit, Kind::CheckIn, Kind::Correction})) return {};
    return Presence{.met = false};
  }
  Said operator()(event::RegistrationPart& said) const {
    if (!is({Kind::Registration, Kind::Correction})) return {};
    return std::make_shared<const event::RegistrationPart>(std::move(said));
  }
  Said operator()(event::AssignmentPart& said) const {
    if (!is({Kind::Assignment, Kind::Correction})) return {};
    return std::move(said);
  }
  Said operator()(event::CorrectionPart& said) const {
    if (!is({Kind::Correction})) return {};
    return Naming{.events = {said.event}, .part = said.part, .purpose = std::nullopt};
  }
  Said operator()(event::EndorsementPart& said) const {
    if (!is({Kind::Endorsement})) return {};
    return Naming{.events = std::move(said.events), .part = 0, .purpose = said.purpose};
  }
  template <class Other>
  Said operator()(Other&) const {
    return {};
  }
};

bool is_read(std::uint16_t kind) {
  switch (static_cast<Kind>(kind)) {
    case Kind::Visit:
    case Kind::CheckIn:
    case Kind::Registration:
    case Kind::Assignment:
    case Kind::Correction:
    case Kind::Endorsement: return true;
    default: return false;  // Parts of forms, until the definitions that know them arrive.
  }
}
}  // namespace

void read_parts(const event::Header& header, const event::Body& body, std::vector<SaidPart>& out) {
  out.clear();
  if (!is_read(header.kind)) return;
  std::uint32_t number = 0;
  for (const event::PartSlot& slot : body.parts) {
    ++number;
    if (slot.state != event::PartState::Present) continue;
    auto part = event::parse_part(slot.padded);
    if (!part) continue;  // Logged, though its content is wrong (D7): it has no effect.
    SaidPart record{.number = number,
                    .form = part->content.index(),
                    .subject = part->frame.subject.is_zero() ? header.subject : part->frame.subject,
                    .occurred = part->frame.occurred,
                    .said = std::visit(Reader{static_cast<Kind>(header.kind)}, part->content)};
    const bool said = !std::holds_alternative<std::monostate>(record.said);
    const bool about_nobody =
        std::holds_alternative<Presence>(record.said) && record.subject.is_zero();
    if (said && !about_nobody) out.push_back(std::move(record));
  }
}
}  // namespace cunji::state
