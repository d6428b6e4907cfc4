#pragma once
// Duties of seats for each of a population (README.md, "Duties"): how they stand on a day.
#include <optional>
#include <utility>
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
// How one subject stands in one period of a duty.
struct DutyRun {
  std::uint32_t subject = kNoNumber;
  DutyStatus status = DutyStatus::Missing;
  TimeClass time_class = TimeClass::ClaimedInTime;  // Where it is done, or contradicted.
  std::int64_t counted = 0, needed = 1;             // Of those in time, and how many there must be.
  std::optional<Occurrence> by{};                   // What fulfilled it, or came late.
  bool received = true;                             // False: own event, not yet at the county.
  std::optional<Date> due{};
};

// A duty's period that holds a day: its days, and the day by which it is due.
struct DutyPeriod {
  Date first{}, last{}, due{};
};

class Duties {
 public:
  explicit Duties(const World& world) : world_(world) {}
  // Nothing in a period in which the duty does not exist.
  std::optional<DutyPeriod> period_of(const programme::Duty& duty, std::uint32_t subject,
                                      Date on) const;
  // Whether the subject is one of those for whom the duty is there, as they are on a day.
  bool concerns(const programme::Duty& duty, std::uint32_t subject, Date day) const;
  // Nothing for a subject that is not of the population in the period that holds `on`. As it stands
  // then, or later.
  std::optional<DutyRun> of(const programme::Duty& duty, std::uint32_t subject, Date on,
                            std::optional<Date> as_of = {}) const;
  // The same for a period that may be over, or to come: as it stands on `on`.
  std::optional<DutyRun> in(const programme::Duty& duty, std::uint32_t subject,
                            const DutyPeriod& period, Date on) const;
  // The day whose divisions its subjects are counted to, in the period that holds `on`: they stay
  // with the village of the period's first day where that makes the population (VCO-A12).
  static Date placed_on(const programme::Duty& duty, Date on);
  // All of the population under a subject of a higher type, by id.
  std::vector<DutyRun> under(const programme::Duty& duty, std::uint32_t subject, Date on,
                             std::optional<Date> as_of = {}) const;

 private:
  bool is_of(const programme::Duty& duty, std::uint32_t subject, const DutyPeriod& period,
             Date on) const;
  struct Counted {
    Occurrence at;
    TimePoint time{};  // By which it is judged.
  };
  std::vector<std::span<const Occurrence>> recorded_by(std::uint32_t office, Date day) const;
  std::vector<Counted> counted(const programme::Duty& duty, std::uint32_t subject,
                               const When& until, const When& from = {.occurred = kNoTime}) const;
  void count_instead(const programme::Duty& duty, std::uint32_t subject, const DutyPeriod& period,
                     Date on, DutyRun& out) const;
  bool was_there(const Occurrence& visit, std::uint32_t household) const;
  bool counts(const programme::Duty& duty, const programme::Duty::By& by, const Occurrence& one,
              std::uint32_t subject) const;

  const World& world_;
};
}  // namespace cunji::state
