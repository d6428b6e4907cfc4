// What the fold reads of an event's body.
#include "shared/event/kinds.h"
#include "shared/event/presence.h"
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
  Said visit(event::VisitOutcome outcome) const {
    if (!is({Kind::Visit, Kind::Correction})) return {};
    return Presence{.met = outcome == event::VisitOutcome::Met};
  }
  Said check_in() const {
    if (!is({Kind::Visit, Kind::CheckIn, Kind::Correction})) return {};
    return Presence{.met = false};
  }
  Said operator()(event::VisitPart& said) const { return visit(said.outcome); }
  Said operator()(event::CheckInPart&) const { return check_in(); }
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
  Said operator()(event::ReceiptPart& said) const {
    if (!is({Kind::Receipt})) return {};
    return Naming{
        .events = std::move(said.events), .part = 0, .purpose = std::nullopt, .receipt = true};
  }
  template <class Other>
  Said operator()(Other&) const {
    return {};
  }
};

template <class Part>
bool is_form(std::size_t form) {
  return event::PartContent(Part{}).index() == form;
}

bool is_read(std::uint16_t kind) {
  switch (static_cast<Kind>(kind)) {
    case Kind::Visit:
    case Kind::CheckIn:
    case Kind::Registration:
    case Kind::Assignment:
    case Kind::Correction:
    case Kind::Endorsement:
    case Kind::Receipt: return true;
    default: return false;  // Parts of forms, until the definitions that know them arrive.
  }
}
}  // namespace

bool may_have_held(std::uint16_t kind, std::size_t form) {
  switch (static_cast<Kind>(kind)) {
    case Kind::Visit: return is_form<event::VisitPart>(form) || is_form<event::CheckInPart>(form);
    case Kind::CheckIn: return is_form<event::CheckInPart>(form);
    case Kind::Registration: return is_form<event::RegistrationPart>(form);
    case Kind::Assignment: return is_form<event::AssignmentPart>(form);
    default: return false;
  }
}

// Nothing for a part that is wrong: it was logged all the same (D7), and has no effect.
static std::optional<SaidPart> read_part(const Reader& reader, BytesView padded) {
  // Nearly all are visits and check-ins, and of those next to nothing is read.
  if (const auto presence = event::read_presence(padded))
    return SaidPart{
        .form = presence->form,
        .subject = presence->subject,
        .occurred = presence->occurred,
        .said = presence->is_visit() ? reader.visit(presence->outcome) : reader.check_in()};
  auto part = event::parse_part(padded);
  if (!part) return std::nullopt;
  return SaidPart{.form = part->content.index(),
                  .subject = part->frame.subject,
                  .occurred = part->frame.occurred,
                  .said = std::visit(reader, part->content)};
}

void read_parts(const event::Header& header, std::span<const event::PartView> body,
                std::vector<SaidPart>& out) {
  out.clear();
  if (!is_read(header.kind)) return;
  const Reader reader{static_cast<Kind>(header.kind)};
  std::uint32_t number = 0;
  for (const event::PartView& view : body) {
    ++number;
    if (view.state != event::PartState::Present) continue;
    auto part = read_part(reader, view.padded);
    if (!part || std::holds_alternative<std::monostate>(part->said)) continue;
    part->number = number;
    if (part->subject.is_zero()) part->subject = header.subject;
    const bool about_nobody =
        std::holds_alternative<Presence>(part->said) && part->subject.is_zero();
    if (!about_nobody) out.push_back(std::move(*part));
  }
}
}  // namespace cunji::state
