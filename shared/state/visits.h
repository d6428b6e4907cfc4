#pragma once
// Visits and attempts, by household, in the order in which they happened.
#include <map>

#include "shared/base/ids.h"
#include "shared/state/digest_writer.h"
#include "shared/state/when.h"

namespace cunji::state {
struct VisitEntry {
  std::uint32_t event = 0;  // Place of its event among the events held (events.h).
  DivisionCode division;
  bool met = false;  // Else an attempt: nobody at home, refused, by telephone (VCO-A03).
};

class Visits {
 public:
  using ByTime = std::map<When, VisitEntry>;

  void add(const SubjectId& household, const When& when, const VisitEntry& entry) {
    of_[household].emplace(when, entry);
  }
  void remove(const SubjectId& household, const When& when) {
    const auto found = of_.find(household);
    CHECK(found != of_.end() && found->second.erase(when) == 1);
    if (found->second.empty()) of_.erase(found);
  }
  // Empty where there are none.
  const ByTime& of(const SubjectId& household) const {
    static const ByTime kNone;
    const auto found = of_.find(household);
    return found == of_.end() ? kNone : found->second;
  }
  void write(DigestWriter& out) const {
    out.u64(of_.size());
    for (const auto& [household, entries] : of_) {
      out.text(household.view()).u64(entries.size());
      for (const auto& [when, entry] : entries)
        out.when(when).text(entry.division.view()).flag(entry.met);
    }
  }

 private:
  friend struct SnapshotAccess;
  std::map<SubjectId, ByTime> of_;
};
}  // namespace cunji::state
