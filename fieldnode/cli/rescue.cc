// rescue: what a locked folder has not sent, for the county's recovery key. No PIN is asked for.
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/files.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/unlock.h"

namespace cunji::fieldnode::cli {
static int run_rescue(const Context& context, const std::string& path) {
  if (!has_node(context)) return 1;
  drop_when_long_locked(context);
  const auto locked =
      open_store(context, [&] { return store::LockedNode::open(context.store_path()); });
  if (!locked) return 1;
  const auto rescue = (*locked)->rescue();
  if (!rescue) return fail(rescue.error());
  if (!*rescue)
    return fail("本机没有县里的恢复密钥,未发送的记录离开 PIN 打不开",
                "this device knows of no recovery key of its county: what is not sent opens by the "
                "PIN only");
  const sync::Rescue& what = **rescue;
  if (what.blobs_left_out > 0)
    fail("照片有 " + std::to_string(what.blobs_left_out) + " 张未写入(本机损坏,或文件已满)",
         "photos that are not in the file, damaged here or too many for one: " +
             std::to_string(what.blobs_left_out));
  if (what.events.empty() && what.blobs.empty()) {
    say("没有未发送的记录 · nothing is waiting to be sent");
    return 0;
  }
  const auto file = sync::encode_rescue(what);
  if (!file) return fail(file.error());
  if (const auto written = write_file(path, *file); !written) return fail(written.error());
  const std::string events = std::to_string(what.events.size());
  const std::string photos = std::to_string(what.blobs.size());
  say("已写入 " + events + " 条、照片 " + photos +
      " 张,县里两名保管人一起才能打开 (cunji-server recover);入账之前请保留此文件夹 · written: " +
      events + ", photos: " + photos +
      ", opened by two officers of the county together (cunji-server recover); keep this folder "
      "until they are logged");
  return 0;
}

void add_rescue_command(CLI::App& app, Context& context) {
  const auto path = std::make_shared<std::string>();
  CLI::App* rescue = app.add_subcommand("rescue",
                                        "忘记 PIN 时:把未发送的记录(仍加密)写成文件,交县里恢复 · "
                                        "when the PIN is forgotten: what is not "
                                        "sent, still sealed, in a file for the county's officers");
  rescue->add_option("file", *path, "FILE")->required();
  on_run(rescue, context, [&context, path] { return run_rescue(context, *path); });
}
}  // namespace cunji::fieldnode::cli
