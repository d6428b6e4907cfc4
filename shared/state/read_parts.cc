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
    return Presence{.visit = true, .outcome = outcome};
  }
  Said check_in(event::VisitOutcome outcome) const {
    if (!is({Kind::Visit, Kind::CheckIn, Kind::Correction})) return {};
    return Presence{.visit = false, .outcome = outcome};
  }
  Said operator()(event::VisitPart& said) const { return visit(said.outcome); }
  Said operator()(event::CheckInPart& said) const { return check_in(said.outcome); }
  Said operator()(event::RegistrationPart& said) const {
    if (!is({Kind::Registration, Kind::Correction})) return {};
    return std::make_shared<event::RegistrationPart>(std::move(said));
  }
  Said operator()(event::AssignmentPart& said) const {
    if (!is({Kind::Assignment, Kind::Correction})) return {};
    return std::move(said);
  }
  Said operator()(event::StatementPart& said) const {
    if (!is({Kind::Step, Kind::Correction})) return {};
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
    case Kind::Application:
    case Kind::Survey:
    case Kind::Alert:
    case Kind::Step:
    case Kind::Notice:
    case Kind::Payment:
    case Kind::Score:
    case Kind::Correction:
    case Kind::Endorsement:
    case Kind::Receipt: return true;
    default: return false;  // Governance, and kinds of a later time.
  }
}
}  // namespace

// The kinds whose events hold forms' answers: which form goes with which kind is for its definition
// to say (programme/model.h).
static bool holds_forms(Kind kind) {
  switch (kind) {
    case Kind::Visit:
    case Kind::CheckIn:
    case Kind::Application:
    case Kind::Survey:
    case Kind::Registration:
    case Kind::Assignment:
    case Kind::Alert:
    case Kind::Step:
    case Kind::Notice:
    case Kind::Payment:
    case Kind::Score: return true;
    default: return false;
  }
}

bool may_have_held(std::uint16_t kind, std::size_t form) {
  if (is_form<event::AnswersPart>(form)) return holds_forms(static_cast<Kind>(kind));
  switch (static_cast<Kind>(kind)) {
    case Kind::Visit: return is_form<event::VisitPart>(form) || is_form<event::CheckInPart>(form);
    case Kind::CheckIn: return is_form<event::CheckInPart>(form);
    case Kind::Registration: return is_form<event::RegistrationPart>(form);
    case Kind::Assignment: return is_form<event::AssignmentPart>(form);
    case Kind::Step: return is_form<event::StatementPart>(form);
    default: return false;
  }
}

// Nothing for a part that is wrong: it was logged all the same (D7), and has no effect.
static std::optional<SaidPart> read_part(const Reader& reader, BytesView padded) {
  // Nearly all are visits and check-ins, and of those next to nothing is read.
  if (const auto presence = event::read_presence(padded))
    return SaidPart{.form = presence->form,
                    .subject = presence->subject,
                    .occurred = presence->occurred,
                    .said = presence->is_visit() ? reader.visit(presence->outcome)
                                                 : reader.check_in(presence->outcome)};
  auto part = event::parse_part(padded);
  if (!part) return std::nullopt;
  SaidPart out{.form = part->content.index(),
               .subject = part->frame.subject,
               .occurred = part->frame.occurred};
  const bool is_correction = reader.kind == Kind::Correction;
  if (std::holds_alternative<event::AnswersPart>(part->content)) {
    if (is_correction || holds_forms(reader.kind))
      out.said = std::make_shared<event::Part>(std::move(*part));
    return out;
  }
  out.said = std::visit(reader, part->content);
  if (auto* presence = std::get_if<Presence>(&out.said)) {
    if (part->frame.acted_by || !part->frame.participants.empty())
      presence->frame = std::make_shared<const event::Part>(std::move(*part));
  }
  return out;
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
