// change-pin and vaults.
#include <dirent.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "fieldnode/cli/context.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/unlock.h"

namespace cunji::fieldnode::cli {
namespace {
// The folders below the data folder that hold a vault; one person's own vault may lie in the data
// folder itself.
std::vector<std::string> vault_names(const std::string& folder) {
  std::vector<std::string> out;
  DIR* entries = ::opendir(folder.c_str());
  if (entries == nullptr) return out;
  while (const dirent* entry = ::readdir(entries))
    if (entry->d_name[0] != '.') out.emplace_back(entry->d_name);
  ::closedir(entries);
  std::sort(out.begin(), out.end());
  return out;
}

int run_vaults(const Context& context) {
  Table table({"名字 Vault", "锁 Lock", "文件夹 Folder"});
  const auto add = [&](const std::string& name) {
    Context one = context;
    one.vault_name = name;
    const auto head = vault_head(one.vault_files());
    if (head && !*head) return;
    drop_when_long_locked(one);
    const char* lock = !head                                            ? "损坏 damaged"
                       : (*head)->lock == crypto::VaultLock::Passphrase ? "口令 passphrase"
                                                                        : "PIN";
    table.add({name.empty() ? "—" : name, lock, one.node_folder()});
  };
  add("");
  for (const std::string& name : vault_names(context.folder)) add(name);
  if (table.size() == 0)
    return fail("此文件夹下没有保险库:" + context.folder,
                "there is no vault in this folder: " + context.folder);
  std::fputs(table.text().c_str(), stdout);
  return 0;
}
}  // namespace

void add_vault_commands(CLI::App& app, Context& context) {
  CLI::App* change = app.add_subcommand(
      "change-pin", "更换 PIN 或口令 · another PIN or passphrase (or $CUNJI_NEW_PIN)");
  on_run(change, context, [&context] { return change_secret(context); });
  CLI::App* vaults = app.add_subcommand(
      "vaults", "列出本设备上各人的保险库 · the vaults of those who share this device");
  on_run(vaults, context, [&context] { return run_vaults(context); });
}
}  // namespace cunji::fieldnode::cli
