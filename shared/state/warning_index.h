#pragma once
// A day's warnings, kept so that they are read and not looked for (D15): judged anew are only those
// that rest on something that has changed since, or that may turn by the passing of time.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "shared/state/tallies.h"
#include "shared/state/warnings.h"

namespace cunji::state {
class WarningIndex {
 public:
  // Something of the root, or of what lies under it, has changed; `moved`: it may have been in
  // another division, too.
  void touch(std::uint32_t root, bool moved = false) {
    if (!day_) return;  // All is still to be judged.
    touched_.insert(root);
    tallies_.touch(root);
    moved_ = moved_ || moved;
  }
  void forget() { *this = {}; }
  // Brings all to `on`. Going back in time, and what concerns everything at once, starts anew.
  void judge(const World& world, Date on);
  // Whether all is as of the end of that day, with nothing changed since.
  bool is_of(const World& world, Date on) const;
  // As Warnings::under() on that day, in another order.
  std::vector<WarningRun> under(const World& world, std::uint32_t subject) const;

 private:
  using Numbers = std::set<std::uint32_t>;
  // What a subject's warnings rest on beside its own root.
  struct Rests {
    std::vector<std::uint32_t> roots, divisions;
    bool unknown = false;  // On what nobody announces.
  };
  void start_anew(const World& world, Date on);
  void find_changed(const World& world);
  void add_all_of(const World& world, std::uint32_t root);
  void judge_one(const World& world, std::uint32_t subject);
  void forget_one(std::uint32_t subject);
  void rest_on(const World& world, std::uint32_t subject, const RunGrounds& grounds);
  std::optional<Date> turn_of(const World& world, std::uint32_t subject,
                              const DayWatch& watch) const;

  std::optional<Date> day_;
  std::uint64_t generation_ = 0;
  std::map<Symbol, std::vector<const programme::Warning*>> by_type_;  // As declared on the day.
  std::map<std::uint32_t, std::vector<WarningRun>> held_;             // By subject; none is empty.
  std::map<std::uint32_t, Rests> rests_;  // Of subjects that rest on more than their root.
  // By root, and by division in which anything counts: who rests on it.
  std::map<std::uint32_t, Numbers> readers_, readers_within_;
  // When a subject may turn, by subject, and who on which day: there may be earlier days of one,
  // too.
  std::vector<std::optional<Date>> turns_;
  std::map<Date, std::vector<std::uint32_t>> turning_;
  Numbers touched_, to_judge_, unknown_;
  bool moved_ = false;
  Tallies tallies_;  // Of what they count.
};
}  // namespace cunji::state
