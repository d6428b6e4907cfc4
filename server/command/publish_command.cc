// publish: definitions of programmes put into the log (D12, D19).
#include <cstdio>

#include "server/command/sign.h"
#include "shared/commands/publish.h"

namespace cunji::server {
namespace {
struct PublishArguments {
  CommonOptions common;
  commands::PublishOptions options;
  std::string key_file;
};
}  // namespace

static Result<void> publish(const PublishArguments& arguments, Context& context) {
  commands::Prepared prepared;
  {
    TRY_AS(log, open_log_read_only({arguments.common.folder}));
    TRY_AS(governance, read_governance(*log));
    TRY_AS(checked, commands::prepare(arguments.options, governance.publications()));
    prepared = std::move(checked);
  }
  std::printf("%s", prepared.text().c_str());
  if (!prepared.problems.empty()) {
    context.exit_code = kExitFailed;
    return {};
  }
  if (arguments.options.check_only) {
    std::printf("无误,未公布 / in order, nothing was signed\n");
    return {};
  }
  TRY_AS(outcome, sign_parts(arguments.common, arguments.key_file, event::Kind::Definition,
                             std::move(prepared.parts), context));
  TRY_AS(log, open_log_read_only({arguments.common.folder}));
  TRY_AS(governance, read_governance(*log));
  for (const credential::Publication& each : governance.publications()) {
    if (each.index != outcome.index) continue;
    const std::string digest = to_hex(each.event.view());
    std::printf("公布编号 / publication: %s\n", digest.c_str());
    if (each.is_in_force()) {
      std::printf("已公布,各自“自何时起”生效 / published: in force from the days above on\n");
    } else {
      std::printf(
          "须第二人会签后生效 / in force once a second person has signed: cunji-server endorse %s "
          "%s "
          "--purpose second_person --key-file FILE\n",
          arguments.common.folder.c_str(), digest.c_str());
    }
    return {};
  }
  return Error{Errc::Forged,
               "it is logged, but has no effect: the key may not publish for the whole county"};
}

void add_publish(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "publish", "公布政策定义,两人签署 / publish definitions of programmes; two persons sign");
  const auto arguments = std::make_shared<PublishArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  commands::add_publish_options(command, arguments->options);
  command.add_option("--key-file", arguments->key_file,
                     "签名密钥,默认登记员 / sign with this key; default: the registrar's");
  command.callback(
      [arguments, &context] { run(context, [&] { return publish(*arguments, context); }); });
}
}  // namespace cunji::server
