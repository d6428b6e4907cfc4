// cunji-node: a field node on the command line.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/drafts.h"
#include "fieldnode/cli/form_recording.h"
#include "fieldnode/cli/text.h"

// A variable of the environment, or below the home folder.
static std::string path_from(const char* variable, const char* below_home) {
  if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') return value;
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + below_home;
}

// The name of a vault becomes the name of a folder.
static std::string check_vault_name(const std::string& name) {
  constexpr std::size_t kNameBytesMax = 64;
  const bool plain = !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
                     name.find('/') == std::string::npos;
  return plain ? "" : "a vault's name has 1 to 64 bytes, no / and no dot at its beginning";
}

int main(int argc, char** argv) {
  namespace cli = cunji::fieldnode::cli;
  std::signal(SIGPIPE, SIG_IGN);  // A reader that went away is an error code, not our end.
  std::signal(SIGXFSZ, SIG_IGN);  // A limit on files is like a full disk: an error code too.
  ::umask(S_IRWXG | S_IRWXO);     // What lies here is its owner's only.
  cli::Context context;
  context.folder = path_from("CUNJI_DATA", "/.local/share/cunji");
  context.device_secret = path_from("CUNJI_DEVICE_SECRET", "/.config/cunji/device-secret");
  context.test_vault = std::getenv("CUNJI_TEST_VAULT") != nullptr;
  CLI::App app{
      "村记终端:离线登记入户走访,联网后同步到县里。\n"
      "Cunji field node: record visits offline, synchronise with the county later.",
      "cunji-node"};
  app.add_option("--data", context.folder, "终端文件夹 · the node's folder (or $CUNJI_DATA)")
      ->capture_default_str();
  app.add_option("--vault", context.vault_name,
                 "多人共用一台设备时各人的名字 · whose vault, where several people share a device: "
                 "a folder of that name below --data")
      ->check(CLI::Validator(check_vault_name, "NAME"));
  app.add_option("--device-secret", context.device_secret,
                 "设备密钥文件,须与终端文件夹分开 · the device secret's file, apart from the data "
                 "(or $CUNJI_DEVICE_SECRET)")
      ->capture_default_str();
  app.add_option("--pin-fd", context.pin_source.descriptor,
                 "从此文件描述符读 PIN 或口令,每行一个 · read the PIN or passphrase from this file "
                 "descriptor, a line each (or $CUNJI_PIN; else it is asked for)")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--test-vault", context.test_vault,
               "测试与演示用:几乎不保护 · for tests and demonstrations: next to no protection (or "
               "$CUNJI_TEST_VAULT)");
  app.add_option("--ca", context.authorities_file,
                 "只信任此 PEM 文件中的证书签发者 · trust the certificate authorities of this PEM "
                 "file instead of the system's");
  app.add_option("--clock", context.clock_text,
                 "代替本机时钟,仅供测试与演示 · instead of the device's clock, for tests and "
                 "demonstrations (2022-02-09T10:15); a wrong clock only shows in the interval");
  app.require_subcommand(1);
  app.fallthrough();
  cli::add_enrol_commands(app, context);
  cli::add_record_commands(app, context);
  cli::add_draft_commands(app, context);
  cli::add_forms_command(app, context);
  cli::add_list_commands(app, context);
  cli::add_question_commands(app, context);
  cli::add_filing_command(app, context);
  cli::add_publish_command(app, context);
  cli::add_sync_commands(app, context);
  cli::add_status_commands(app, context);
  cli::add_read_command(app, context);
  cli::add_vault_commands(app, context);
  cli::add_rescue_command(app, context);
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
