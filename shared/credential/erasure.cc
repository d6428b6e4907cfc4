// What erasures do (protocol/README.md, "What governance entries do"), and what they reach.
#include "shared/credential/erasure.h"

#include <algorithm>

#include "shared/credential/governance.h"
#include "shared/log/export.h"

namespace cunji::credential {
using event::EntryView;

static Scope scope_of(const std::vector<event::ErasedEvent>& events) {
  Scope out;
  for (const event::ErasedEvent& each : events) out.divisions.push_back(each.division.str());
  return out;
}

Erasure* Governance::find_erasure(const Digest& digest) {
  const auto found = std::find_if(erasures_.begin(), erasures_.end(),
                                  [&](const Erasure& each) { return each.event == digest; });
  return found == erasures_.end() ? nullptr : &*found;
}

void Governance::apply_erasure(const EntryView& logged) {
  const auto said = event::first_content<event::ErasurePart>(logged.body);
  if (!said) return;
  if (said->withdraws) return withdraw_erasure(*said->withdraws, logged);
  if (authority(logged, event::Kind::Erasure, scope_of(said->events)) == nullptr) return;
  const event::Header& header = logged.entry.event.header();
  Erasure out{.event = logged.entry.event.digest(),
              .index = logged.index,
              .author = header.author,
              .sequence = header.sequence,
              .events = said->events,
              .basis = said->basis,
              .remark = said->remark,
              .logged = logged.entry.received,
              .due = std::nullopt,
              .withdrawn_at = std::nullopt};
  if (county_->persons_required < 2) out.due = logged.entry.received + kErasureDelay;
  for (std::size_t i = 0; i < out.events.size(); ++i)
    erased_at_[out.events[i].index].emplace_back(erasures_.size(), i);
  erasures_.push_back(std::move(out));
}

void Governance::confirm_erasure(const Digest& digest, const EntryView& second) {
  Erasure* erasure = find_erasure(digest);
  if (erasure == nullptr || erasure->due || erasure->withdrawn_at) return;
  const Grant* by = authority(second, event::Kind::Erasure, scope_of(erasure->events));
  const PersonId& first_person = keys_.at(erasure->author).grants.front().person;
  if (by == nullptr || by->person == first_person) return;
  erasure->second = by->key;
  erasure->second_sequence = second.entry.event.header().sequence;
  erasure->due = second.entry.received + kErasureDelay;
}

// One person is enough: nothing is lost by waiting for a new erasure.
void Governance::withdraw_erasure(const Digest& digest, const EntryView& logged) {
  Erasure* erasure = find_erasure(digest);
  if (erasure == nullptr || erasure->withdrawn_at || erasure->in_effect(logged.entry.received))
    return;
  if (authority(logged, event::Kind::Erasure, scope_of(erasure->events)) != nullptr)
    erasure->withdrawn_at = logged.index;
}

void Governance::withdraw_erasures_of(const PublicKey& key, std::uint64_t vouched,
                                      const EntryView& logged) {
  for (Erasure& erasure : erasures_) {
    const bool signed_it = (erasure.author == key && erasure.sequence > vouched) ||
                           (erasure.second == key && erasure.second_sequence > vouched);
    if (signed_it && !erasure.withdrawn_at && !erasure.in_effect(logged.entry.received))
      erasure.withdrawn_at = logged.index;
  }
}

std::vector<Governance::ErasureOf> Governance::erasures_of(std::uint64_t index, const Digest& event,
                                                           std::uint16_t kind,
                                                           const DivisionCode& division) const {
  std::vector<ErasureOf> out;
  const auto found = erased_at_.find(index);
  // What verdicts rest on is public, names nobody, and stays (D2).
  if (found == erased_at_.end() || log::needs_body(kind, division)) return out;
  for (const auto& [number, item] : found->second) {
    const Erasure& erasure = erasures_[number];
    const event::ErasedEvent& named = erasure.events[item];
    // The author's authority was held against the division that it named: it must be the event's.
    const bool names_it =
        index < erasure.index && named.event == event && named.division == division;
    if (names_it && erasure.is_confirmed())
      out.push_back({.erasure = &erasure, .parts = named.parts});
  }
  std::sort(out.begin(), out.end(), [](const ErasureOf& a, const ErasureOf& b) {
    return *a.erasure->due != *b.erasure->due ? *a.erasure->due < *b.erasure->due
                                              : a.erasure->index < b.erasure->index;
  });
  return out;
}

event::PartSet Governance::erased_parts(std::uint64_t index, const event::SignedEvent& event,
                                        TimePoint at) const {
  event::PartSet out;
  const event::Header& header = event.header();
  for (const ErasureOf& each : erasures_of(index, event.digest(), header.kind, header.division)) {
    if (each.erasure->in_effect(at)) out |= each.parts;
  }
  return out;
}
}  // namespace cunji::credential
