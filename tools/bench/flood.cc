// What one enrolled key that floods the server costs the others: fifty nodes send their day's work
// while it pushes as fast as it can, on many connections, or with noise in between.
#include <algorithm>
#include <filesystem>

#include "shared/sync/batch.h"
#include "tools/bench/county.h"
#include "tools/bench/figures.h"
#include "tools/bench/load.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"
#include "tools/bench/server_run.h"

namespace cunji::bench {
namespace {
struct Flood {
  const char* name;
  std::size_t flooders, connections;
  bool garbage;
};
// What the flooders may have logged a day; they hold several times as much.
constexpr std::uint32_t kQuota = 2'000;

// Signs the next `events` of the author's chain, `batch_events` a batch.
std::vector<std::vector<event::Event>> work_of(County& county, Author& author, Village& village,
                                               TimePoint at, std::size_t batches,
                                               std::size_t batch_events) {
  std::vector<std::vector<event::Event>> out(batches);
  for (auto& batch : out) {
    while (batch.size() < batch_events) batch.push_back(county.sign(author, village.next(at)));
  }
  return out;
}

Result<void> run_flood(const Setting& setting, const Flood& flood, Outcome& out) {
  const std::size_t nodes = setting.brief ? 10 : 50;
  const std::size_t pushes = setting.brief ? 3 : 20, flood_batches = setting.brief ? 3 : 6;
  const double within = setting.brief ? 1 : 10;
  const std::string folder = setting.folder + "/county";
  const TimePoint founded = wall_clock() - std::chrono::days{200};
  std::vector<Pusher> honest;
  std::vector<Flooder> flooders;
  {
    TRY_AS(county, County::make(folder, founded, /*seed=*/1));
    std::vector<Author*> authors;
    std::vector<Village> villages;
    for (std::size_t i = 0; i < nodes + flood.flooders; ++i) {
      villages.emplace_back(village_code(county->code(), static_cast<unsigned>(i)), 60, i);
      TRY_AS(author, county->enrol({villages.back().code().str()}, founded,
                                   i < nodes ? County::kNoQuota : kQuota));
      authors.push_back(author);
    }
    TRY(county->publish());
    for (std::size_t i = 0; i < nodes + flood.flooders; ++i) {
      if (i < nodes) {
        std::vector<event::Event> events;
        for (auto& batch : work_of(*county, *authors[i], villages[i], founded, pushes, 10))
          events.insert(events.end(), batch.begin(), batch.end());
        honest.push_back({.key = authors[i]->key,
                          .frames = framed(events, 10),
                          .starts_after = within * static_cast<double>(i * 7 % nodes) /
                                          static_cast<double>(nodes)});
        continue;
      }
      Flooder flooder{.key = authors[i]->key,
                      .batches = {},
                      .connections = flood.connections,
                      .garbage = flood.garbage};
      for (const auto& batch :
           work_of(*county, *authors[i], villages[i], founded, flood_batches, 1'000))
        flooder.batches.push_back(sync::encode_batch(batch));
      flooders.push_back(std::move(flooder));
    }
  }
  TRY_AS(server, ServerRun::start(setting.programs, folder));
  const double own_cpu = cpu_seconds();
  TRY_AS(result, push_all(server->port(), honest, /*in_flight=*/1, flooders));
  const double own_used = cpu_seconds() - own_cpu;
  const double memory = server->memory_mib_max();
  TRY(server->stop());
  if (result.not_logged > 0 || result.logged != nodes * pushes * 10)
    return Error{Errc::Conflict, std::string(flood.name) + ": " +
                                     std::to_string(result.not_logged) +
                                     " events of the others were not logged"};
  if (flood.flooders > 0 && result.flood.later == 0 && result.flood.thrown_out == 0)
    return Error{Errc::Conflict, std::string(flood.name) + ": nothing held it up"};
  const std::string name = std::string(flood.name) + ": acknowledgement of the others, ";
  out.figures.push_back({.name = name + "p99",
                         .value = percentile(result.answer_seconds, 0.99),
                         .unit = "s",
                         .at_most = 2});
  out.figures.push_back(
      {.name = name + "p50", .value = percentile(result.answer_seconds, 0.5), .unit = "s"});
  out.figures.push_back({.name = std::string(flood.name) + ": memory of the server, at most",
                         .value = memory,
                         .unit = "MiB",
                         .at_most = 512});
  out.generator_share =
      std::max(out.generator_share.value_or(0), own_used / (result.seconds * cores()));
  out.notes.push_back(
      std::string(flood.name) + ": within " + std::to_string(static_cast<int>(result.seconds)) +
      " s the flood was told " + std::to_string(result.flood.later) + " times \"later\" and " +
      std::to_string(result.flood.logged) + " times \"logged\", and was thrown out " +
      std::to_string(result.flood.thrown_out) + " times");
  return {};
}
}  // namespace

Result<Outcome> flood_job(const Setting& setting) {
  static constexpr Flood kFloods[] = {{"nobody floods", 0, 0, false},
                                      {"one floods", 1, 1, false},
                                      {"one floods on ten connections", 1, 10, false},
                                      {"one floods with noise", 1, 1, true},
                                      {"three flood", 3, 1, false}};
  Outcome out;
  for (const Flood& flood : kFloods) {
    if (setting.brief && flood.flooders != 1) continue;
    Setting own = setting;
    own.folder += "/" + std::to_string(out.figures.size());
    std::error_code failed;
    std::filesystem::create_directories(own.folder, failed);
    TRY(run_flood(own, flood, out));
  }
  return out;
}
}  // namespace cunji::bench
