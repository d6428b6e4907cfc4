#include "tools/bench/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/measure.h"

namespace cunji::bench {
static std::string number(double value) {
  if (value >= 10'000) return fmt::format("{:.0f}", value);
  if (value >= 100) return fmt::format("{:.1f}", value);
  return fmt::format("{:.3g}", value);
}

static std::string with_unit(double value, const std::string& unit) {
  return unit.empty() ? number(value) : number(value) + " " + unit;
}

static std::string target_of(const Figure& figure) {
  if (!figure.has_target()) return "–";
  const std::string bound =
      figure.at_least ? "≥ " + number(*figure.at_least) : "≤ " + number(*figure.at_most);
  return bound + (figure.has_ratio() ? " ×" : "") +
         (figure.reached() ? ", reached" : ", **missed**");
}

std::string table_of(const std::vector<Done>& done, bool brief) {
  std::string out =
      machine() + (brief ? "; a short run: it shows that the jobs work, no more\n\n" : "\n\n");
  out += "| job | figure | measured | yardstick | ratio | reach |\n|---|---|---|---|---|---|\n";
  std::string notes;
  for (const Done& each : done) {
    for (const Figure& figure : each.outcome.figures) {
      out += fmt::format(
          "| {} | {} | {} | {} | {} | {} |\n", each.job->name, figure.name,
          with_unit(figure.value, figure.unit),
          figure.has_ratio()
              ? figure.yardstick_name + ": " + with_unit(figure.yardstick, figure.unit)
              : "–",
          figure.has_ratio() ? fmt::format("{:.2f}", figure.ratio()) : "–", target_of(figure));
    }
    notes += fmt::format("- {}: {:.1f} s", each.job->name, each.seconds);
    if (each.outcome.generator_share)
      notes += fmt::format("; the load generator took {:.0f} % of the machine's CPU",
                           *each.outcome.generator_share * 100);
    for (const std::string& note : each.outcome.notes) notes += "; " + note;
    notes += "\n";
  }
  return out + "\n" + notes;
}

std::string json_of(const std::vector<Done>& done, bool brief) {
  nlohmann::json out{{"machine", machine()}, {"short", brief}, {"jobs", nlohmann::json::array()}};
  for (const Done& each : done) {
    nlohmann::json job{{"name", each.job->name},
                       {"seconds", each.seconds},
                       {"notes", each.outcome.notes},
                       {"figures", nlohmann::json::array()}};
    if (each.outcome.generator_share) job["generator_cpu_share"] = *each.outcome.generator_share;
    for (const Figure& figure : each.outcome.figures) {
      nlohmann::json line{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
      if (figure.has_ratio()) {
        line["yardstick"] = {{"name", figure.yardstick_name}, {"value", figure.yardstick}};
        line["ratio"] = figure.ratio();
      }
      if (figure.at_least) line["at_least"] = *figure.at_least;
      if (figure.at_most) line["at_most"] = *figure.at_most;
      if (figure.has_target()) line["reached"] = figure.reached();
      job["figures"].push_back(std::move(line));
    }
    out["jobs"].push_back(std::move(job));
  }
  return out.dump(2) + "\n";
}
}  // namespace cunji::bench
