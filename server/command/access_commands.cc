// verify-access-log: whether the log of who read which household holds together.
#include <cstdio>

#include "server/api/access_log.h"
#include "server/command/command.h"

namespace cunji::server {
struct AccessLogArguments {
  std::string folder, noted;
};

static Result<void> verify_access(const AccessLogArguments& arguments, Context& context) {
  std::optional<Digest> noted;
  if (!arguments.noted.empty()) {
    TRY_AS(digest, fixed_of<Digest>(arguments.noted, "--noted"));
    noted = digest;
  }
  TRY_AS(report, verify_access_log(Folder{arguments.folder}.access_log(), noted));
  const auto lines = static_cast<unsigned long long>(report.lines);
  const bool gone = noted && report.in_order() && !report.noted_found;
  if (report.finding_line)
    std::printf("发现 / finding: 第 %llu 行 line: %s\n",
                static_cast<unsigned long long>(*report.finding_line), report.finding.c_str());
  if (gone)
    std::printf(
        "发现 / finding: 所记摘要不在其中，记录被截断或重写 / the digest you noted is not in "
        "it: it was cut or written anew\n");
  if (!report.in_order() || gone) {
    context.exit_code = kExitNotInOrder;
    std::printf("有误 / not in order: %llu 行完好 lines hold\n", lines);
    return {};
  }
  std::printf("完好 / in order: %llu 行 lines\n", lines);
  std::printf("末行摘要，请记下 / digest of the last line, note it: %s\n",
              to_hex(report.last.view()).c_str());
  return {};
}

void add_verify_access_log(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "verify-access-log", "核查查阅记录 / verify the log of who read which household");
  const auto arguments = std::make_shared<AccessLogArguments>();
  command.add_option("DIR", arguments->folder, "数据目录 / data folder")->required();
  command.add_option(
      "--noted", arguments->noted,
      "此前记下的末行摘要 / a digest of the last line, as noted earlier: shows whether "
      "the end was cut off since");
  command.callback(
      [arguments, &context] { run(context, [&] { return verify_access(*arguments, context); }); });
}
}  // namespace cunji::server
