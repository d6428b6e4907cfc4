#pragma once
// file_score@1: what a file audit gives: the share of marks that its items have (VCO-R11, VCO-W09).
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: audit_items, audit_present, audit_complete, audit_updated, audit_correct, score_full.
// out: the score, half up; missing for an audit of nothing.
std::vector<programme::Amount> file_score(std::span<const programme::Amount, 6> in, Date on);
}  // namespace cunji::village_coordinators
