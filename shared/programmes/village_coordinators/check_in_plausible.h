#pragma once
// check_in_plausible@1: how far from the home, at how many homes' place and how soon after another
// household a coordinator checked in (VCO-W02, VCO-W03). Questions for the town, never a refusal.
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: home_place, home_place_learned, building, as of the visit. Around it: the visit, then those
// of the same person before it in the month, the newest first. out: millimetres from the home, less
// the accuracy; households visited at this place; seconds since another household that day. Each
// missing where it can't be told; all are, where nobody of the house was to be met there.
std::vector<programme::Amount> check_in_plausible(std::span<const programme::Amount, 3> in,
                                                  const programme::Around& around);
}  // namespace cunji::village_coordinators
