#pragma once
// What forms said about each subject, in the order in which it happened: visits and attempts too.
#include <algorithm>
#include <span>
#include <vector>

#include "shared/base/check.h"
#include "shared/state/numbering.h"
#include "shared/state/when.h"

namespace cunji::state {
// A visit is a form of the register's like any other, only that its body has a message of its own.
inline constexpr std::uint16_t kVisitForm = 1, kAttemptForm = 2;  // Values::form_number.

struct Occurrence {
  TimePoint occurred{};      // Effective.
  std::uint32_t event = 0;   // Place of its event among the events held (events.h): in log order.
  std::uint16_t form = 0;    // Values::form; 0: a step without a form.
  std::uint8_t part = 0;     // From 1.
  std::uint8_t outcome = 0;  // Of visits and attempts: event::VisitOutcome.

  // Somebody of the house was met; else it is an attempt (VCO-A03), or no visit at all.
  bool met() const { return form == kVisitForm && outcome == 1; }
  bool is_attempt() const { return form == kAttemptForm || (form == kVisitForm && outcome != 1); }
  When when() const { return {occurred, event, part}; }
  // The order of When.
  bool operator<(const Occurrence& other) const { return when() < other.when(); }
};

// How many of `list` happened before `end`, which is a begin or an end of a day (when.h).
inline std::size_t count_before(std::span<const Occurrence> list, const When& end) {
  const auto before = [](const Occurrence& one, TimePoint time) { return one.occurred < time; };
  return static_cast<std::size_t>(std::lower_bound(list.begin(), list.end(), end.occurred, before) -
                                  list.begin());
}

// By the number of the subject: sorted lists, since nearly every one comes last.
class Occurrences {
 public:
  void add(std::uint32_t subject, const Occurrence& one) {
    if (subject >= of_.size()) of_.resize(subject + 1);
    List& list = of_[subject];
    make_room(list);
    list.insert(std::upper_bound(list.begin(), list.end(), one), one);
  }
  void remove(std::uint32_t subject, const Occurrence& one) {
    List& list = of_[subject];
    const auto found = std::lower_bound(list.begin(), list.end(), one);
    CHECK(found != list.end() && found->when() == one.when());
    list.erase(found);
  }
  void clear(std::uint32_t subject) {
    if (subject < of_.size()) of_[subject].clear();
  }
  // Empty where there are none.
  std::span<const Occurrence> of(std::uint32_t subject) const {
    return subject < of_.size() ? std::span<const Occurrence>(of_[subject])
                                : std::span<const Occurrence>{};
  }

 private:
  using List = std::vector<Occurrence>;
  std::vector<List> of_;
};
}  // namespace cunji::state
