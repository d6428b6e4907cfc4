// cunji-demo: a county's year of work, with a real server process and one real node a worker.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tools/demo_county/report.h"

namespace cunji::demo {
struct Arguments {
  Options options;
  bool keep = false;
};

// Devices that each have a disk of their own would all wait for one: where there is room, they are
// in memory. A year takes some 2 GB.
static std::string fresh_folder() {
  static constexpr std::uintmax_t kRoom = std::uintmax_t{4} << 30;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code failed;
  const auto space = std::filesystem::space(memory, failed);
  const bool fits = !failed && space.available >= kRoom && space.available != ~std::uintmax_t{0};
  std::string pattern =
      ((fits ? memory : std::filesystem::temp_directory_path()) / "cunji-demo-XXXXXX").string();
  return mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
}

static Result<void> show(Arguments& arguments) {
  Run run(arguments.options);
  TRY(run.year());
  TRY(print_report(run, arguments.options.folder + "/county"));
  if (!arguments.keep) return run.server().stop();
  const std::string folder = arguments.options.folder + "/county";
  TRY_AS(printed, run.server().timed_command("enrol", {"--division", "411323105201"}));
  std::printf(
      "\n服务器继续运行 · the server goes on: 127.0.0.1:%u, process %d, folder %s\n"
      "结束 · to end it: kill %d\n"
      "用自己的节点入网 · to enrol a node of your own:\n%s\n"
      "  cunji-node --data my-node init\n  cunji-node --data my-node enrol "
      "CODE@127.0.0.1:%u#ROOT\n",
      run.port(), static_cast<int>(*run.server().pid()), folder.c_str(),
      static_cast<int>(*run.server().pid()), printed.c_str(), run.port());
  run.server().let_go();
  return {};
}

static int run(int argc, char** argv) {
  CLI::App app{"cunji-demo: 一个县一年的工作 · a county's year of work on its real divisions"};
  Arguments arguments;
  app.add_option("--server", arguments.options.server_program, "cunji-server to run")->required();
  app.add_option("--divisions", arguments.options.divisions_csv, "CSV of the county's divisions")
      ->required();
  app.add_option(
      "--folder", arguments.options.folder,
      "where to work; must be empty (default: a temporary folder, in memory where 4 GB are free)");
  app.add_option("--seed", arguments.options.seed, "another seed, another county")
      ->capture_default_str();
  app.add_option("--households", arguments.options.households_a_village, "about so many a village")
      ->check(CLI::Range(4, 400))
      ->capture_default_str();
  app.add_flag("--keep", arguments.keep, "leave server and folder, and say how to enrol a node");
  CLI11_PARSE(app, argc, argv);
  const bool temporary = arguments.options.folder.empty();
  if (temporary) arguments.options.folder = fresh_folder();
  std::error_code failed;
  std::filesystem::create_directories(arguments.options.folder, failed);
  if (failed || !std::filesystem::is_empty(arguments.options.folder, failed) || failed) {
    std::fprintf(stderr, "文件夹不可用或不为空 · the folder cannot be used or is not empty: %s\n",
                 arguments.options.folder.c_str());
    return 1;
  }
  const auto shown = show(arguments);
  if (!shown) std::fprintf(stderr, "失败 · failed: %s\n", shown.error().what.c_str());
  if (temporary && !arguments.keep && shown)
    std::filesystem::remove_all(arguments.options.folder, failed);
  else
    std::printf("文件夹 folder: %s\n", arguments.options.folder.c_str());
  return shown ? 0 : 1;
}
}  // namespace cunji::demo

int main(int argc, char** argv) { return cunji::demo::run(argc, argv); }
