// status, quarantine, export, verify: reading the log, also beside a running server.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "server/app/files.h"
#include "server/command/command.h"
#include "server/command/terminal.h"
#include "shared/base/calendar.h"
#include "shared/commands/publish.h"
#include "shared/credential/verify_log.h"
#include "shared/log/export.h"
#include "shared/programmes/all.h"
#include "shared/state/state.h"

namespace cunji::server {
using Json = nlohmann::ordered_json;

struct StatusArguments {
  CommonOptions common;
  bool json = false;
};

static Json key_json(const PublicKey& key, const credential::KeyStatus& status) {
  const credential::Grant& grant = status.grants.back();
  const char* standing = status.frozen_at        ? "frozen"
                         : status.compromised_at ? "compromised"
                         : grant.ended_at        ? "ended"
                         : grant.pending         ? "pending"
                                                 : "in_force";
  return {{"key", to_hex(key.view())},
          {"role", grant.role},
          {"divisions", grant.scope.divisions},
          {"standing", standing},
          {"credential", to_hex(grant.event.view())}};
}

static Result<void> status_json(const Folder& folder, Json& out) {
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  TRY_AS(published, proven_checkpoint(folder, *log, county));
  TRY_AS(side, open_side(folder));
  TRY_AS(counts, side->counts());
  TRY_AS(head, log->head());
  credential::Governance governance;
  state::State state(programmes::all_calculations());
  std::map<std::string, std::uint64_t> verdicts;
  ProgressBar bar("折叠 / folding");
  TRY(log->scan_views(0, [&](const event::EntryView& logged) -> Result<bool> {
    governance.apply(logged);
    state.apply(logged);
    ++verdicts[std::string(event::name_of(logged.entry.verdict))];
    bar.show(logged.index + 1, head.size);
    return logged.index + 1 < head.size;
  }));
  Json keys = Json::array();
  for (const auto& [key, status] : governance.keys()) keys.push_back(key_json(key, status));
  const std::string prefix = county.code.str();
  const commands::DefinitionsNow definitions =
      commands::definitions_now(state, governance.publications(), date_of(head.received));
  Json in_force = Json::array(), waiting = Json::array();
  for (const commands::Edition& each : definitions.in_force)
    in_force.push_back({{"programme", each.programme},
                        {"version", each.version},
                        {"effective_from", format_date(each.effective_from)}});
  for (const Digest& event : definitions.waiting) waiting.push_back(to_hex(event.view()));
  out = {{"county", prefix},
         {"name", county.name},
         {"origin", county.origin},
         {"root_digest", to_hex(county.root_digest().view())},
         {"test_county", county.test_county},
         {"size", head.size},
         {"root", to_hex(head.root.view())},
         {"received", to_millis(head.received)},
         {"checkpoint_size", published.checkpoint.size},
         {"verdicts", verdicts},
         {"disputed_without_effect", state.disputed(prefix).size()},
         {"doubtful_times", state.doubtful_times(prefix).size()},
         {"quarantined", counts.quarantined},
         {"parked", counts.parked},
         {"codes_open", counts.codes_open},
         {"fold_version", state::kFoldVersion},
         {"state_digest", to_hex(state.digest().view())},
         {"definitions", in_force},
         {"definitions_refused", definitions.refused},
         {"definitions_waiting", waiting},
         {"keys", keys}};
  return {};
}

static Result<void> status(const StatusArguments& arguments) {
  Json json;
  TRY(status_json({arguments.common.folder}, json));
  if (arguments.json) {
    std::printf("%s\n", json.dump(2).c_str());
    return {};
  }
  const auto text = [&](const char* key) { return json[key].get<std::string>(); };
  const auto number = [&](const char* key) {
    return static_cast<unsigned long long>(json[key].get<std::uint64_t>());
  };
  std::printf("县 / county:             %s %s%s\n", text("county").c_str(), text("name").c_str(),
              json["test_county"].get<bool>() ? "（测试 / test）" : "");
  std::printf("日志 / log:              %llu 条 entries, %s\n", number("size"),
              text("root").c_str());
  std::printf("最近接收 / received:     %s\n",
              format_time(from_millis(json["received"].get<std::uint64_t>())).c_str());
  for (const auto& [name, count] : json["verdicts"].items())
    std::printf("  %-22s %llu\n", name.c_str(),
                static_cast<unsigned long long>(count.get<std::uint64_t>()));
  std::printf("检查点 / checkpoint:     %llu, 一致 consistent\n", number("checkpoint_size"));
  std::printf("存疑无效 / disputed:     %llu\n", number("disputed_without_effect"));
  std::printf("时间存疑 / doubtful:     %llu\n", number("doubtful_times"));
  std::printf("隔离 / quarantined:      %llu\n", number("quarantined"));
  std::printf("暂存 / parked:           %llu\n", number("parked"));
  std::printf("未用授权码 / open codes: %llu\n", number("codes_open"));
  std::printf("状态摘要 / state digest: %s\n", text("state_digest").c_str());
  for (const Json& each : json["definitions"])
    std::printf("政策定义 / definition:   %s %u, %s\n",
                each["programme"].get<std::string>().c_str(), each["version"].get<unsigned>(),
                each["effective_from"].get<std::string>().c_str());
  for (const Json& each : json["definitions_waiting"])
    std::printf("待第二人 / waiting:      %s\n", each.get<std::string>().c_str());
  for (const Json& each : json["definitions_refused"])
    std::printf("未被采用 / refused:      %s\n", each.get<std::string>().c_str());
  std::map<std::string, std::size_t> standings;
  for (const Json& key : json["keys"])
    ++standings[key["role"].get<std::string>() + " " + key["standing"].get<std::string>()];
  std::printf("密钥 / keys:\n");
  for (const auto& [name, count] : standings) std::printf("  %-22s %zu\n", name.c_str(), count);
  return {};
}

void add_status(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "status", "概况，可与运行中的服务器同时使用 / where the log stands; works beside a server");
  const auto arguments = std::make_shared<StatusArguments>();
  add_folder(command, arguments->common);
  command.add_flag("--json", arguments->json, "输出 JSON，含全部密钥 / print JSON, with all keys");
  command.callback([arguments, &context] { run(context, [&] { return status(*arguments); }); });
}

static Result<void> quarantine(const StatusArguments& arguments) {
  static constexpr std::size_t kShownMax = 1'000;
  const Folder folder{arguments.common.folder};
  TRY_AS(side, open_side(folder));
  TRY_AS(events, side->quarantined(kShownMax));
  for (const store::Quarantined& event : events) {
    if (arguments.json) {
      const Json out = {{"at", to_millis(event.at)},
                        {"sender", to_hex(event.sender.view())},
                        {"reason", event.reason},
                        {"signed_event", to_hex(event.signed_event)},
                        {"body_bytes", event.body.size()}};
      std::printf("%s\n", out.dump().c_str());
    } else {
      std::printf("%s  %s  %s\n", format_time(event.at).c_str(),
                  to_hex(event.sender.view()).substr(0, 16).c_str(), event.reason.c_str());
    }
  }
  if (events.empty() && !arguments.json) std::printf("隔离区为空 / nothing in quarantine\n");
  return {};
}

void add_quarantine(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "quarantine", "被拒绝的事件 / refused events: when, which session's key, why");
  const auto arguments = std::make_shared<StatusArguments>();
  add_folder(command, arguments->common);
  command.add_flag("--json", arguments->json, "输出 JSON 行 / print JSON lines with the bytes");
  command.callback([arguments, &context] { run(context, [&] { return quarantine(*arguments); }); });
}

struct ExportArguments {
  CommonOptions common;
  std::string file;
  bool without_bodies = false;
};

static Result<void> write_export_file(const ExportArguments& arguments) {
  const Folder folder{arguments.common.folder};
  if (file_exists(arguments.file)) return Error{Errc::Conflict, arguments.file + " exists already"};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  TRY_AS(published, proven_checkpoint(folder, *log, county));
  std::ofstream out(arguments.file, std::ios::binary);
  const auto failed = [&] { return Error{Errc::Io, "can't write " + arguments.file}; };
  if (!out) return failed();
  TRY(log::write_export(*log, published.note, published.checkpoint.size,
                        {.bodies = !arguments.without_bodies},
                        [&](BytesView bytes) -> Result<void> {
                          out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
                          if (!out) return failed();
                          return {};
                        }));
  out.close();
  if (!out) return failed();
  std::printf("已导出 / exported: %llu 条 entries\n",
              static_cast<unsigned long long>(published.checkpoint.size));
  return {};
}

void add_export(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "export", "导出日志供核查 / write the log under its checkpoint to one file, for auditors");
  const auto arguments = std::make_shared<ExportArguments>();
  add_folder(command, arguments->common);
  command.add_option("FILE", arguments->file, "新文件 / the new file")->required();
  command.add_flag("--without-bodies", arguments->without_bodies,
                   "不含内容（治理事项除外） / without contents, except governance");
  command.callback(
      [arguments, &context] { run(context, [&] { return write_export_file(*arguments); }); });
}

struct VerifyArguments {
  std::string subject, root;
  bool json = false;
};

static Result<credential::LogReport> verify_subject(const VerifyArguments& arguments,
                                                    const credential::LogExpectation& expectation) {
  ProgressBar bar("核查 / verify");
  const auto progress = [&](std::uint64_t done, std::uint64_t total) { bar.show(done, total); };
  const Folder folder{arguments.subject};
  if (file_exists(folder.log())) {
    TRY_AS(log, open_log_read_only(folder));
    TRY_AS(note, read_file(folder.checkpoint()));
    return credential::verify_log(*log, note, expectation, progress);
  }
  std::ifstream in(arguments.subject, std::ios::binary);
  if (!in) return Error{Errc::Io, "can't open " + arguments.subject};
  return credential::verify_export(
      [&](std::span<char> out) -> Result<std::size_t> {
        in.read(out.data(), static_cast<std::streamsize>(out.size()));
        if (in.bad()) return Error{Errc::Io, "can't read " + arguments.subject};
        return static_cast<std::size_t>(in.gcount());
      },
      expectation, progress);
}

static Result<void> verify(const VerifyArguments& arguments, Context& context) {
  credential::LogExpectation expectation;
  if (!arguments.root.empty()) {
    TRY_AS(root, fixed_of<Digest>(arguments.root, "--root"));
    expectation.root_digest = root;
  }
  TRY_AS(report, verify_subject(arguments, expectation));
  if (!report.in_order()) context.exit_code = kExitNotInOrder;
  if (arguments.json) {
    Json verdicts = Json::object();
    for (const auto& [verdict, count] : report.verdicts)
      verdicts[std::string(event::name_of(verdict))] = count;
    Json out = {{"in_order", report.in_order()},
                {"entries", report.entries},
                {"keys", report.keys},
                {"divisions", report.divisions},
                {"root_digest", to_hex(report.root_digest.view())},
                {"bodies_whole", report.bodies_whole},
                {"bodies_lost", report.bodies_lost},
                {"verdicts", verdicts}};
    if (report.finding)
      out["finding"] = {{"index", report.finding->index}, {"reason", report.finding->reason}};
    std::printf("%s\n", out.dump().c_str());
    return {};
  }
  if (report.finding)
    std::printf("发现 / finding: 第 %llu 条 index: %s\n",
                static_cast<unsigned long long>(report.finding->index),
                report.finding->reason.c_str());
  std::printf("%s: %llu 条 entries, %llu 密钥 keys, %llu 区划 divisions\n",
              report.in_order() ? "完好 / in order" : "有误 / not in order",
              static_cast<unsigned long long>(report.entries),
              static_cast<unsigned long long>(report.keys),
              static_cast<unsigned long long>(report.divisions));
  std::printf("根摘要 / root digest: %s%s\n", to_hex(report.root_digest.view()).c_str(),
              arguments.root.empty() ? "（请自行核对 / compare it yourself）" : "");
  return {};
}

void add_verify(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "verify", "完整核查 / verify everything: order, chains, signatures, bodies, tree, verdicts");
  const auto arguments = std::make_shared<VerifyArguments>();
  command
      .add_option("DIR|EXPORT", arguments->subject, "数据目录或导出文件 / data folder or export")
      ->required();
  command.add_option("--root", arguments->root,
                     "根摘要，从别处得来 / the root digest as you know it from elsewhere");
  command.add_flag("--json", arguments->json, "输出 JSON / print JSON");
  command.callback(
      [arguments, &context] { run(context, [&] { return verify(*arguments, context); }); });
}
}  // namespace cunji::server
