#pragma once
// Visits and attempts, by household, in the order in which they happened.
#include <algorithm>
#include <span>
#include <vector>

#include "shared/base/check.h"
#include "shared/state/when.h"

namespace cunji::state {
struct Visit {
  TimePoint occurred{};     // Effective.
  std::uint32_t event = 0;  // Place of its event among the events held (events.h): in log order.
  std::uint8_t part = 0;    // From 1.
  bool met = false;         // Else an attempt: nobody at home, refused, by telephone (VCO-A03).

  // The order of When: places ascend with the index.
  bool operator<(const Visit& other) const {
    if (occurred != other.occurred) return occurred < other.occurred;
    return event != other.event ? event < other.event : part < other.part;
  }
};

// How many of `visits` happened before `end`, which is a begin or an end of a day (when.h).
inline std::size_t count_before(std::span<const Visit> visits, const When& end) {
  const auto before = [](const Visit& visit, TimePoint time) { return visit.occurred < time; };
  return static_cast<std::size_t>(
      std::lower_bound(visits.begin(), visits.end(), end.occurred, before) - visits.begin());
}

// By the number of the household: sorted lists, since nearly every visit comes last.
class Visits {
 public:
  void add(std::uint32_t household, const Visit& visit) {
    if (household >= of_.size()) of_.resize(household + 1);
    List& list = of_[household];
    list.insert(std::upper_bound(list.begin(), list.end(), visit), visit);
  }
  void remove(std::uint32_t household, const Visit& visit) {
    List& list = of_[household];
    const auto found = std::lower_bound(list.begin(), list.end(), visit);
    CHECK(found != list.end() && found->event == visit.event && found->part == visit.part);
    list.erase(found);
  }
  // Empty where there are none.
  std::span<const Visit> of(std::uint32_t household) const {
    return household < of_.size() ? std::span<const Visit>(of_[household])
                                  : std::span<const Visit>{};
  }

 private:
  using List = std::vector<Visit>;
  std::vector<List> of_;
};
}  // namespace cunji::state
