#pragma once
// What people do with the programmes of documents 08 and 18, by what their own device shows them:
// steps of the cases that wait for them, what comes up in a village, lists of a town.
#include <vector>

#include "tools/demo_county/worker.h"

namespace cunji::demo {
// All that waits for the worker by its device, as of `at`.
Result<void> do_what_waits(Worker& worker, TimePoint at);
// A coordinator: what came up in the village in the month, help for monitored households.
Result<void> do_what_came_up(Worker& coordinator, const MadeUpCounty& county, MonthNumber month,
                             TimePoint at);
Result<void> help_monitored(Worker& coordinator, MonthNumber month, TimePoint at);
// A town: forms 3 and the candidates of the month, as statements.
Result<void> file_lists(Worker& town, TimePoint at);
// A town: the posts of its coordinators, from the beginning of the year.
Result<void> fill_post(Worker& town, const Village& village, TimePoint at);
// rr_bureau: who was monitored before the log.
Result<void> register_baselines(Worker& bureau, const MadeUpCounty& county, TimePoint at);
// The office of medical insurance: alerts of the month, and what its data say.
Result<void> send_alerts(Worker& office, const MadeUpCounty& county,
                         const std::vector<PlannedAlert>& alerts, TimePoint at);
// The candidates that the bureau pushed and that wait for the offices; what an office finds of
// them.
struct Candidate {
  SubjectId subject;
  DivisionCode division;
  std::vector<std::string> offices;  // Those that have not answered.
};
Result<std::vector<Candidate>> candidates_to_compare(Worker& bureau, TimePoint at);
Result<void> compare(Worker& office, const std::vector<Candidate>& list, TimePoint at);
// Villages in which a case waits for a vote or a notice, as the device shows it.
Result<std::vector<DivisionCode>> villages_to_vote(Worker& bureau, TimePoint at);
// Villages in which a case waits for the coordinator.
Result<std::vector<DivisionCode>> villages_with_work(Worker& bureau, TimePoint at);
}  // namespace cunji::demo
