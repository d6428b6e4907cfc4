#include "shared/programmes/village_coordinators/post_year.h"

#include <array>

#include "shared/programmes/days.h"
#include "shared/programmes/exact.h"

namespace cunji::village_coordinators {
using programme::Amount;
using programme::missing;
using programmes::Exact;

namespace {
struct Item {
  Exact weight, points, full;
  bool is_judged() const { return !full.is_known() || full.number() > 0; }
  Exact score() const { return half_up(weight * points, full); }
};
}  // namespace

// An item with nothing to judge gets the mean of the others.
static std::vector<Amount> scores(const std::array<Item, 4>& items) {
  Exact weights = 0, points = 0;
  for (const Item& item : items) {
    if (!item.is_judged()) continue;
    weights = weights + item.weight;
    points = points + item.score();
  }
  std::vector<Amount> out;
  for (const Item& item : items)
    out.push_back(
        (item.is_judged() ? item.score() : half_up(item.weight * points, weights)).amount());
  return out;
}

std::vector<Amount> post_year(std::span<const Amount, 18> in, const programme::Around& around) {
  const std::vector<Amount> nothing(6, missing());
  const auto appointed = programmes::day_of(in[0]);
  const auto left = programmes::day_of(in[1]);
  if (!appointed) return nothing;
  std::int64_t done = 0, missed = 0;
  bool any = false;
  for (const programme::DutyMonth& month : around.months) {
    if (month.due < *appointed || (left && *left < month.due)) continue;
    any = true;
    done += month.done;
    missed += month.missed;
  }
  if (!any) return nothing;
  std::vector<Amount> out{programme::number(done), programme::number(missed)};
  const auto points = scores({{
      {Exact(in[6]), Exact(done), Exact(done + missed)},
      {Exact(in[9]), Exact(in[7]), Exact(in[8])},
      {Exact(in[12]), Exact(in[10]), Exact(in[11])},
      {Exact(in[17]), Exact(in[13]) + Exact(in[15]), Exact(in[14]) + Exact(in[16])},
  }});
  out.insert(out.end(), points.begin(), points.end());
  return out;
}
}  // namespace cunji::village_coordinators
