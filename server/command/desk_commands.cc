// revoke, endorse, register: what the county's own keys sign at the desk.
#include <cstdio>
#include <fstream>

#include "server/app/desk.h"
#include "server/app/register.h"
#include "server/command/sign.h"
#include "server/command/terminal.h"

namespace cunji::server {
struct RevokeArguments {
  CommonOptions common;
  std::string key, reason, credential, remark, key_file;
  std::uint64_t last_vouched = 0;
};

static Result<void> revoke(const RevokeArguments& arguments, Context& context) {
  TRY_AS(key, fixed_of<PublicKey>(arguments.key, "--key"));
  const bool ended = arguments.reason == "ended";
  event::RevocationPart part{
      .key = key,
      .reason = ended ? event::RevocationReason::Ended : event::RevocationReason::Compromised,
      .last_vouched_sequence = arguments.last_vouched,
      .credential = std::nullopt,
      .remark = arguments.remark};
  if (!arguments.credential.empty()) {
    TRY_AS(credential, fixed_of<Digest>(arguments.credential, "--credential"));
    part.credential = credential;
  }
  TRY_AS(log, open_log_read_only({arguments.common.folder}));
  TRY_AS(governance, read_governance(*log));
  if (governance.find(key) == nullptr)
    return Error{Errc::Malformed, "no credential names the key " + arguments.key};
  log.reset();
  TRY(sign_one(arguments.common, arguments.key_file, event::Kind::Revocation, part, context));
  return {};
}

void add_revoke(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand("revoke", "撤销授权 / revoke a key's credentials");
  const auto arguments = std::make_shared<RevokeArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option("--key", arguments->key, "公钥 / the key, 64 hex digits")->required();
  command
      .add_option("--reason", arguments->reason,
                  "ended 正常结束（此前离线工作仍算数） / older offline work still counts; "
                  "compromised 失控（其后无效） / withdraws later effects")
      ->required()
      ->check(CLI::IsMember({"ended", "compromised"}));
  command.add_option(
      "--last-vouched", arguments->last_vouched,
      "本人认可的最后序号 / with compromised: the last sequence the person vouches for");
  command.add_option("--credential", arguments->credential,
                     "只撤销此授权 / only this credential event, 64 hex digits");
  command.add_option("--remark", arguments->remark, "说明 / remark, without personal data");
  command.add_option("--key-file", arguments->key_file,
                     "签名密钥，默认登记员 / sign with this key; default: the registrar's");
  command.callback(
      [arguments, &context] { run(context, [&] { return revoke(*arguments, context); }); });
}

struct EndorseArguments {
  CommonOptions common;
  std::vector<std::string> events;
  std::string purpose = "effect", remark, key_file;
};

static Result<void> endorse(const EndorseArguments& arguments, Context& context) {
  event::EndorsementPart part{
      .events = {}, .purpose = event::EndorsementPurpose::Effect, .remark = arguments.remark};
  if (arguments.purpose == "time") part.purpose = event::EndorsementPurpose::Time;
  if (arguments.purpose == "second_person") part.purpose = event::EndorsementPurpose::SecondPerson;
  for (const std::string& text : arguments.events) {
    TRY_AS(digest, fixed_of<Digest>(text, "EVENT"));
    part.events.push_back(digest);
  }
  TRY(sign_one(arguments.common, arguments.key_file, event::Kind::Endorsement, part, context));
  return {};
}

void add_endorse(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "endorse", "追认 / give effect to disputed events, confirm a doubtful time, or sign second");
  const auto arguments = std::make_shared<EndorseArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option("EVENT", arguments->events, "事件摘要 / event digests, 64 hex digits")
      ->required();
  command.add_option("--purpose", arguments->purpose, "目的 / effect, time or second_person")
      ->check(CLI::IsMember({"effect", "time", "second_person"}))
      ->capture_default_str();
  command.add_option("--remark", arguments->remark, "说明 / remark, without personal data");
  command.add_option("--key-file", arguments->key_file,
                     "签名密钥，默认登记员 / sign with this key; default: the registrar's");
  command.callback(
      [arguments, &context] { run(context, [&] { return endorse(*arguments, context); }); });
}

struct RegisterArguments {
  CommonOptions common;
  std::string file;
};

static Result<void> fill_register(const RegisterArguments& arguments, Context& context) {
  std::ifstream in(arguments.file, std::ios::binary);
  if (!in) return Error{Errc::Io, "can't open " + arguments.file};
  const Folder folder{arguments.common.folder};
  TRY_AS(desk, Desk::open(folder, context.entropy));
  TRY_AS(clock, clock_of(arguments.common, desk->county().test_county));
  TRY_AS(registrar, load_key(folder.key("registrar")));
  Result<RegisterResult> done = RegisterResult{};
  {
    ProgressBar bar("登记 / register");
    done = register_lines(*desk, registrar, in, context.entropy, clock->now(),
                          [&](std::uint64_t n, std::uint64_t total) { bar.show(n, total); });
  }
  if (!done) return Error{done.error().code, arguments.file + ": " + done.error().what};
  std::printf("已登记 / registered: %llu 行 lines, %llu 存疑 disputed\n",
              static_cast<unsigned long long>(done->lines),
              static_cast<unsigned long long>(done->disputed));
  return {};
}

void add_register(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand(
      "register", "从 JSON 行登记 / fill the register from JSON lines (server/README.md)");
  const auto arguments = std::make_shared<RegisterArguments>();
  add_folder(command, arguments->common);
  add_test_clock(command, arguments->common);
  command.add_option("FILE", arguments->file, "JSON 行文件 / the file")->required();
  command.callback(
      [arguments, &context] { run(context, [&] { return fill_register(*arguments, context); }); });
}
}  // namespace cunji::server
