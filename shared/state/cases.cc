// A root's cases, run anew from its parts: README.md, "Cases".
#include "shared/state/cases.h"

#include <algorithm>

#include "shared/crypto/hash.h"

namespace cunji::state {
const StageRun* CaseRun::reached(std::size_t stage, const When& until, std::uint32_t known) const {
  const StageRun* out = nullptr;
  for (const StageRun& run : stages)
    if (run.stage == stage && !run.withdrawn && is_reached(run, until, known)) out = &run;
  return out;
}

bool CaseRun::waits_at(std::size_t stage, const When& until, std::uint32_t known) const {
  return std::any_of(stages.begin(), stages.end(), [&](const StageRun& run) {
    return run.stage == stage && run.arrived < until && run.arrived.place < known &&
           !is_reached(run, until, known);
  });
}

const std::set<std::uint32_t>& Cases::with(Symbol procedure) const {
  static const std::set<std::uint32_t> kNone;
  const auto found = with_.find(procedure);
  return found == with_.end() ? kNone : found->second;
}

Cases::Root Cases::exchange(std::uint32_t root, Root now) {
  Root before;
  if (const auto found = roots_.find(root); found != roots_.end()) {
    for (const CaseRun& run : found->second.runs) with_[run.procedure->id].erase(root);
    before = std::move(found->second);
    roots_.erase(found);
  }
  for (const CaseRun& run : now.runs) with_[run.procedure->id].insert(root);
  const bool empty = now.runs.empty() && now.listed.empty() && now.effects.facts.empty() &&
                     now.effects.made.empty() && now.effects.links.empty();
  if (!empty) roots_.emplace(root, std::move(now));
  return before;
}

std::uint32_t root_of(const Register& facts, std::uint32_t subject) {
  // Bounded: parents of declared types are no circle in one definition, but may be said wrongly.
  for (int steps = 0; steps < 8 && subject != kNoNumber; ++steps) {
    const std::uint32_t parent = facts.parent_of(subject);
    if (parent == kNoNumber) return subject;
    subject = parent;
  }
  return subject;
}

SubjectId derived_id(const Digest& event, std::uint32_t part, std::string_view what) {
  ByteWriter number;
  number.u32(part);
  const Digest digest = crypto::sha256({"cunji/subject/v1\n", event.view(), number.take(), what});
  return SubjectId::from(digest.view().substr(0, SubjectId::kSize)).value();
}

void take_back(const CaseEffects& effects, Events& events) {
  Register& facts = events.facts_to_change();
  for (const auto& each : effects.facts) facts.remove(each.subject, each.version);
  for (const auto& each : effects.links) facts.remove(each.when, each.said);
  for (auto it = effects.made.rbegin(); it != effects.made.rend(); ++it)
    facts.remove_subject(it->when, it->division, it->subject, it->type, it->parent);
}
}  // namespace cunji::state
