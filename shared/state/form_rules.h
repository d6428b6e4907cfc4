#pragma once
// What a form asks of whoever fills it in, judged in one place: by the device before something is
// signed (form_desk.h), and by the fold for whatever comes all the same (root_run.cc). Pure.
#include <string>
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
// Whether `who` is one of those whom a definition names: by role, office and level, or as whoever
// has a relation to the subject at hand.
bool is_one_of(const World& world, const std::vector<programme::Actor>& actors, const Acting& who,
               const At& at);
// Who records must be named; for whom he acts, too.
bool may_record(const World& world, const programme::Form& form, const Acting& author,
                const std::optional<Acting>& acted_by, const At& at);
// Whether a field is asked for, by the answers of `at.form`.
bool is_visible(const World& world, const programme::Field& field, const At& at);

// A range or a check that the answers of `at.form` break; exactly one of the two is set.
struct Breach {
  const programme::Field* field = nullptr;
  const programme::Check* check = nullptr;
  programme::Force force() const { return field != nullptr ? field->force : check->force; }
  const programme::Label& label() const { return field != nullptr ? field->label : check->label; }
  std::string rule() const { return field != nullptr ? std::string() : check->rule; }
};
// In the order of the definition. What can't be judged, for something is missing, is no breach.
std::vector<Breach> breaches(const World& world, const programme::Form& form, const At& at);

// The day of the period that answers speak of: in the year or month that they name, else
// `otherwise`.
Date period_day(const Values& values, const FormSaid& said, Date otherwise);
// Whether a case of `procedure` about `subject`, which belongs to `parent`, in the period that
// holds `period`, is the second beside `run`: of the spell, or of its period (`one_per`).
// kNoNumber: a subject that is still to be made, or what belongs to nothing.
bool is_second(const World& world, const programme::Procedure& procedure, std::uint32_t subject,
               std::uint32_t parent, Date period, const CaseRun& run, Date on);
}  // namespace cunji::state
