#pragma once
// What a key may read now (D18): by the divisions of its standing credentials, and by the subjects
// that are assigned to its person. Made anew for each request.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/rights.h"
#include "shared/credential/governance.h"
#include "shared/state/state.h"

namespace cunji::server {
class ReadScope {
 public:
  // `newest` is the fold as it is now; `today` the county's day.
  ReadScope(const std::vector<const credential::Grant*>& standing, const state::State& newest,
            Date today);

  // Whether anything of households is readable at all.
  bool empty() const { return areas_.empty() && assigned_.empty(); }
  // False where subjects are assigned one by one: then no proof shows that nothing was left out.
  bool complete() const { return assigned_.empty(); }
  // Prefixes of divisions, none within another; those within `wanted`, or `wanted` itself.
  std::vector<std::string> prefixes_within(std::string_view wanted) const;
  const std::set<SubjectId>& assigned() const { return subjects_; }
  // What the reader may do with something about `subject` in `division`; none: not for him.
  Rights rights(const DivisionCode& division, const SubjectId& subject) const;
  // The same for a household, by where it lives now: when it has moved away, its old village's
  // readers no longer see it, and its new one's see all of it.
  Rights rights_to_household(const SubjectId& household, const state::State& newest) const;

 private:
  struct Area {
    std::string prefix;
    Rights rights;
  };
  struct Assignment {
    std::set<SubjectId> subjects;
    Rights rights;
  };
  std::vector<Area> areas_;
  std::vector<Assignment> assigned_;
  std::set<SubjectId> subjects_;  // Of all assignments.
  Date today_;
};
}  // namespace cunji::server
