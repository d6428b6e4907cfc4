// cunji-server: the county's log and its desk, on the command line.
#include <csignal>
#include <cstdio>

#include "server/command/command.h"
#include "shared/crypto/system_entropy.h"

namespace cunji::server {
void add_folder(CLI::App& command, CommonOptions& options) {
  command.add_option("DIR", options.folder, "数据目录 / the county's data folder")->required();
}

void add_test_clock(CLI::App& command, CommonOptions& options) {
  command.add_option(
      "--test-clock", options.test_clock,
      "测试县的时钟文件（毫秒） / file with the time in milliseconds since 1970 UTC; "
      "only for a county made with --test-county");
}

Result<std::shared_ptr<Clock>> clock_of(const CommonOptions& options, bool test_county) {
  if (options.test_clock.empty()) return Clock::system();
  if (!test_county)
    return Error{Errc::Conflict, "--test-clock is for test counties only, made with --test-county"};
  return Clock::from_file(options.test_clock);
}

void report(Context& context, const Error& error) {
  std::fprintf(stderr, "错误 / error: %s\n", error.what.c_str());
  context.exit_code = kExitFailed;
}

static int run_main(int argc, char** argv) {
  crypto::SystemEntropy entropy;
  Context context{.entropy = entropy};
  CLI::App app{"村记县级服务器 / cunji-server: a county's log of village work"};
  app.require_subcommand(1);
  app.footer(
      "退出码 / exit codes: 0 完成 done, 1 失败 failed, 2 用法 usage, 3 日志有误 log not in order");
  add_init(app, context);
  add_serve(app, context);
  add_check_config(app, context);
  add_tls_statement(app, context);
  add_enrol(app, context);
  add_pending(app, context);
  add_approve(app, context);
  add_register(app, context);
  add_take_bundle(app, context);
  add_recover(app, context);
  add_revoke(app, context);
  add_endorse(app, context);
  add_publish(app, context);
  add_erase(app, context);
  add_erasures(app, context);
  add_status(app, context);
  add_question_commands(app, context);
  add_quarantine(app, context);
  add_export(app, context);
  add_verify(app, context);
  add_verify_access_log(app, context);
  add_backup(app, context);
  add_restore(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return context.exit_code;
}
}  // namespace cunji::server

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // A reader that goes away is an error of a write, not our end.
  std::signal(SIGXFSZ, SIG_IGN);  // A limit on files is like a full disk: an error of a write too.
  return cunji::server::run_main(argc, argv);
}
