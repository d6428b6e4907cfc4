// Replay: scan, decode and fold a county's log from zero on one core, as its server does when it
// starts, against SQLite stepping through the same rows and nothing else.
#include "shared/programmes/all.h"
#include "shared/state/state.h"
#include "shared/store/sqlite_event_log.h"
#include "tools/bench/bare_sqlite.h"
#include "tools/bench/county.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
static Result<void> make_log(const std::string& folder, const Setting& setting) {
  TimePoint at = wall_clock() - std::chrono::days{400};
  TRY_AS(county, County::make(folder, at, /*seed=*/4));
  std::vector<Village> villages;
  std::vector<Author*> authors;
  for (unsigned i = 0; i < (setting.brief ? 4U : 40U); ++i) {
    villages.emplace_back(village_code(county->code(), i), 60, i);
    TRY_AS(author, county->enrol({villages.back().code().str()}, at));
    authors.push_back(author);
  }
  return fill(*county, authors, villages, {.events = setting.brief ? 4'000U : 100'000U}, at);
}

Result<Outcome> replay_job(const Setting& setting) {
  const std::string folder = setting.folder + "/county";
  TRY(make_log(folder, setting));
  const server::Folder files{folder};
  std::vector<double> scanned, replayed, listed;
  std::uint64_t entries = 0;
  for (int round = 0; round < (setting.brief ? 2 : 5); ++round) {
    TRY_AS(bare, BareSqlite::open(files.log()));
    double from = cpu_seconds();
    TRY(bare.scan("SELECT place, entry, body FROM entry ORDER BY place"));
    scanned.push_back(cpu_seconds() - from);

    TRY_AS(log, store::open_sqlite_event_log(files.log(), {.vfs = {}, .read_only = true}));
    state::State state(programmes::all_calculations());
    from = cpu_seconds();
    TRY(log->scan_views(0, [&](const event::EntryView& logged) -> Result<bool> {
      state.apply(logged);
      return true;
    }));
    replayed.push_back(cpu_seconds() - from);
    entries = state.next_index();

    TRY_AS(founding, log->at(0));
    const std::string county = founding->entry.event.header().county.str();
    // For so long a list of the whole county holds the server's writer up.
    from = cpu_seconds();
    const auto all = state.households(county, date_of(wall_clock()));
    if (all.empty()) return Error{Errc::Corrupt, "the county has no households"};
    listed.push_back((cpu_seconds() - from) * 1e6 / static_cast<double>(all.size()));
  }
  const auto rate = [&](std::vector<double> seconds) {
    return static_cast<double>(entries) / median(std::move(seconds));
  };
  const double folded = rate(replayed), bare = rate(scanned);
  Outcome out;
  out.figures.push_back({.name = "scan, decode, fold",
                         .value = folded,
                         .unit = "events/s",
                         .yardstick_name = "bare scan of the same rows",
                         .yardstick = bare,
                         .at_least = 0.15});
  out.figures.push_back({.name = "scan, decode, fold, absolute",
                         .value = folded,
                         .unit = "events/s",
                         .at_least = 500'000});
  out.figures.push_back(
      {.name = "list of all households, each", .value = median(listed), .unit = "µs"});
  out.notes.push_back(
      std::to_string(entries) +
      " entries; CPU time, so that neighbours do not count; medians of interleaved rounds");
  return out;
}
}  // namespace cunji::bench
