// Definitions: two persons put one in force (D19), each with the right to publish in the county.
#include "shared/credential/publication.h"

#include <algorithm>

#include "shared/credential/governance.h"

namespace cunji::credential {
static Scope whole(CountyCode county) { return {.divisions = {county.str()}, .assigned = {}}; }

void Governance::apply_definition(const event::EntryView& logged) {
  if (authority(logged, event::Kind::Definition, whole(county_->code)) == nullptr) return;
  const event::Header& header = logged.entry.event.header();
  Publication out{.event = logged.entry.event.digest(),
                  .index = logged.index,
                  .author = header.author,
                  .sequence = header.sequence,
                  .definitions = {},
                  .confirmed_at = std::nullopt};
  for (const event::PartView& view : logged.body) {
    if (view.state != event::PartState::Present) return;
    auto part = event::parse_part(view.padded);
    auto* said = part ? std::get_if<event::DefinitionPart>(&part->content) : nullptr;
    if (said == nullptr) return;  // All of it or nothing.
    out.definitions.push_back(std::move(said->definition));
  }
  if (county_->persons_required < 2) out.confirmed_at = logged.index;
  publications_.push_back(std::move(out));
}

void Governance::confirm_definition(const Digest& digest, const event::EntryView& second) {
  const auto found = std::find_if(publications_.begin(), publications_.end(),
                                  [&](const Publication& each) { return each.event == digest; });
  if (found == publications_.end() || found->confirmed_at) return;
  const Grant* by = authority(second, event::Kind::Definition, whole(county_->code));
  const PersonId& first_person = keys_.at(found->author).grants.front().person;
  if (by == nullptr || by->person == first_person) return;
  found->second = by->key;
  found->second_sequence = second.entry.event.header().sequence;
  found->confirmed_at = second.index;
}

void Governance::withdraw_definitions_of(const PublicKey& key, std::uint64_t vouched) {
  for (Publication& each : publications_) {
    const bool signed_it = (each.author == key && each.sequence > vouched) ||
                           (each.second == key && each.second_sequence > vouched);
    if (signed_it) each.withdrawn = true;
  }
}
}  // namespace cunji::credential
