// The coordinators' monthly duty, VCO-R09 with VCO-A01 to A12: README.md, "The duty".
#include <algorithm>

#include "shared/state/data.h"

namespace cunji::state {
namespace {
struct DutyMonth {
  Date first, due;
  When begins, deadline, ends;  // The visits of the month; before `deadline` in time.
};

DutyMonth duty_month(Month month) {
  const Date first = month / std::chrono::day{1};
  const Date due = month / std::chrono::day{kVisitDueDay};
  const Date last{month / std::chrono::last};
  return {first, due, begin_of(first), end_of(due), end_of(last)};
}

// What the visits of one household in one month come to: the best standing one.
void judge(const Events& events, const DutyMonth& month, Date on, DutyLine& line) {
  const std::span<const Occurrence> visits = events.occurrences_of(line.household);
  const bool past = on > month.due;
  line.status = past ? DutyStatus::Missing : DutyStatus::Open;
  const auto better = [&](DutyStatus status, TimeClass time_class) {
    static constexpr DutyStatus kRank[] = {DutyStatus::Missing, DutyStatus::Open,
                                           DutyStatus::Contradicted, DutyStatus::Late,
                                           DutyStatus::Done};
    const auto rank = [](DutyStatus s) { return std::find(kRank, std::end(kRank), s); };
    if (status != line.status) return rank(status) > rank(line.status);
    const bool proven = time_class == TimeClass::ProvenInTime;
    return proven && line.visited && line.time_class != TimeClass::ProvenInTime;
  };
  const std::size_t until = count_before(visits, std::min(month.ends, end_of(on)));
  for (std::size_t n = count_before(visits, month.begins); n < until; ++n) {
    const Occurrence& visit = visits[n];
    if (!visit.met() && !visit.is_attempt()) continue;
    const EventRecord& event = events.at(visit.event);
    if (!events.facts().knows_in(events.division_of(event), line.household)) continue;
    const bool in_time = visit.occurred < month.deadline.occurred;
    TimeClass time_class = event.time.class_before(month.deadline.occurred);
    if (!visit.met()) {
      // VCO-A03: attempted, open until the town decides.
      if (in_time && time_class != TimeClass::Contradicted && line.status == DutyStatus::Missing)
        line.status = DutyStatus::Open;
      continue;
    }
    if (!in_time && time_class == TimeClass::Contradicted) time_class = TimeClass::ClaimedInTime;
    const DutyStatus status = !in_time                                ? DutyStatus::Late
                              : time_class == TimeClass::Contradicted ? DutyStatus::Contradicted
                                                                      : DutyStatus::Done;
    if (!better(status, time_class)) continue;
    line.status = status;
    line.time_class = time_class;
    line.visited = visit.occurred;
    line.received = event.time.upper.has_value();
  }
}
}  // namespace

std::vector<DutyLine> State::duty_lines(std::string_view prefix, Month month, Date on) const {
  const Events& events = data_->events;
  const DutyMonth duty = duty_month(month);
  // VCO-A12: who satisfied the condition on day 1 and still does on the day of the deadline.
  const Date still = std::clamp(on, duty.first, duty.due);
  std::vector<DutyLine> out;
  for (const auto& [division, id] : events.facts().households(prefix, duty.first)) {
    const Register& facts = events.facts();
    if (!facts.must_be_visited(id, duty.first) || !facts.must_be_visited(id, still)) continue;
    DutyLine line;
    line.household = id;
    line.division = division;
    judge(events, duty, on, line);
    out.push_back(line);
  }
  return out;
}

DutyTally tally_of(std::span<const DutyLine> lines) {
  DutyTally out;
  for (const DutyLine& line : lines) {
    ++out.households;
    switch (line.status) {
      case DutyStatus::Done:
        ++out.done;
        if (line.time_class == TimeClass::ClaimedInTime) ++out.done_claimed;
        break;
      case DutyStatus::Late: ++out.late; break;
      case DutyStatus::Missing: ++out.missing; break;
      case DutyStatus::Open: ++out.open; break;
      case DutyStatus::Contradicted: ++out.contradicted; break;
    }
  }
  return out;
}

DutyTally State::duty_tally(std::string_view prefix, Month month, Date on) const {
  return tally_of(duty_lines(prefix, month, on));
}
}  // namespace cunji::state
