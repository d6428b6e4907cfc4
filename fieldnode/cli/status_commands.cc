// status, verify, export-evidence.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/invitation.h"
#include "shared/commands/publish.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

void add_json(const commands::DefinitionsNow& definitions, Json& out) {
  out["definitions"] = Json::array();
  for (const commands::Edition& each : definitions.in_force)
    out["definitions"].push_back({{"programme", each.programme},
                                  {"version", each.version},
                                  {"effective_from", format_date(each.effective_from)}});
  out["definitions_refused"] = definitions.refused;
  out["definitions_waiting"] = Json::array();
  for (const Digest& event : definitions.waiting)
    out["definitions_waiting"].push_back(to_hex(event.view()));
}

Json status_json(const Status& s, std::size_t drafts, const std::string& key_path) {
  Json out{{"unsent", s.unsent},
           {"refused", s.refused},
           {"parked", s.parked},
           {"disputed", s.disputed},
           {"in_bundles", s.in_bundles},
           {"carried", s.carried},
           {"drafts", drafts},
           {"own", s.own},
           {"entries", s.entries},
           {"photos_waiting", s.photos.waiting},
           {"photos_waiting_bytes", s.photos.waiting_bytes},
           {"photos_sent", s.photos.held},
           {"photos_unwanted", s.photos.unwanted},
           {"photos_lost", s.photos.lost},
           {"resume_due", s.resume_due},
           {"enrolled", s.enrolled},
           {"approved", s.approved},
           {"revoked", s.revoked},
           {"recoverable", s.recoverable},
           {"key", to_hex(s.key.view())},
           {"keys", s.keys},
           {"county", s.county_name},
           {"origin", s.origin},
           {"role", s.role},
           {"office", s.office},
           {"divisions", s.divisions},
           {"trusted_size", s.trusted_size},
           {"split_views", s.split_views},
           {"key_file", key_path},
           {"key_sealed", true}};
  if (s.receipted) {
    Json by{{"key", to_hex(s.receipted->by.view())},
            {"role", s.receipted->role},
            {"office", s.receipted->office},
            {"through", s.receipted->through}};
    if (s.receipted->received) by["received"] = format_time(*s.receipted->received);
    out["taken_over_by"] = std::move(by);
  }
  if (s.oldest_unsent) out["oldest_unsent"] = format_time(*s.oldest_unsent);
  out["unknown_keys"] = Json::array();
  for (const PublicKey& key : s.unknown_keys) out["unknown_keys"].push_back(to_hex(key.view()));
  return out;
}

void tell_alarms(const Status& s) {
  if (s.refused > 0)
    say("被拒收 " + std::to_string(s.refused) +
        " 条(见 events) · refused, see events: " + std::to_string(s.refused));
  if (s.disputed > 0)
    say("存疑 " + std::to_string(s.disputed) +
        " 条(见 events) · without authority, see events: " + std::to_string(s.disputed));
  if (s.photos.unwanted + s.photos.lost > 0)
    say("照片县里不收 " + std::to_string(s.photos.unwanted) + " 张,本机损坏 " +
        std::to_string(s.photos.lost) + " 张 · photos that the county does not take: " +
        std::to_string(s.photos.unwanted) + ", damaged here: " + std::to_string(s.photos.lost));
  if (s.resume_due > 0)
    say("旧密钥下有 " + std::to_string(s.resume_due) +
        " 条可重新登记,运行 resume · recorded under an old key and not accepted, run resume: " +
        std::to_string(s.resume_due));
  if (s.split_views > 0)
    say("警告:服务器出示过互相矛盾的日志,证据 " + std::to_string(s.split_views) +
        " 份 · WARNING: the server showed contradicting logs; pieces of evidence: " +
        std::to_string(s.split_views));
  for (const PublicKey& key : s.unknown_keys)
    say("警告:县里给您本人登记了另一把密钥,若非您本人所为请立即报告 · WARNING: another key is "
        "enrolled in your name, report it if it is not yours: " +
        to_hex(key.view()).substr(0, 16));
}

void tell_receipted(const Receipted& r) {
  const std::string who =
      to_hex(r.by.view()).substr(0, 16) + "… " + r.role + (r.office.empty() ? "" : " " + r.office);
  const std::string through = std::to_string(r.through);
  const std::string when = r.received ? " (" + format_time(*r.received) + ")" : "";
  say("记录包已由同事接收:" + who + ",至第 " + through + " 条" + when + " · taken over by " + who +
      ", up to number " + through + when);
}

int run_status(const Context& context) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto status = (*open)->status(context.now());
  if (!status) return fail(status.error());
  const Status& s = *status;
  const auto drafts = (*open)->store().drafts();
  if (!drafts) fail(drafts.error());  // The rest is to be seen all the same.
  const std::size_t number_of_drafts = drafts ? drafts->size() : 0;
  const auto folded = (*open)->folded();
  if (!folded) return fail(folded.error());
  const commands::DefinitionsNow definitions = commands::definitions_now(
      **folded, (*open)->governance().publications(), date_of(context.now()));
  if (context.json) {
    Json out = status_json(s, number_of_drafts, context.key_path());
    add_json(definitions, out);
    say(out.dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  say("未发送 " + std::to_string(s.unsent) + " 条 · not sent: " + std::to_string(s.unsent) +
      (s.oldest_unsent ? "   (最早 · oldest " + format_time(*s.oldest_unsent) + ")" : ""));
  if (s.photos.waiting > 0)
    say("照片待送 " + std::to_string(s.photos.waiting) +
        " 张 · photos waiting: " + std::to_string(s.photos.waiting) + " (" +
        std::to_string((s.photos.waiting_bytes + 999) / 1'000) + " kB)");
  if (s.in_bundles > 0)
    say("其中已写入记录包 " + std::to_string(s.in_bundles) +
        " 条 · of these in a bundle: " + std::to_string(s.in_bundles));
  if (s.receipted) tell_receipted(*s.receipted);
  if (s.carried > 0)
    say("替同事待送 " + std::to_string(s.carried) +
        " 条 · carried for colleagues: " + std::to_string(s.carried));
  if (number_of_drafts > 0)
    say("草稿 " + std::to_string(number_of_drafts) +
        " 份,尚未登记 · drafts: " + std::to_string(number_of_drafts));
  tell_alarms(s);
  for (const std::string& refused : definitions.refused)
    say("公布的政策定义未被采用 · a published definition has no effect: " + refused);
  for (const Digest& event : definitions.waiting)
    say("公布待第二人会签 · a publication waits for its second person: " + to_hex(event.view()));
  Table table({"项目 Item", "内容 Value"});
  table.add({"本机记录 own events", std::to_string(s.own)});
  table.add({"照片已送达 photos delivered", std::to_string(s.photos.held)});
  table.add({"县日志中持有 entries held", std::to_string(s.entries)});
  table.add({"暂存待批 parked", std::to_string(s.parked)});
  table.add(
      {"县 county", s.contacted ? s.county_name + " " + s.origin : "尚未联系 no contact yet"});
  if (s.enrolled)
    table.add({"县根指纹 fingerprint", to_hex(s.root_digest.view()).substr(0, kRootHexDigitsMin)});
  table.add({"状态 standing", s.revoked    ? "已撤销 revoked"
                              : s.approved ? "已批准 approved: " + s.role + " " + s.office
                              : s.enrolled ? "已申请,待批准 waiting for approval"
                                           : "未登记入册 not enrolled"});
  std::string divisions;
  for (const std::string& division : s.divisions) divisions += division + " ";
  table.add({"区划 divisions", divisions});
  table.add(
      {"密钥 key", to_hex(s.key.view()).substr(0, 16) + "… (" + std::to_string(s.keys) + ")"});
  std::string in_force;
  for (const commands::Edition& each : definitions.in_force)
    in_force += each.programme + " " + std::to_string(each.version) + "  ";
  if (!in_force.empty()) table.add({"政策定义 definitions", in_force});
  table.add({"信任的检查点 trusted checkpoint", std::to_string(s.trusted_size)});
  std::fputs(table.text().c_str(), stdout);
  if (s.contacted)
    say(s.recoverable
            ? "忘记 PIN 时,未发送的可由县里恢复 · if the PIN is forgotten, unsent work can be "
              "recovered by the county"
            : "忘记 PIN 时,未发送的将丢失 · if the PIN is forgotten, unsent work is lost");
  if (context.test_vault)
    say("注意:测试用保险库,几乎没有保护 · a vault for tests, with next to no protection");
  return 0;
}

int run_verify(const Context& context) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto report = (*open)->verify();
  if (!report) return fail(report.error());
  if (!report->sound()) return fail(report->finding_zh, report->finding_en);
  say("全部核验无误 · all is sound: 本机记录 own events " + std::to_string(report->own_events) +
      " (链 chains " + std::to_string(report->chains) + "), 县日志 entries " +
      std::to_string(report->entries) + ", 区划 divisions " + std::to_string(report->divisions));
  return 0;
}

int run_evidence(const Context& context) {
  auto open = open_node(context);
  if (!open) return 1;
  const auto evidence = (*open)->store().evidence();
  if (!evidence) return fail(evidence.error());
  Json out = Json::array();
  for (const sync::SplitView& view : *evidence)
    out.push_back({{"reason", view.reason},
                   {"trusted_note", view.trusted_note},
                   {"shown_note", view.shown_note}});
  say(out.dump(2, ' ', false, Json::error_handler_t::replace));
  return 0;
}
}  // namespace

void add_status_commands(CLI::App& app, Context& context) {
  CLI::App* status = app.add_subcommand("status", "终端状态,未发送数在先 · how this node stands");
  status->add_flag("--json", context.json, "JSON");
  on_run(status, context, [&context] { return run_status(context); });
  CLI::App* verify =
      app.add_subcommand("verify", "核验本机所存的一切 · check everything that is kept here");
  on_run(verify, context, [&context] { return run_verify(context); });
  CLI::App* evidence = app.add_subcommand(
      "export-evidence",
      "导出服务器自相矛盾的证据(JSON) · two signed notes that no one log can have");
  on_run(evidence, context, [&context] { return run_evidence(context); });
}
}  // namespace cunji::fieldnode::cli
