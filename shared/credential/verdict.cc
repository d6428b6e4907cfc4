// The verdict (D7, D8): README.md, "Verdict", is its text, which verifiers in other languages
// follow. A change here is a new entry version.
#include <algorithm>

#include "shared/credential/governance.h"

namespace cunji::credential {
using event::Verdict;

bool Scope::covers(const DivisionCode& division) const {
  return !assigned.empty() || std::any_of(divisions.begin(), divisions.end(), [&](const auto& p) {
    return division.view().starts_with(p);
  });
}

bool Scope::contains(const Scope& other, CountyCode county) const {
  const auto within = [&](std::string_view prefix) {
    return std::any_of(divisions.begin(), divisions.end(),
                       [&](const std::string& ours) { return prefix.starts_with(ours); });
  };
  if (!other.assigned.empty()) return within(county.view());
  return std::all_of(other.divisions.begin(), other.divisions.end(), within);
}

// What one grant says: the first test that fails, in this order, or Accepted.
static Verdict judge_by(const Grant& grant, const event::Header& header, TimePoint received,
                        std::uint64_t seen_size) {
  const Duration late = std::chrono::days{grant.late_days};
  if (grant.pending) return Verdict::NoCredential;
  if (received < grant.valid_from || received > grant.valid_to + late)
    return Verdict::OutsideValidity;
  if (!grant.scope.covers(header.division)) return Verdict::OutsideDivision;
  if (!grant.kinds.contains(header.kind)) return Verdict::OutsideKind;
  const bool ended = grant.ended_at && *grant.ended_at < std::max(seen_size, grant.in_force);
  return ended ? Verdict::Revoked : Verdict::Accepted;
}

static Verdict judge_by(const KeyStatus& status, const event::Header& header, TimePoint received,
                        std::uint64_t seen_size) {
  if (status.frozen_at) return Verdict::Frozen;
  if (status.compromised_at) return Verdict::Revoked;
  Verdict nearest = Verdict::NoCredential;
  for (const Grant& grant : status.grants) {
    const Verdict verdict = judge_by(grant, header, received, seen_size);
    if (verdict == Verdict::Accepted) return verdict;
    nearest = std::max(nearest, verdict);  // The code's number grows with how nearly it fitted.
  }
  return nearest;
}

Verdict Governance::judge(std::uint64_t index, const event::Header& header, TimePoint received,
                          std::optional<std::uint64_t> seen_size, bool body_lost) const {
  const bool founding = header.kind == static_cast<std::uint16_t>(event::Kind::Founding);
  Verdict verdict = Verdict::NoCredential;
  if (index == 0) {
    if (founding) verdict = Verdict::Accepted;
  } else if (const KeyStatus* status = find(header.author)) {
    verdict = judge_by(*status, header, received, std::min(seen_size.value_or(index), index));
  }
  return verdict == Verdict::Accepted && body_lost ? Verdict::AcceptedBodyLost : verdict;
}
}  // namespace cunji::credential
