// backup and restore.
#include <cstdio>
#include <memory>

#include "server/app/backup.h"
#include "server/app/files.h"
#include "server/command/command.h"
#include "server/command/terminal.h"
#include "shared/base/calendar.h"

namespace cunji::server {
// A bar for each kind of work, in turn.
class Bars {
 public:
  void show(const char* what, std::uint64_t done, std::uint64_t total) {
    if (!bar_ || what_ != what) bar_ = std::make_unique<ProgressBar>(what);
    what_ = what;
    bar_->show(done, total);
  }

 private:
  std::string what_;
  std::unique_ptr<ProgressBar> bar_;
};

struct BackupArguments {
  CommonOptions common;
  std::string target;
  bool with_keys = false;
};

// The clock by which a backup is young or old: the machine's, but for a test county.
static Result<TimePoint> now_of(const CommonOptions& common) {
  bool test_county = false;
  if (!common.test_clock.empty()) {
    TRY_AS(log, open_log_read_only({common.folder}));
    TRY_AS(county, county_of(*log));
    test_county = county.test_county;
  }
  TRY_AS(clock, clock_of(common, test_county));
  return clock->now();
}

static void say_erased(std::uint64_t entries) {
  if (entries > 0)
    std::printf("已执行删除 / erasures carried out in it: %llu 条 entries\n",
                static_cast<unsigned long long>(entries));
}

static Result<void> backup(const BackupArguments& arguments) {
  Bars bars;
  TRY_AS(now, now_of(arguments.common));
  TRY_AS(report, make_backup({arguments.common.folder}, arguments.target, arguments.with_keys, now,
                             [&](const char* what, std::uint64_t done, std::uint64_t total) {
                               bars.show(what, done, total);
                             }));
  std::printf(
      "已备份 / backed up: %llu 条 entries (%llu 已有 there already), 检查点 checkpoint %llu, "
      "%llu 个文件 files\n",
      static_cast<unsigned long long>(report.entries),
      static_cast<unsigned long long>(report.already),
      static_cast<unsigned long long>(report.checkpoint_size),
      static_cast<unsigned long long>(report.files));
  say_erased(report.erased);
  std::printf("请在此日前销毁 / destroy it by: %s\n", format_time(report.destroy_by).c_str());
  if (!arguments.with_keys)
    std::printf("未含密钥，请另行保管 / keys are not in it: keep them apart\n");
  return {};
}

void add_backup(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "backup",
      "在线备份，中断后可续 / back up a county, also while it is served; goes on where an "
      "interrupted or older backup ended");
  const auto arguments = std::make_shared<BackupArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option("BACKUP", arguments->target, "备份目录 / the backup's folder")->required();
  command.add_flag("--with-keys", arguments->with_keys,
                   "连同密钥 / with the keys; then whoever has the backup can sign as the county");
  command.callback([arguments, &context] { run(context, [&] { return backup(*arguments); }); });
}

struct RestoreArguments {
  CommonOptions common;  // Its folder is the backup's.
  std::string folder, checkpoint;
  bool verify = false, nothing_newer = false, expired = false;
};

static Result<void> restore(const RestoreArguments& arguments) {
  TRY_AS(now, now_of(arguments.common));
  RestoreOptions options{.backup = arguments.common.folder,
                         .folder = {},
                         .newest_note = {},
                         .now = now,
                         .expired = arguments.expired};
  if (!arguments.checkpoint.empty()) {
    TRY_AS(note, read_file(arguments.checkpoint));
    options.newest_note = note;
  }
  if (!arguments.folder.empty()) {
    options.folder = arguments.folder;
    // A log that is served again behind what it published contradicts it, for ever and visibly.
    if (!options.newest_note && !arguments.nothing_newer)
      return Error{
          Errc::Malformed,
          "say which checkpoint is the newest that anybody holds, by --checkpoint FILE (of "
          "the lost folder, a node's, an auditor's), or --nothing-newer when none was "
          "published after this backup"};
  } else if (!arguments.verify) {
    return Error{Errc::Malformed, "give the folder to restore to, or --verify to verify only"};
  }
  Bars bars;
  TRY_AS(report,
         restore_backup(options, [&](const char* what, std::uint64_t done, std::uint64_t total) {
           bars.show(what, done, total);
         }));
  std::printf("完好 / in order: %llu 条 entries, 检查点 checkpoint %llu\n",
              static_cast<unsigned long long>(report.log.entries),
              static_cast<unsigned long long>(report.checkpoint_size));
  if (!options.folder) return {};
  std::printf("已恢复 / restored: %s\n", options.folder->c_str());
  say_erased(report.erased);
  if (!report.has_keys)
    std::printf("请放回密钥 / put the keys back into %s/keys before serving\n",
                options.folder->c_str());
  return {};
}

void add_restore(CLI::App& app, Context& context) {
  CLI::App& command =
      *app.add_subcommand("restore", "核查备份并恢复 / verify a backup wholly, and put it back");
  const auto arguments = std::make_shared<RestoreArguments>();
  command.add_option("BACKUP", arguments->common.folder, "备份目录 / the backup's folder")
      ->required();
  add_test_clock(command, arguments->common);
  command.add_option("DIR", arguments->folder, "新数据目录 / the new data folder; absent or empty");
  command.add_flag("--verify", arguments->verify,
                   "核查（总会核查）；不给目录时只核查 / verify, which is always done; without DIR "
                   "nothing else is");
  command.add_option("--checkpoint", arguments->checkpoint,
                     "所知最新的检查点文件 / file with the newest checkpoint that anybody holds");
  command.add_flag("--nothing-newer", arguments->nothing_newer,
                   "备份后未再发布检查点 / no checkpoint was published after the backup");
  command.add_flag("--expired", arguments->expired,
                   "即使备份超过 90 天 / even where the backup is older than 90 days, and may hold "
                   "what has been erased since");
  command.callback([arguments, &context] { run(context, [&] { return restore(*arguments); }); });
}
}  // namespace cunji::server
