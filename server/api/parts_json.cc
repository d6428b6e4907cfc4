#include "server/api/parts_json.h"

#include <google/protobuf/util/json_util.h>

#include "protocol/api.pb.h"
#include "protocol/event.pb.h"
#include "server/api/masking.h"
#include "server/api/text.h"
#include "shared/event/kinds.h"
#include "shared/event/parts.h"
#include "shared/log/export.h"

namespace cunji::server {
namespace {
// A message as a JSON object within an answer.
Outcome<void> put_struct(const google::protobuf::Message& message, google::protobuf::Struct& out) {
  namespace util = google::protobuf::util;
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!util::MessageToJsonString(message, &text, options).ok() ||
      !util::JsonStringToMessage(text, &out).ok())
    return Error{Errc::Unknown, "a part could not be written as JSON"};
  return {};
}

// A present part that this reader may see; nothing otherwise.
std::optional<proto::Part> readable(const event::LoggedEvent& logged, const event::PartSlot& slot,
                                    const EventReader& reader) {
  if (slot.state != event::PartState::Present) return std::nullopt;
  const auto part = event::parse_part(slot.padded);
  const auto bytes = event::unpad_part(slot.padded);
  const event::Header& header = logged.entry.event.header();
  // Endorsements in the county's division are public: verdicts rest on them (D19).
  const bool open = reader.author || log::needs_body(header);
  if (!bytes || (!open && !(part && may_read(reader.rights, header.kind, *part))))
    return std::nullopt;
  proto::Part out;
  if (!out.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) return std::nullopt;
  return out;
}

bool mask_for(const event::LoggedEvent& logged, const EventReader& reader, proto::Part& part) {
  if (reader.author || event::is_governance(logged.entry.event.header().kind)) return false;
  return mask(reader.rights, part);
}

const char* name_of(event::PartState state) {
  switch (state) {
    case event::PartState::Present: return "present";
    case event::PartState::Withheld: return "withheld";
    case event::PartState::Erased: return "erased";
    case event::PartState::Lost: return "lost";
  }
  return "lost";
}

Outcome<void> put_part(const event::LoggedEvent& logged, const event::PartSlot& slot,
                       const EventReader& reader, api::Part& out) {
  out.set_commitment(to_hex(slot.commitment.view()));
  auto content = readable(logged, slot, reader);
  const bool hidden = slot.state == event::PartState::Present && !content;
  out.set_state(hidden ? "withheld" : name_of(slot.state));
  if (!content) return {};
  out.set_masked(mask_for(logged, reader, *content));
  return put_struct(*content, *out.mutable_content());
}
}  // namespace

Outcome<void> put_value(const state::FactView& fact, const Rights& rights, api::Fact& out) {
  if (!is_shown(rights, fact.name)) {
    out.set_masked(true);
    return {};
  }
  // By way of a part, which knows how a value is written.
  event::RegistrationPart said;
  said.facts.push_back({.name = fact.name, .key = fact.key, .value = fact.value});
  proto::Part part;
  if (!part.ParseFromString(event::encode_part(said)))
    return Error{Errc::Unknown, "a fact could not be written"};
  out.set_masked(mask(rights, part));
  return put_struct(part.registration().facts(0).value(), *out.mutable_value());
}

Outcome<void> put_event(const event::LoggedEvent& logged, const EventReader& reader,
                        const credential::Governance& governance,
                        const std::optional<state::EventStanding>& standing, api::Event& out) {
  const event::Entry& entry = logged.entry;
  const event::Header& header = entry.event.header();
  const auto kind = event::info_of(header.kind);
  out.set_index(logged.index);
  out.set_digest(to_hex(entry.event.digest().view()));
  out.set_kind(kind ? std::string(kind->name) : std::to_string(header.kind));
  out.set_division(header.division.str());
  if (!header.subject.is_zero()) out.set_subject(to_hex(header.subject.view()));
  out.set_author(to_hex(header.author.view()));
  const credential::KeyStatus* author = governance.find(header.author);
  if (author != nullptr && !author->grants.empty()) {
    const credential::Grant& grant = author->grants.back();
    if (!grant.person.is_zero()) out.set_person(to_hex(grant.person.view()));
    out.set_role(grant.role);
  }
  out.set_recorded(rfc3339(header.recorded));
  out.set_received(rfc3339(entry.received));
  out.set_verdict(std::string(event::name_of(entry.verdict)));
  out.set_verdict_zh(std::string(event::label_zh_of(entry.verdict)));
  for (const event::PartSlot& slot : logged.body.parts) {
    api::Part& part = *out.add_parts();
    part.set_number(static_cast<std::uint32_t>(out.parts_size()));
    TRY(put_part(logged, slot, reader, part));
  }
  if (!standing) return {};
  out.set_in_effect(standing->in_effect);
  out.set_withdrawn(standing->withdrawn);
  out.set_time_doubtful(standing->doubtful);
  if (standing->lower != TimePoint{}) out.set_not_before(rfc3339(standing->lower));
  for (const state::EventStanding::Part& judged : standing->parts) {
    if (judged.number == 0 || judged.number > logged.body.parts.size()) continue;
    api::Part& part = *out.mutable_parts(static_cast<int>(judged.number) - 1);
    part.set_effective(judged.effective);
    if (judged.occurred) part.set_occurred(rfc3339(*judged.occurred));
  }
  return {};
}

event::Body readable_body(const event::LoggedEvent& logged, const EventReader& reader) {
  event::Body out = logged.body;
  bool all = true;
  for (event::PartSlot& slot : out.parts) {
    if (slot.state != event::PartState::Present) continue;
    auto content = readable(logged, slot, reader);
    if (content && !mask_for(logged, reader, *content)) continue;
    slot = {.state = event::PartState::Withheld,
            .salt = {},
            .padded = {},
            .commitment = slot.commitment};
    all = false;
  }
  if (!all) out.salt.reset();  // All parts' salts come from it.
  return out;
}
}  // namespace cunji::server
