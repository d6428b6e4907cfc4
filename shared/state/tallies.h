#pragma once
// What is counted under divisions, put together from what each household adds, by day (README.md,
// "Warnings"): one household's change alone is counted again, and the days before are there to be
// looked at.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
class Tallies {
 public:
  Tallies() = default;
  // Of divisions of the prefix alone.
  explicit Tallies(std::string_view prefix) : prefix_(prefix) {}
  // Something of the root, or of what lies under it, has changed.
  void touch(std::uint32_t root);
  // They are kept up to the end of that day; not back in time.
  void go_on(Date on);

  struct Count {
    std::int64_t count = 0;
    bool unset = false;  // It rests on a parameter without a value.
    Date otherwise{};    // The first day after the asked one on which it may be another.
  };
  // How many the aggregate counts under a division at the end of a day; nothing where some of it
  // rests on more than single roots, beyond the prefix, or later than what is kept. The aggregate
  // is one of those in force on the day.
  std::optional<Count> of(const World& world, const programme::Aggregate& aggregate,
                          const DivisionCode& division, Date day);
  // The other roots that households looked at for it.
  std::vector<std::uint32_t> others(const programme::Aggregate& aggregate) const;

 private:
  struct Step {
    Date from{};
    World::Share share;  // From then to the next one; before the first nothing.
  };
  using Steps = std::vector<Step>;
  struct Sum {
    std::int64_t count = 0, unset = 0;
  };
  struct Division {
    std::map<Date, Sum> changes;
    std::vector<std::pair<Date, Sum>> sums;  // Of `changes` up to each day, unless stale.
    bool stale = false;
  };
  struct Series {
    const programme::Aggregate* aggregate = nullptr;
    Date from{};                           // Kept from this day on.
    bool unfit = false;                    // It can't be.
    std::map<std::uint32_t, Steps> steps;  // By household that adds anything.
    std::map<DivisionCode, Division> divisions;
    std::set<std::uint32_t> to_count;  // Roots that are to be counted again.
    std::map<std::uint32_t, std::set<std::uint32_t>> readers;  // Of another root: households.
    std::map<Date, std::vector<std::uint32_t>> turning;        // Who may turn then; also others.
  };
  void bring_up(const World& world, Series& series, Date from);
  void count_again(const World& world, Series& series, std::uint32_t root) const;
  Steps count(const World& world, Series& series, std::uint32_t root, Date from, Date until) const;
  static void add(Series& series, const Steps& steps, int sign);

  std::string prefix_;
  Date on_{};
  std::map<const programme::Aggregate*, Series> series_;
};
}  // namespace cunji::state
