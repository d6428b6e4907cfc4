#include "shared/programmes/all.h"

#include "shared/programmes/monitoring/elimination_from.h"
#include "shared/programmes/monitoring/income_sheet.h"
#include "shared/programmes/monitoring/lead_in_time.h"
#include "shared/programmes/register/household_size.h"
#include "shared/programmes/village_coordinators/check_in_plausible.h"
#include "shared/programmes/village_coordinators/coordinator_year.h"
#include "shared/programmes/village_coordinators/file_score.h"
#include "shared/programmes/village_coordinators/home_place_learned.h"
#include "shared/programmes/village_coordinators/post_year.h"
#include "shared/programmes/village_coordinators/town_mean_score.h"

namespace cunji::programmes {
using programme::Amount;
using programme::Around;

// A calculation states in its type how many amounts it takes. A definition is data, and may give
// another number: then nothing comes out.
template <std::size_t kIn, std::vector<Amount> (*calculate)(std::span<const Amount, kIn>, Date)>
static std::vector<Amount> given(std::span<const Amount> in, const Around& around) {
  if (in.size() != kIn) return {};
  return calculate(in.first<kIn>(), around.on);
}
template <std::size_t kIn,
          std::vector<Amount> (*calculate)(std::span<const Amount, kIn>, const Around&)>
static std::vector<Amount> given_around(std::span<const Amount> in, const Around& around) {
  if (in.size() != kIn) return {};
  return calculate(in.first<kIn>(), around);
}

// `false`: Around::on is not looked at.
static constexpr programme::NamedCalculation kCalculations[] = {
    {"check_in_plausible@1", given_around<3, village_coordinators::check_in_plausible>, false},
    {"coordinator_year@1", given<9, village_coordinators::coordinator_year>},
    {"elimination_from@1", given<4, monitoring::elimination_from>, false},
    {"file_score@1", given<6, village_coordinators::file_score>, false},
    {"home_place_learned@1", given_around<1, village_coordinators::home_place_learned>, false},
    {"household_size@1", given<2, household_register::household_size>, false},
    {"income_sheet@1", given<14, monitoring::income_sheet>, false},
    {"lead_in_time@1", given<3, monitoring::lead_in_time>, false},
    {"post_year@1", given_around<18, village_coordinators::post_year>, false},
    {"town_mean_score@1", given<2, village_coordinators::town_mean_score>, false},
};

std::span<const programme::NamedCalculation> all_calculations() { return kCalculations; }

std::vector<std::string> calculation_names() {
  std::vector<std::string> out;
  for (const auto& each : kCalculations) out.emplace_back(each.name);
  return out;
}
}  // namespace cunji::programmes
