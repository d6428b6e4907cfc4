#pragma once
// Score cards: points, ranks and grades of a population (README.md, "Scores").
#include <optional>
#include <vector>

#include "shared/state/world.h"

namespace cunji::state {
struct ScoreRun {
  std::uint32_t subject = kNoNumber;
  std::vector<std::optional<std::int64_t>> items;  // 0.01 point each; nothing: cannot be judged.
  std::int64_t total = 0;
  std::uint32_t rank = 0;  // From 1; equal ones share it.
  bool tied = false;       // With another, by everything that ranks them.
  Symbol grade = kNoSymbol;
  bool border = false;  // Tied over the border of a grade: for people to decide (GEN-07).
};

class Scores {
 public:
  explicit Scores(const World& world) : world_(world) {}
  // Of the whole population on the day, the first first.
  std::vector<ScoreRun> of(const programme::Card& card, Date on) const;
  // Who is ranked: those that an aggregate counts, or a parameter lists.
  std::vector<std::uint32_t> population(const programme::Card& card, Date on) const;

 private:
  std::optional<std::int64_t> points(const programme::Card& card, const programme::Card::Item& item,
                                     std::uint32_t subject, Date on) const;
  std::optional<std::int64_t> key(const programme::Card& card, Symbol what, const ScoreRun& run,
                                  Date on) const;
  void grade(const programme::Card& card, Date on, std::vector<ScoreRun>& runs) const;

  const World& world_;
};
}  // namespace cunji::state
