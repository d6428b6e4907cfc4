// cunji-node: a field node on the command line.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/text.h"

static std::string default_folder() {
  if (const char* data = std::getenv("CUNJI_DATA"); data != nullptr && *data != '\0') return data;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.local/share/cunji";
}

int main(int argc, char** argv) {
  namespace cli = cunji::fieldnode::cli;
  std::signal(SIGPIPE, SIG_IGN);  // A reader that went away is an error code, not our end.
  ::umask(S_IRWXG | S_IRWXO);     // What lies here is its owner's only.
  cli::Context context;
  context.folder = default_folder();
  CLI::App app{
      "村记终端:离线登记入户走访,联网后同步到县里。\n"
      "Cunji field node: record visits offline, synchronise with the county later.",
      "cunji-node"};
  app.add_option("--data", context.folder, "终端文件夹 · the node's folder (or $CUNJI_DATA)")
      ->capture_default_str();
  app.add_option("--clock", context.clock_text,
                 "代替本机时钟,仅供测试与演示 · instead of the device's clock, for tests and "
                 "demonstrations (2022-02-09T10:15); a wrong clock only shows in the interval");
  app.require_subcommand(1);
  app.fallthrough();
  cli::add_enrol_commands(app, context);
  cli::add_record_commands(app, context);
  cli::add_list_commands(app, context);
  cli::add_sync_commands(app, context);
  cli::add_status_commands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    cli::fail("命令写法不对,用 --help 查看", error.what());
    return 2;
  }
  if (!context.clock_text.empty() && !cunji::parse_time(context.clock_text)) {
    cli::fail("--clock 的时间写法不对", "--clock: a time is written like 2022-02-10T08:15");
    return 2;
  }
  return context.chosen();
}
