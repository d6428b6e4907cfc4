// recover: opens what a locked device has not sent, by two officers' shares of the recovery key.
#include <cstdio>

#include "server/app/files.h"
#include "server/app/recovery.h"
#include "server/command/command.h"
#include "shared/sync/limits.h"
#include "shared/terminal/secret_entry.h"

namespace cunji::server {
struct RecoverArguments {
  CommonOptions common;
  std::string file;
  std::vector<std::string> shares;
  terminal::SecretSource source;
  bool lost_bodies = false;
};

static Result<sync::Rescue> read_rescue_file(const std::string& path) {
  TRY_AS(file, read_file(path, sync::kRescueBytesMax));
  auto rescue = sync::decode_rescue(file);
  if (!rescue) return Error{rescue.error().code, path + ": " + rescue.error().what};
  return rescue;
}

// Both heads are looked at before anybody is asked for a passphrase.
static Result<crypto::BoxPair> join_shares(const RecoverArguments& arguments,
                                           const credential::County& county) {
  const auto use = county.test_county ? crypto::VaultUse::Test : crypto::VaultUse::Real;
  std::vector<ShareFile> files;
  for (const std::string& path : arguments.shares) {
    TRY_AS(file, read_share_file(path, use));
    if (file.head.county != county.code || file.head.key.view() != BytesView(county.recovery_key))
      return Error{Errc::Conflict, path + ": a share of another county's recovery key"};
    files.push_back(std::move(file));
  }
  if (files[0].head.number == files[1].head.number)
    return Error{Errc::Conflict, "the same share twice: another officer's is needed"};
  std::vector<crypto::RecoveryShare> opened;
  for (const ShareFile& file : files) {
    const std::string number = std::to_string(file.head.number);
    TRY_AS(passphrase, terminal::read_secret(
                           arguments.source, "CUNJI_SHARE_PASSPHRASE_" + number,
                           "恢复密钥第 " + number + " 份的口令 / passphrase of share " + number,
                           /*twice=*/false));
    auto share = open_share_file(file, passphrase, use);
    crypto::wipe(passphrase);
    if (!share) return share.error();
    opened.push_back(std::move(*share));
  }
  auto key = crypto::join_recovery_key(opened[0], opened[1]);
  for (crypto::RecoveryShare& share : opened) crypto::wipe(share.pieces);
  return key;
}

static Result<void> recover(const RecoverArguments& arguments) {
  const Folder folder{arguments.common.folder};
  TRY_AS(log, open_log_read_only(folder));
  TRY_AS(county, county_of(*log));
  if (county.recovery_key.empty())
    return Error{Errc::Conflict, "this county was made without a recovery key"};
  TRY_AS(rescue, read_rescue_file(arguments.file));
  if (rescue.to.view() != BytesView(county.recovery_key) || rescue.county != county.code)
    return Error{Errc::Conflict, arguments.file + ": the rescue file is of another county"};
  TRY_AS(key, join_shares(arguments, county));
  const auto recovered = open_rescue(rescue, key, arguments.lost_bodies);
  if (!recovered)
    return Error{recovered.error().code, arguments.file + ": " + recovered.error().what};
  TRY_AS(side, open_side(folder));
  TRY_AS(photos, keep_recovered_photos(folder, *recovered));
  TRY(side->enqueue(recovered->events));
  std::printf("已恢复，待服务器入账 / recovered, for the server to log: %zu 条 events\n",
              recovered->events.size());
  if (!rescue.blobs.empty())
    std::printf("照片，待记录入账后归档 / photos, filed once their events are logged: %zu 张\n",
                photos);
  if (recovered->bodies_lost > 0)
    std::printf("其中内容已损坏 / of these with a lost body: %zu\n", recovered->bodies_lost);
  if (recovered->photos_lost > 0)
    std::printf("照片已损坏，略去 / damaged photos left out: %zu\n", recovered->photos_lost);
  return {};
}

void add_recover(CLI::App& app, Context& context) {
  CLI::App& command = *app.add_subcommand("recover",
                                          "忘记 PIN 的设备：两名保管人一起打开其未发送的记录 / "
                                          "open what a device with a forgotten PIN has not "
                                          "sent (cunji-node rescue), by two officers' shares");
  const auto arguments = std::make_shared<RecoverArguments>();
  add_folder(command, arguments->common);
  command.add_option("FILE", arguments->file, "设备写出的文件 / the rescue file")->required();
  command
      .add_option("--share", arguments->shares,
                  "恢复密钥的一份，须给两次 / an officer's share of the recovery key; give two")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--passphrase-fd", arguments->source.descriptor,
                     "从此文件描述符读口令，每份一行 / read the passphrases from this file "
                     "descriptor, a line each, in the shares' order (or "
                     "$CUNJI_SHARE_PASSPHRASE_N of share N; else they are asked for)");
  command.add_flag(
      "--lost-bodies", arguments->lost_bodies,
      "设备上已损坏的内容按丢失入账，已损坏的照片略去 / take events whose body is damaged on the "
      "device as lost, and leave damaged photos out, instead of refusing the file");
  arguments->source.option = "--passphrase-fd";
  command.callback([arguments, &context] {
    run(context, [&]() -> Result<void> {
      if (arguments->shares.size() != 2)
        return Error{Errc::Malformed, "--share is given twice: two officers are needed"};
      return recover(*arguments);
    });
  });
}
}  // namespace cunji::server
