#include "server/api/event_reader.h"

#include "server/api/text.h"
#include "shared/log/export.h"

namespace cunji::server {
std::optional<std::uint64_t> index_of(const Call& call, const std::string& index_or_digest) {
  const auto digest = parse_hex<Digest>(index_or_digest);
  if (!digest) return parse_number(index_or_digest);
  const auto standing =
      call.fold.read([&](const state::State& newest) { return newest.standing(*digest); });
  return standing ? std::optional(standing->index) : std::nullopt;
}

bool in_scope(const Call& call, const event::LoggedEvent& logged) {
  const event::Header& header = logged.entry.event.header();
  return log::needs_body(header) || header.author == call.key ||
         !call.scope->rights(header.division, header.subject).none();
}

// Parts about a household that has moved away are not for its old village any more.
EventReader reader_of(Call& call, const event::LoggedEvent& logged, const state::State& newest) {
  const event::Header& header = logged.entry.event.header();
  const bool household = !newest.residences(header.subject).empty();
  const EventReader out{.rights = household
                                      ? call.scope->rights_to_household(header.subject, newest)
                                      : call.scope->rights(header.division, header.subject),
                        .author = header.author == call.key};
  if (household && !out.rights.none()) call.shown.insert(header.subject);
  return out;
}
}  // namespace cunji::server
