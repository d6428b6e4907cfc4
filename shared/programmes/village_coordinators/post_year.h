#pragma once
// post_year@1: the points of one person's seat in one village in a year (VCO-A06, A07, A13).
#include "shared/programme/calculation.h"

namespace cunji::village_coordinators {
// in: appointed_on, left_on, visits_due, visits_done, visits_late, visits_missed, w_check_in,
// info_in_order, info_checked, w_quality, file_points, file_points_full, w_files, attended_points,
// attendance_full, exam_points, exam_full, w_training. Around it: the months of the visits.
// out: visits in time, visits missed, and the points of check-ins, quality, files and trainings,
// each half up; all missing without a month that counts.
std::vector<programme::Amount> post_year(std::span<const programme::Amount, 18> in,
                                         const programme::Around& around);
}  // namespace cunji::village_coordinators
