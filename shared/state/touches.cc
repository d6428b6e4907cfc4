// What a part that comes or goes means for cases: whose are run again, and which of these may go on
// where they stopped.
#include <algorithm>

#include "shared/state/cases.h"
#include "shared/state/events.h"

namespace cunji::state {
// By how a visit looks beside the same author's others, later ones of its month are judged.
void Events::touch_later_visits(std::uint32_t author, const Occurrence& visit) {
  const auto all = visits_by_.of(author);
  for (auto later = std::upper_bound(all.begin(), all.end(), visit); later != all.end(); ++later) {
    if (month_of(date_of(later->occurred)) != month_of(date_of(visit.occurred))) return;
    touched_.insert(subject_of(*later));
    disturbed_.insert(subject_of(*later));
  }
}

void Events::touch_all() {
  for (const PartRecord& part : parts_)
    if (part.is_effective() &&
        (part.kind == ContentKind::Form || part.kind == ContentKind::Statement))
      touch(part);
}

void Events::touch(const PartRecord& part, bool comes_last) {
  if (part.kind == ContentKind::Assignment) {
    const Assigned& said = assignments_[part.content];
    touched_.insert({said.from, said.to});
    disturbed_.insert({said.from, said.to});
    changed_.insert({said.from, said.to});
    return;
  }
  const auto add = [&](std::uint32_t subject) {
    touched_.insert(subject);
    if (!comes_last) disturbed_.insert(subject);
  };
  add(part.subject);
  if (part.kind == ContentKind::Registration) changed_.insert(part.subject);
  if (const std::uint32_t named = case_of(part); named != kNoNumber) add(named);
  if (part.kind != ContentKind::Statement) return;
  for (const std::uint32_t subject : statements_[part.content].subjects) add(subject);
}

// What a part that takes effect, or has none any more, means for runs of cases that are to go on
// where they stopped.
void Events::note_change(Place place, const PartRecord& part, bool put) {
  const bool comes_last = put && is_newest(place);
  switch (part.kind) {
    case ContentKind::Visit:
    case ContentKind::CheckIn:
      if (comes_last) {
        visited_.emplace_back(part.subject, part.applied());
      } else {
        disturbed_.insert(part.subject);
      }
      return;
    case ContentKind::Form:
      if (!comes_last) ++revisions_[records_[place].author];
      return touch(part, comes_last);
    case ContentKind::Statement: return touch(part, comes_last);
    case ContentKind::Naming:
      if (!comes_last) ++generation_;
      return touch(part, comes_last);
    case ContentKind::Registration: {
      const std::uint32_t parent = registrations_[part.content].parent;
      if (parent != kNoNumber) disturbed_.insert({parent, root_of(register_, parent)});
      disturbed_.insert(root_of(register_, part.subject));
      return touch(part);
    }
    case ContentKind::Assignment: return touch(part);
  }
}
}  // namespace cunji::state
