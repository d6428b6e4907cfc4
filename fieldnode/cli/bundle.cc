// bundle, box-key, take-bundle: work that goes by hand, to the county or by way of a colleague.
#include <CLI/CLI.hpp>

#include "fieldnode/cli/files.h"
#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"
#include "shared/sync/bundle.h"
#include "shared/sync/limits.h"

namespace cunji::fieldnode::cli {
namespace {
constexpr std::string_view kBoxPrefix = "cunji-box:";

// As `box-key` prints it, with blanks and line breaks that a chat app adds.
Result<Bytes> box_statement_of(const std::string& text) {
  std::string plain;
  for (const char c : text)
    if (c > ' ') plain.push_back(c);
  if (!plain.starts_with(kBoxPrefix))
    return Error{Errc::Malformed,
                 "--for: expected what box-key shows on the colleague's device, "
                 "cunji-box:…"};
  return from_base64(std::string_view(plain).substr(kBoxPrefix.size()));
}

int run_bundle(const Context& context, const std::string& path, const std::string& reader_text) {
  std::optional<Bytes> reader;
  if (!reader_text.empty()) {
    const auto statement = box_statement_of(reader_text);
    if (!statement) return fail("--for 的内容不对", statement.error().what);
    reader = *statement;
  }
  auto open = open_node(context);
  if (!open) return 1;
  const auto bundle =
      (*open)->bundle(reader ? std::optional<BytesView>(*reader) : std::nullopt, context.now());
  if (!bundle) return fail(bundle.error());
  if (bundle->events == 0) {
    say("没有未发送的记录 · nothing is waiting to be sent");
    return 0;
  }
  if (const auto written = write_file(path, bundle->file); !written) return fail(written.error());
  const std::string count = std::to_string(bundle->events);
  say("已写入 " + count + " 条," + (reader ? "那位同事的设备和县里" : "只有县里") +
      "能打开;联网同步前仍算未发送 · written: " + count + ", for " +
      (reader ? "that colleague's device" : "the county's eyes only") +
      "; they count as not sent until a sync says otherwise");
  return 0;
}

int run_box_key(const Context& context) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto statement = (*open)->box_statement();
  if (!statement) return fail(statement.error());
  say(std::string(kBoxPrefix) + to_base64(*statement));
  return 0;
}

int run_take_bundle(const Context& context, const std::string& path) {
  const auto file = read_file(path, sync::kBundleBytesMax);
  if (!file) return fail(file.error());
  if (!*file) return fail("没有此文件:" + path, "there is no such file: " + path);
  auto open = open_node(context);
  if (!open) return 1;
  const auto taken = (*open)->take_bundle(**file, context.now());
  if (!taken) return fail("记录包未接收", path + ": " + taken.error().what);
  if (taken->readable) {
    const std::string count = std::to_string(taken->events);
    say("已接收 " + count + " 条并签收,下次同步时一并发送 · taken over: " + count +
        ", with a signed receipt; they go out with the next sync");
  } else {
    say("已签收;内容只有县里能打开,请把文件捎到县里 · a receipt is signed; only the county can "
        "open "
        "the file: carry it there (cunji-server take-bundle)");
  }
  return 0;
}
}  // namespace

void add_bundle_commands(CLI::App& app, Context& context) {
  const auto path = std::make_shared<std::string>();
  const auto reader = std::make_shared<std::string>();
  CLI::App* bundle = app.add_subcommand(
      "bundle",
      "把未发送的记录写成文件,由人捎到县里 · write what is not sent to a file that "
      "anyone may carry to the county (cunji-server take-bundle)");
  bundle->add_option("file", *path, "FILE")->required();
  bundle->add_option(
      "--for", *reader,
      "交给同事代送:其设备 box-key 所示内容 · for a colleague's device to send: what its "
      "box-key shows");
  on_run(bundle, context, [&context, path, reader] { return run_bundle(context, *path, *reader); });
  CLI::App* box_key = app.add_subcommand("box-key",
                                         "给同事看,以便其把记录包交本机代送 · show it to a "
                                         "colleague whose bundle this device is to send");
  on_run(box_key, context, [&context] { return run_box_key(context); });
  CLI::App* take = app.add_subcommand(
      "take-bundle",
      "接收同事的记录包,签收并代为发送 · take over a colleague's bundle, with a receipt");
  take->add_option("file", *path, "FILE")->required();
  on_run(take, context, [&context, path] { return run_take_bundle(context, *path); });
}
}  // namespace cunji::fieldnode::cli
