#include "fieldnode/cli/unlock.h"

#include <dirent.h>
#include <sys/stat.h>

#include <chrono>

#include "fieldnode/cli/files.h"
#include "fieldnode/cli/text.h"

namespace cunji::fieldnode::cli {
using crypto::SealKey;
using crypto::VaultLock;

namespace {
constexpr const char* kVariable = "CUNJI_PIN";
constexpr const char* kNewVariable = "CUNJI_NEW_PIN";

// The device's own clock, whatever --clock says: waiting is real.
TimePoint real_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::string prompt_of(VaultLock lock) { return lock == VaultLock::Pin ? "PIN" : "口令 passphrase"; }

int fail_of_waiting(Duration wait) {
  const std::string seconds = std::to_string((wait.count() + 999) / 1'000);
  return fail("PIN 或口令连续输错,请 " + seconds + " 秒后再试",
              "too many wrong attempts, try again in " + seconds + " s");
}

int fail_of_vault(const VaultFiles& files, const Error& error) {
  switch (error.code) {
    case Errc::Forged: {
      const auto wait = waiting_time(files, real_now());
      const std::string seconds =
          wait && *wait > Duration{0} ? std::to_string((wait->count() + 999) / 1'000) : "";
      return fail(
          "PIN 或口令不对" + (seconds.empty() ? "" : ",请 " + seconds + " 秒后再试"),
          "wrong PIN or passphrase" + (seconds.empty() ? "" : ", try again in " + seconds + " s"));
    }
    case Errc::Conflict:
      return fail("此保险库属于另一台设备,或设备密钥文件不对:" + files.device_secret,
                  error.what + " than " + files.device_secret);
    case Errc::Corrupt: return fail("保险库打不开", error.what);
    default: return fail(error);
  }
}

// A new secret that is good enough, and its kind.
std::optional<std::pair<std::string, VaultLock>> ask_new_secret(const Context& context,
                                                                const char* variable,
                                                                bool passphrase) {
  const std::string prompt = passphrase ? "新口令(12 个字符以上) · new passphrase"
                                        : "新 PIN(6 位以上)或口令 · new PIN or passphrase";
  const auto secret = terminal::read_secret(context.pin_source, variable, prompt, /*twice=*/true);
  if (!secret) {
    fail("没有得到 PIN 或口令", secret.error().what);
    return std::nullopt;
  }
  const auto lock = crypto::check_new_secret(*secret, passphrase);
  if (!lock) {
    fail(passphrase ? "口令须 12 个字符以上,且不易猜中"
                    : "PIN 须 6 位以上数字且不常见,口令须 12 个字符以上",
         lock.error().what);
    return std::nullopt;
  }
  return std::pair(*secret, *lock);
}
}  // namespace

void say_dropped() {
  say("超过 30 天未解锁,本机所存的村里数据已删除,下次同步时重新取回;自己的记录仍在 · not unlocked "
      "for 30 days: what was held of the villages is deleted, and fetched again by the next sync; "
      "your own records are still here");
}

void drop_when_long_locked(const Context& context) {
  const auto locked = store::LockedNode::open(context.store_path());
  if (!locked) return;  // In use, or damaged: whoever opens it next says why.
  const auto dropped = (*locked)->drop_when_long_locked(context.now());
  if (dropped && *dropped) say_dropped();
}

static std::optional<SealKey> ask_and_unlock(const Context& context) {
  const VaultFiles files = context.vault_files();
  const auto head = vault_head(files);
  if (!head) {
    fail_of_vault(files, head.error());
    return std::nullopt;
  }
  if (!*head) {
    fail("保险库文件不见了:" + files.vault_path(), "the vault is missing: " + files.vault_path());
    return std::nullopt;
  }
  const auto wait = waiting_time(files, real_now());
  if (!wait || *wait > Duration{0}) {
    wait ? fail_of_waiting(*wait) : fail(wait.error());
    return std::nullopt;
  }
  auto secret =
      terminal::read_secret(context.pin_source, kVariable, prompt_of((*head)->lock), false);
  if (!secret) {
    fail("没有得到 PIN 或口令", secret.error().what);
    return std::nullopt;
  }
  const auto data_key = unlock(files, *secret, real_now());
  crypto::wipe(*secret);
  if (!data_key) {
    fail_of_vault(files, data_key.error());
    return std::nullopt;
  }
  context.data_key = *data_key;
  return context.data_key;
}

std::optional<SealKey> unlock_vault(const Context& context) {
  if (context.data_key) return context.data_key;
  auto data_key = ask_and_unlock(context);
  // Who does not get in may at least cause what is due on a device that lies about.
  if (!data_key) drop_when_long_locked(context);
  return data_key;
}

std::optional<SealKey> make_vault(const Context& context, bool desk) {
  auto fresh = ask_new_secret(context, kVariable, desk);
  if (!fresh) return std::nullopt;
  crypto::SystemEntropy entropy;
  const auto data_key = create_vault(context.vault_files(), fresh->second, fresh->first, entropy);
  crypto::wipe(fresh->first);
  if (!data_key) {
    fail(data_key.error());
    return std::nullopt;
  }
  return *data_key;
}

int change_secret(const Context& context) {
  const VaultFiles files = context.vault_files();
  const auto data_key = unlock_vault(context);
  if (!data_key) return 1;
  const auto head = vault_head(files);
  if (!head || !*head) return 1;  // It was there just now.
  auto fresh = ask_new_secret(context, kNewVariable, (*head)->lock == VaultLock::Passphrase);
  if (!fresh) return 1;
  crypto::SystemEntropy entropy;
  const auto done = rewrap(files, *data_key, fresh->second, fresh->first, entropy);
  crypto::wipe(fresh->first);
  if (!done) return fail_of_vault(files, done.error());
  say("PIN 或口令已更换 · the PIN or passphrase was changed");
  return 0;
}
// Plain files only: folders below may be other people's vaults.
static std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> out;
  DIR* entries = ::opendir(folder.c_str());
  if (entries == nullptr) return out;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string path = folder + "/" + entry->d_name;
    struct stat info = {};
    if (::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) out.push_back(path);
  }
  ::closedir(entries);
  return out;
}

bool wipe_when_done(const Context& context, std::unique_ptr<OpenNode>& open) {
  Node& node = *open->node;
  if (!node.revoked()) return false;
  const auto done = node.may_be_wiped();
  if (!done) {
    fail(done.error());
    return false;
  }
  if (!*done) {
    say("县里已撤销此密钥,查阅已关闭;未入县日志的记录仍会发送 · the county has revoked this key: "
        "reading is closed, what it has not logged is still sent");
    return false;
  }
  open.reset();
  context.data_key.reset();
  auto wiped = erase_file(context.vault_files().vault_path());
  for (const std::string& path : files_in(context.node_folder()))
    if (wiped) wiped = erase_file(path);
  if (!wiped) {
    fail(wiped.error());
    return false;
  }
  say("县里已撤销此密钥,且已收到全部记录:本机保险库已清除 · the county has revoked this key and "
      "has "
      "all its records: the vault on this device was wiped");
  return true;
}
}  // namespace cunji::fieldnode::cli
