// A village of five years on a node: its first sync from a server on loopback, then the memory and
// the time that a fresh process takes to list its households.
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "fieldnode/sync_driver.h"
#include "tools/bench/county.h"
#include "tools/bench/enrolled_node.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"
#include "tools/bench/server_run.h"

namespace cunji::bench {
namespace {
constexpr std::size_t kHouseholds = 60;
constexpr double kSlowLine = 20'000;  // Bytes a second: a village's uplink on a bad day.

Result<void> make_five_years(County& county, Village& village, std::size_t entries, TimePoint at) {
  // Coordinator and two helpers.
  std::vector<Author*> authors;
  for (int i = 0; i < 3; ++i) {
    TRY_AS(author, county.enrol({village.code().str()}, at));
    authors.push_back(author);
  }
  std::vector<event::Event> events;
  for (const event::Draft& draft : village.registrations(at))
    events.push_back(county.sign(*authors[0], draft));
  TRY(county.log_events(std::move(events), at));
  const std::size_t first = kHouseholds + 8;  // And the county's own.
  for (std::size_t logged = first, turn = 0; logged < entries; ++turn) {
    events.clear();
    for (int i = 0; i < 24 && logged < entries; ++i, ++logged)
      events.push_back(county.sign(*authors[turn % authors.size()], village.next(at)));
    TRY(county.log_events(std::move(events), at));
    at += std::chrono::hours{40};
  }
  return county.publish();
}

struct Listing {
  double seconds = 0, cpu_seconds = 0, memory_mib = 0;
};
// This program again, as a device's that starts and lists the households (list_households below).
Result<Listing> start_and_list(const Setting& setting, const std::string& node) {
  std::string words[] = {setting.programs + "/cunji-bench", "--list-households", node};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t pid = 0;
  const double from = now_seconds();
  if (posix_spawn(&pid, argv[0], nullptr, nullptr, argv, environ) != 0)
    return Error{Errc::Io, "can't start " + words[0]};
  int status = 0;
  rusage used{};
  const bool ended = wait4(pid, &status, 0, &used) == pid;
  Listing out;
  out.seconds = now_seconds() - from;
  if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::Io, "the list of households did not come"};
  out.cpu_seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  // Its own word: the kernel counts the parent's memory at the start of a child as the child's.
  std::ifstream(node + "/memory") >> out.memory_mib;
  return out;
}

Result<void> list_figures(const Setting& setting, const std::string& node, Outcome& out) {
  std::vector<double> seconds, cpu, memory;
  for (int i = 0; i < (setting.brief ? 1 : 7); ++i) {
    TRY_AS(listing, start_and_list(setting, node));
    seconds.push_back(listing.seconds * 1e3);
    cpu.push_back(listing.cpu_seconds * 1e3);
    memory.push_back(listing.memory_mib);
  }
  out.figures.push_back({.name = "start to list of households, p50",
                         .value = median(seconds),
                         .unit = "ms",
                         .at_most = 200});
  out.figures.push_back({.name = "CPU of it, p50", .value = median(cpu), .unit = "ms"});
  out.figures.push_back({.name = "memory of a node that lists them, at most",
                         .value = percentile(memory, 1),
                         .unit = "MiB",
                         .at_most = 60});
  return {};
}
}  // namespace

Result<Outcome> village_job(const Setting& setting) {
  const std::size_t entries = setting.brief ? 1'000 : 20'000;
  const TimePoint founded = wall_clock() - std::chrono::days{5 * 365};
  TRY_AS(county, County::make(setting.folder + "/county", founded, /*seed=*/7));
  Village village(village_code(county->code(), 1), kHouseholds, 7);
  TRY(make_five_years(*county, village, entries, founded));
  const std::vector<std::string> scope{village.code().str()};
  const std::string folder = setting.folder + "/node";
  TRY_AS(counted, EnrolledNode::make_empty(setting.folder + "/counted", *county, scope));
  TRY_AS(node, EnrolledNode::make_empty(folder, *county, scope));
  TRY_AS(source, CountySource::open(*county));
  TRY_AS(traffic, counted->synchronise(*source));
  source.reset();
  county.reset();  // The server takes the folder over.

  TRY_AS(server, ServerRun::start(setting.programs, setting.folder + "/county"));
  const double own_cpu = cpu_seconds(), server_cpu = server->cpu_seconds();
  const double from = now_seconds();
  fieldnode::SyncOptions options;
  options.clock = wall_clock;
  const fieldnode::SyncEnd end =
      fieldnode::sync_and_wait(node->node(), {"127.0.0.1", server->port()}, options);
  const double seconds = now_seconds() - from;
  if (end.error) return *end.error;
  if (!end.report.level || end.report.fetched < entries - kHouseholds)
    return Error{Errc::Protocol, "the first sync fetched too little"};
  const double down = static_cast<double>(traffic.down_bytes);
  Outcome out;
  out.figures.push_back({.name = "first sync", .value = seconds, .unit = "s", .at_most = 2});
  out.figures.push_back({.name = "CPU of it: node", .value = cpu_seconds() - own_cpu, .unit = "s"});
  out.figures.push_back(
      {.name = "CPU of it: server", .value = server->cpu_seconds() - server_cpu, .unit = "s"});
  out.figures.push_back({.name = "bytes of it, down", .value = down / 1e6, .unit = "MB"});
  out.figures.push_back(
      {.name = "time of these bytes at 20 kB/s", .value = down / kSlowLine, .unit = "s"});
  TRY(server->stop());
  node.reset();
  TRY(list_figures(setting, folder, out));
  out.notes.push_back(std::to_string(end.report.fetched) + " entries fetched, " +
                      std::to_string(kHouseholds) +
                      " households, five years of a coordinator and two helpers");
  return out;
}

int list_households(const std::string& folder) {
  const auto node = EnrolledNode::open(folder);
  if (!node) return 1;
  const auto shown = (*node)->node().shown();
  const auto county = (*node)->node().county();
  if (!shown || !county) return 1;
  const Date today = date_of(wall_clock());
  if ((*shown)->households(county->view(), today).size() != kHouseholds) return 1;
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmHWM:"))
      std::ofstream(folder + "/memory") << std::stod(line.substr(6)) / 1024;
  }
  return 0;
}
}  // namespace cunji::bench
