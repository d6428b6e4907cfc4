// bundle: what is not sent yet, in a file that anyone may carry to the county.
#include <CLI/CLI.hpp>

#include "fieldnode/cli/files.h"
#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"
#include "shared/sync/bundle.h"

namespace cunji::fieldnode::cli {
static Result<Bytes> bundle_of(Node& node, const std::vector<OwnLine>& lines, Entropy& entropy) {
  const auto code = node.county();
  const auto& county = node.governance().county();
  if (!code || !county) return Error{Errc::Protocol, "no contact with the county yet"};
  TRY_AS(to, crypto::BoxPublic::from(county->box_key));
  std::vector<event::Event> events;
  for (const OwnLine& line : lines) events.push_back(line.own.event);
  return sync::write_bundle(*code, to, events, entropy);
}

static int run_bundle(const Context& context, const std::string& path) {
  auto open = open_node(context);
  if (!open) return 1;
  Node& node = *open->node;
  const auto lines = node.own_lines(/*unsent_only=*/true);
  if (!lines) return fail(lines.error());
  if (lines->empty()) {
    say("没有未发送的记录 · nothing is waiting to be sent");
    return 0;
  }
  const auto bundle = bundle_of(node, *lines, open->entropy);
  if (!bundle) return fail(bundle.error());
  if (const auto written = write_file(path, *bundle); !written) return fail(written.error());
  const std::string count = std::to_string(lines->size());
  say("已写入 " + count + " 条,只有县里能打开;联网同步前仍算未发送 · written: " + count +
      ", for the county's eyes only; they count as not sent until a sync says otherwise");
  return 0;
}

void add_bundle_command(CLI::App& app, Context& context) {
  const auto path = std::make_shared<std::string>();
  CLI::App* bundle = app.add_subcommand(
      "bundle",
      "把未发送的记录写成文件,由人捎到县里 · write what is not sent to a file that "
      "anyone may carry to the county (cunji-server take-bundle)");
  bundle->add_option("file", *path, "FILE")->required();
  on_run(bundle, context, [&context, path] { return run_bundle(context, *path); });
}
}  // namespace cunji::fieldnode::cli
