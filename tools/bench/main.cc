// cunji-bench: runs the jobs and prints what they measured.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tools/bench/measure.h"
#include "tools/bench/micro.h"
#include "tools/bench/report.h"

namespace cunji::bench {
namespace {
constexpr Job kJobs[] = {
    {"ingest", "events a second over loopback: verified, durable, folded", ingest_job},
    {"nodes", "300 nodes within a minute, 100 events each", nodes_job},
    {"flood", "what one enrolled key that floods costs fifty others", flood_job},
    {"append", "one durable append on a node", append_job},
    {"replay", "scan, decode and fold a county's log from zero", replay_job},
    {"programmes", "the fold with the definitions in force; warnings and cards", programmes_job},
    {"wire", "bytes of an event, pushed and fed", wire_job},
    {"village", "a village's five years: first sync, start, list, memory", village_job},
    {"idle", "bytes of a poll that finds nothing", idle_job},
};

struct Arguments {
  std::vector<std::string> jobs;
  std::string json, folder;
  bool brief = false, list = false;
};

std::string help() {
  std::string out =
      "cunji-bench: 速度与用量的测量 · measures speed and use\n\n"
      "Each figure stands beside a yardstick from the same run (verification by libsodium, a bare\n"
      "SQLite commit or scan, bytes that can't be left out), since machines differ and the ratio\n"
      "stays. Run it alone on the machine, from a release build. Jobs:\n";
  for (const Job& job : kJobs) out += "  " + std::string(job.name) + ": " + job.what + "\n";
  return out + "\nExample: cunji-bench --job replay --job wire --json figures.json";
}

std::string fresh_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "cunji-bench-XXXXXX").string();
  CHECK(::mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

bool wanted(const Arguments& arguments, const Job& job) {
  return arguments.jobs.empty() ||
         std::find(arguments.jobs.begin(), arguments.jobs.end(), job.name) != arguments.jobs.end();
}

int run_jobs(const Arguments& arguments, const std::string& folder) {
  std::vector<Done> done;
  int failed = 0;
  for (const Job& job : kJobs) {
    if (!wanted(arguments, job)) continue;
    std::fprintf(stderr, "%s …\n", job.name);
    const Setting setting{
        .brief = arguments.brief,
        .folder = folder + "/" + job.name,
        .programs = std::filesystem::read_symlink("/proc/self/exe").parent_path().string()};
    std::filesystem::create_directories(setting.folder);
    const double from = now_seconds();
    auto outcome = job.run(setting);
    std::filesystem::remove_all(setting.folder);
    if (!outcome) {
      std::fprintf(stderr, "失败 · failed: %s: %s\n", job.name, outcome.error().what.c_str());
      ++failed;
      continue;
    }
    done.push_back({&job, std::move(*outcome), now_seconds() - from});
  }
  std::fputs(table_of(done, arguments.brief).c_str(), stdout);
  if (!arguments.json.empty()) {
    std::ofstream out(arguments.json);
    out << json_of(done, arguments.brief);
    out.close();
    if (!out) {
      std::fprintf(stderr, "写不了 · can't write %s\n", arguments.json.c_str());
      ++failed;
    }
  }
  return failed == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app{help(), "cunji-bench"};
  Arguments arguments;
  std::vector<std::string> names;
  for (const Job& job : kJobs) names.emplace_back(job.name);
  app.add_option("--job", arguments.jobs, "只测这些 · only this job; may be given several times")
      ->check(CLI::IsMember(names));
  app.add_flag("--short", arguments.brief,
               "几秒钟，只看能否运行 · small numbers: shows that every job works, reaches nothing");
  app.add_option("--json", arguments.json, "结果另存为 JSON · write the figures as JSON, too");
  app.add_option("--folder", arguments.folder,
                 "工作文件夹，决定用哪块磁盘 · where to work, and so on which disk (default: a "
                 "temporary folder)");
  bool micro = false;
  app.add_flag(
      "--micro", micro,
      "只测基本操作（Google Benchmark）· instead of the jobs: verify, hash, commit, one by "
      "one, with Google Benchmark");
  std::string node;
  app.add_option("--list-households", node)->group("");  // For the village job.
  CLI11_PARSE(app, argc, argv);
  if (!node.empty()) return list_households(node);
  if (micro) return run_micro(arguments.brief);
  const bool temporary = arguments.folder.empty();
  const std::string folder = temporary ? fresh_folder() : arguments.folder + "/cunji-bench";
  std::error_code ignored;
  if (!temporary && std::filesystem::exists(folder, ignored)) {
    std::fprintf(stderr, "文件夹已存在 · is there already: %s\n", folder.c_str());
    return 1;
  }
  const int code = run_jobs(arguments, folder);
  std::filesystem::remove_all(folder, ignored);
  return code;
}
}  // namespace
}  // namespace cunji::bench

int main(int argc, char** argv) { return cunji::bench::run(argc, argv); }
