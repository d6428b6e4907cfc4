// sync, sync --watch, resume.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/unlock.h"

namespace cunji::fieldnode::cli {
namespace {
struct WatchOptions {
  std::string server;
  bool watch = false;
  double every_seconds = 5;  // Between rounds: soon enough for a person who looks on.
};
// Waits between attempts while the server is out of reach: doubled up to a minute.
constexpr std::chrono::seconds kBackoffFirst{1}, kBackoffMax{60};
// How long `sync` leaves the store to a command that waits for it, which looks ten times a second.
constexpr std::chrono::milliseconds kLetGo{400};
constexpr double kEverySecondsMin = 0.1, kEverySecondsMax = 3'600;

volatile std::sig_atomic_t stop_asked = 0;

// Sleeps, but not through a request to stop.
void pause(std::chrono::milliseconds length) {
  constexpr std::chrono::milliseconds kStep{50};
  for (; length.count() > 0 && stop_asked == 0; length -= kStep)
    std::this_thread::sleep_for(std::min(length, kStep));
}

int not_enrolled() {
  return fail("尚未登记入册,先运行 enrol", "not enrolled yet: run enrol first");
}

struct Round {
  int code = 1;
  bool let_go = false;   // See SyncRun.
  bool put_off = false;  // The county said later.
};

// One round of `sync`. The store is let go of after it, so that other commands can record.
Round sync_round(const Context& context, const WatchOptions& options, bool photos) {
  Round out;
  auto open = open_node(context);
  if (!open) return out;
  Node& node = *open->node;
  const auto failed = [&](int code) {
    out.code = code;
    return out;
  };
  const auto server = server_of(node, options.server);
  if (!server) return failed(fail("服务器地址不对或未知", server.error().what));
  const auto chain = node.store().current_chain();
  if (!chain) return failed(fail(chain.error()));
  if (!*chain) return failed(not_enrolled());
  const auto [end, let_go] = run_sync(context, node, *server, std::nullopt, photos);
  out.code = tell(*open, end, /*quiet=*/options.watch || let_go);
  if (end.error) return failed(fail_of_server(*server, *end.error));
  out.let_go = let_go;
  out.put_off = !end.report.later.empty();
  if (wipe_when_done(context, open)) {
    stop_asked = 1;  // Nothing is left to watch.
    return out;
  }
  if (!options.server.empty()) {
    if (const auto kept = node.store().set_setting("server", to_text(*server)); !kept)
      return failed(fail(kept.error()));
  }
  return out;
}

// As often as another command wants the store meanwhile, it gets it.
Round sync_rounds(const Context& context, const WatchOptions& options, bool photos) {
  for (;;) {
    const Round round = sync_round(context, options, photos);
    if (!round.let_go || stop_asked != 0) return round;
    pause(kLetGo);
    ::unlink(context.wanted_path().c_str());  // Of one that gave up.
  }
}

int run_sync_command(const Context& context, const WatchOptions& options) {
  if (!options.watch) return sync_rounds(context, options, /*photos=*/true).code;
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  const std::chrono::milliseconds every{static_cast<std::int64_t>(options.every_seconds * 1'000)};
  std::chrono::milliseconds backoff = kBackoffFirst;
  std::chrono::steady_clock::time_point photos_from{};
  while (stop_asked == 0) {
    const auto now = std::chrono::steady_clock::now();
    const Round round = sync_rounds(context, options, /*photos=*/now >= photos_from);
    if (round.put_off) photos_from = now + kBackoffMax;  // Events go on with each round.
    const bool done = round.code == 0;
    pause(done ? every : backoff);
    backoff = done ? kBackoffFirst : std::min<std::chrono::milliseconds>(backoff * 2, kBackoffMax);
  }
  return 0;
}

int run_resume(const Context& context) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto done = (*open)->resume(context.now());
  if (!done) return fail(done.error());
  say("已用新密钥重新登记 " + std::to_string(*done) +
      " 条 · recorded again under the new key: " + std::to_string(*done));
  return 0;
}
}  // namespace

Result<ServerAddress> server_of(Node& node, const std::string& text) {
  if (!text.empty()) return parse_address(text);
  TRY_AS(kept, node.store().setting("server"));
  if (!kept) return Error{Errc::Malformed, "no server is known yet: give HOST:PORT"};
  return parse_address(*kept);
}

SyncRun run_sync(const Context& context, Node& node, const ServerAddress& server,
                 std::optional<sync::EnrolmentOffer> enrol, bool photos) {
  ProgressBar bar(stderr);
  bool sending_photos = false, let_go = false;
  SyncOptions options;
  options.enrol = std::move(enrol);
  options.clock = [&context] { return context.now(); };
  options.authorities_file = context.authorities_file;
  options.photos = photos;
  options.stop = [&] {
    let_go = let_go || (sending_photos && ::access(context.wanted_path().c_str(), F_OK) == 0);
    return stop_asked != 0 || let_go;
  };
  options.on_progress = [&](const sync::NodeSession::Progress& progress, bool level) {
    sending_photos = level && progress.blob_bytes_to_send > progress.blob_bytes_sent;
    if (sending_photos) {
      bar.show("照片 · photos, kB", progress.blob_bytes_sent / 1'000,
               progress.blob_bytes_to_send / 1'000);
    } else if (progress.to_push > progress.pushed || progress.to_fetch == 0) {
      bar.show("发送 · sending", progress.pushed, progress.to_push);
    } else {
      bar.show("接收 · fetching", progress.fetched, progress.to_fetch);
    }
  };
  SyncEnd end = sync_and_wait(node, server, std::move(options));
  return {std::move(end), let_go};
}

int tell(OpenNode& open, const SyncEnd& end, bool quiet) {
  const SyncReport& report = end.report;
  // A round of --watch that brought nothing, or an attempt that reached nobody, says nothing.
  if (report.logged + report.fetched > 0 || (report.level && !quiet))
    say("已入县日志 " + std::to_string(report.logged) + ",收到 " + std::to_string(report.fetched) +
        " · logged " + std::to_string(report.logged) + ", fetched " +
        std::to_string(report.fetched));
  if (report.photos > 0)
    say("照片送达 " + std::to_string(report.photos) +
        " 张 · photos delivered: " + std::to_string(report.photos));
  if (report.photos_lost > 0)
    say("照片损坏 " + std::to_string(report.photos_lost) +
        " 张,无法送出 · photos damaged on this device, not to be sent: " +
        std::to_string(report.photos_lost));
  if (!report.photo_unwanted.empty() && !quiet)
    say("有照片县里不收:" + report.photo_unwanted +
        " · the county does not take some photo: " + report.photo_unwanted);
  if (report.disputed > 0)
    say("其中存疑 " + std::to_string(report.disputed) +
        " · of these without authority: " + std::to_string(report.disputed) + " (see events)");
  if (report.parked > 0)
    say("暂存待批 " + std::to_string(report.parked) +
        " · parked until approval: " + std::to_string(report.parked));
  if (!report.later.empty())
    say("部分稍后再送:" + report.later + " · some were put off: " + report.later);
  if (report.level && !report.enrolled && !report.trouble && !open->revoked() && !quiet) {
    if (open->governance().find(open->key()) != nullptr) {
      say("此密钥现在没有生效的授权(已到期或待审批),请与县里联系 · no credential of this key is in "
          "force (expired, or not approved yet): ask the office");
    } else {
      say("县里尚未批准此密钥 · the county has not approved this key yet");
    }
  }
  int code = 0;
  if (report.refused > 0)
    code = fail("被拒收 " + std::to_string(report.refused) + " 条",
                std::to_string(report.refused) + " refused: " + report.first_refusal);
  if (report.split_view)
    code = fail("服务器前后出示的县日志互相矛盾!已停止信任并保留证据(export-evidence)",
                "THE SERVER SHOWED TWO DIFFERENT LOGS; evidence kept (export-evidence): " +
                    report.split_view->reason);
  if (report.trouble && open->trouble()) {
    go_on_with_new_key(open);
    code = 1;
  }
  return code;
}

int fail_of_server(const ServerAddress& server, const Error& error) {
  if (error.what.starts_with(to_text(server)))
    return fail("连不上县服务器 " + to_text(server) + " 或连接中断;未发送的留在本机",
                "no connection to the county's server, unsent events stay here: " + error.what);
  if (error.what.starts_with("enrolment refused")) return fail("授权码未被接受", error.what);
  if (error.what.starts_with(kCertificateError))
    return fail(
        "县服务器的证书不可信,什么也没有发送;请核对本机日期和时间,或用 bundle 写成文件带到县里",
        "the server's certificate can't be trusted, nothing was sent: check this device's date and "
        "time; or write a file with bundle and carry it there: " +
            error.what);
  if (error.code == Errc::Forged)
    return fail(
        "服务器不是所认定的那个县,或出示了无效的证明;未发送的留在本机",
        "this server is not the county that was agreed on, or its proofs fail; unsent events "
        "stay here: " +
            error.what);
  return fail(error);
}

void add_sync_commands(CLI::App& app, Context& context) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* sync =
      app.add_subcommand("sync", "与县服务器同步 · synchronise with the county's server");
  sync->add_option("server", options->server, "HOST:PORT;缺省为上次的 · default: the last one");
  sync->add_flag("--watch", options->watch,
                 "一直同步,断线自动重连 · go on, and reconnect after a cut");
  sync->add_option("--every", options->every_seconds,
                   "--watch 每隔几秒 · seconds between rounds of --watch")
      ->check(CLI::Range(kEverySecondsMin, kEverySecondsMax));
  on_run(sync, context, [&context, options] { return run_sync_command(context, *options); });

  add_bundle_commands(app, context);
  CLI::App* resume = app.add_subcommand(
      "resume",
      "换新密钥后,重新登记未被接收的记录 · after a new key: record again what the "
      "county had not accepted");
  on_run(resume, context, [&context] { return run_resume(context); });
}
}  // namespace cunji::fieldnode::cli
