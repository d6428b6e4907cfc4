// init and enrol.
#include <dirent.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/files.h"
#include "fieldnode/cli/sync_report.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/unlock.h"
#include "fieldnode/sync_driver.h"
#include "shared/credential/code.h"
#include "shared/event/enrolment.h"

namespace cunji::fieldnode::cli {
namespace {
struct EnrolOptions {
  std::string invitation, code, server, root_hex;
};

// Entries other than "." and ".."; -1 with errno where it can't be read.
int entries_in(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = ::readdir(folder))
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) ++count;
  ::closedir(folder);
  return count;
}

int run_init(const Context& context, bool desk) {
  const std::string folder = context.node_folder();
  const auto no_folder = [&] {
    const char* why = std::strerror(errno);
    return fail("无法写入文件夹 " + folder, "can't make or use the folder " + folder + ": " + why);
  };
  if (!make_folders(folder)) return no_folder();
  const int entries = entries_in(folder);
  if (entries < 0 || ::access(folder.c_str(), W_OK) != 0) return no_folder();
  if (entries > 0)
    return fail("文件夹已被使用,请另选空文件夹:" + folder,
                "the folder is in use already, choose an empty one: " + folder);
  const auto data_key = make_vault(context, desk);
  if (!data_key) return 1;
  OpenNode open(context, *data_key);
  auto store = store::NodeStore::open(context.store_path(), *data_key, open.entropy);
  if (!store) return fail(store.error());
  auto node = Node::open(std::move(*store), open.keys, open.entropy);
  if (!node) return fail(node.error());
  say("已建立终端文件夹 · node made: " + folder);
  say("密钥 · key: " + to_hex((*node)->key().view()));
  say("下一步 · next: cunji-node enrol CODE@HOST:PORT#FINGERPRINT");
  return 0;
}

Result<Invitation> invitation_of(const EnrolOptions& options) {
  Invitation out;
  if (!options.invitation.empty()) {
    TRY_AS(parsed, parse_invitation(options.invitation));
    out = parsed;
  }
  if (!options.code.empty()) out.code = options.code;
  if (!options.server.empty()) {
    TRY_AS(server, parse_address(options.server));
    out.server = server;
  }
  if (!options.root_hex.empty()) {
    TRY_AS(root_hex, parse_root_hex(options.root_hex));
    out.root_hex = root_hex;
  }
  if (out.code.empty() || out.server.port == 0)
    return Error{Errc::Malformed, "give CODE@HOST:PORT#FINGERPRINT, or --code and --server"};
  return out;
}

// Who the server is must come from elsewhere than the server: from the code's slip, or typed in by
// the person, who has it from the office. Gives the whole digest.
Result<Digest> root_digest_for(const Invitation& invitation) {
  if (invitation.root_hex.size() == 2 * Digest::kSize) {
    TRY_AS(bytes, from_hex(invitation.root_hex));
    return Digest::from(bytes);
  }
  TRY_AS(shown, fetch_root_digest(invitation.server, SyncOptions{}.connect_timeout));
  std::string expected = invitation.root_hex;
  if (expected.empty()) {
    if (::isatty(STDIN_FILENO) != 1)
      return Error{Errc::Malformed,
                   "the county's fingerprint is missing: add #FINGERPRINT (16 to 64 digits)"};
    say("请输入县里公布的县根指纹前 16 位(不要照抄服务器所说):");
    std::fputs("Type the first 16 digits of the county's fingerprint, as the office gave them: ",
               stdout);
    std::fflush(stdout);
    std::string typed;
    std::getline(std::cin, typed);
    typed.erase(std::remove(typed.begin(), typed.end(), ' '), typed.end());
    TRY_AS(parsed, parse_root_hex(typed));
    expected = parsed;
  }
  if (expected.empty() || !to_hex(shown.view()).starts_with(expected))
    return Error{Errc::Forged, "this server is not of that county: its fingerprint begins with " +
                                   to_hex(shown.view()).substr(0, kRootHexDigitsMin)};
  return shown;
}

int run_enrol(const Context& context, const EnrolOptions& options) {
  const auto invitation = invitation_of(options);
  if (!invitation) return fail("邀请码写法不对", invitation.error().what);
  const auto code = credential::parse_code(invitation->code);
  if (!code) return fail("授权码写法不对", code.error().what);
  auto open = open_node(context);
  if (!open) return 1;
  Node& node = *open->node;
  const auto root_digest = root_digest_for(*invitation);
  if (!root_digest) return fail_of_server(invitation->server, root_digest.error());
  auto offer = node.enrol(*root_digest, credential::code_key(*code).view());
  if (!offer) return fail(offer.error());
  const std::string digits = event::comparison_digits(offer->request);
  if (const auto kept = node.store().set_setting("server", to_text(invitation->server)); !kept)
    return fail(kept.error());

  const SyncEnd end = run_sync(context, node, invitation->server, *offer).end;
  if (end.error) return fail_of_server(invitation->server, *end.error);
  if (!end.report.enrolment) return fail("服务器没有答复", "the server gave no answer");
  if (end.report.enrolment->waits) {
    say("申请已送达,等县里审批;现在就可以登记。 · The request arrived and waits for approval; "
        "recording is possible now.");
    say("请与审批人核对八位数字 · compare these digits with the registrar: " + digits);
    return 0;
  }
  std::string divisions;
  for (const std::string& division : end.report.enrolment->divisions) divisions += " " + division;
  say("已登记入册 · enrolled as " + end.report.enrolment->role + ":" + divisions);
  return tell(*open, end, /*quiet=*/false);
}
}  // namespace

void add_enrol_commands(CLI::App& app, Context& context) {
  CLI::App* init =
      app.add_subcommand("init", "建立终端文件夹、密钥与存储 · make the folder, its key and store");
  const auto desk = std::make_shared<bool>(false);
  init->add_flag("--desk", *desk,
                 "县乡办公用,须用 12 个字符以上的口令 · for an office: a passphrase of at least 12 "
                 "characters, no PIN");
  on_run(init, context, [&context, desk] { return run_init(context, *desk); });

  auto options = std::make_shared<EnrolOptions>();
  CLI::App* enrol =
      app.add_subcommand("enrol", "用授权码登记入册 · enrol with a code from the county");
  enrol->add_option("invitation", options->invitation,
                    "CODE@HOST:PORT#FINGERPRINT,或二维码文字 · or the QR code's text");
  enrol->add_option("--code", options->code, "授权码 · the code by itself");
  enrol->add_option("--server", options->server, "服务器 HOST:PORT · the server by itself");
  enrol->add_option("--root", options->root_hex,
                    "县根指纹,16 至 64 位十六进制 · the county's fingerprint");
  on_run(enrol, context, [&context, options] { return run_enrol(context, *options); });
}
}  // namespace cunji::fieldnode::cli
