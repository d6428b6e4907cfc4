#include "shared/state/duty_status.h"

namespace cunji::state {
std::string_view name_of(DutyStatus status) {
  switch (status) {
    case DutyStatus::Done: return "done";
    case DutyStatus::Late: return "late";
    case DutyStatus::Missing: return "missing";
    case DutyStatus::Open: return "open";
    case DutyStatus::Contradicted: return "contradicted";
  }
  return {};
}

std::string_view name_of(TimeClass time_class) {
  switch (time_class) {
    case TimeClass::ProvenInTime: return "proven";
    case TimeClass::ClaimedInTime: return "claimed";
    case TimeClass::Contradicted: return "contradicted";
  }
  return {};
}

void StatusCounts::add(DutyStatus status) {
  switch (status) {
    case DutyStatus::Done: ++done; return;
    case DutyStatus::Late: ++late; return;
    case DutyStatus::Missing: ++missing; return;
    case DutyStatus::Open: ++open; return;
    case DutyStatus::Contradicted: ++contradicted; return;
  }
}
}  // namespace cunji::state
