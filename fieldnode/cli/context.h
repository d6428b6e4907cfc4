#pragma once
// What every command of cunji-node needs: the folder, the clock, and the opened node.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fieldnode/cli/key_file.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/vault_files.h"
#include "fieldnode/node.h"
#include "shared/crypto/system_entropy.h"
#include "shared/store/locked_node.h"
#include "shared/terminal/secret_entry.h"

namespace CLI {
class App;
}

namespace cunji::fieldnode::cli {
struct Context {
  std::string folder;
  std::string vault_name;     // --vault: a folder below `folder`, one a person.
  std::string device_secret;  // Path of its file.
  bool test_vault = false;    // --test-vault: the least Argon2id there is, for tests and demos.
  terminal::SecretSource pin_source;
  std::string authorities_file;  // --ca: whose certificates to trust; empty: the system's.
  std::string clock_text;        // --clock; empty: the device's.
  bool json = false;
  std::function<int()> chosen;  // The command to run; gives the exit code.

  TimePoint now() const;  // The device's clock, or the one given.
  std::string node_folder() const {
    return vault_name.empty() ? folder : folder + "/" + vault_name;
  }
  std::string key_path() const { return node_folder() + "/key"; }
  std::string store_path() const { return node_folder() + "/node.db"; }
  // There while a command waits for the store: a `sync` that is only sending photos lets go of it.
  std::string wanted_path() const { return store_path() + ".wanted"; }
  VaultFiles vault_files() const {
    return {.folder = node_folder(),
            .device_secret = device_secret,
            .use = test_vault ? crypto::VaultUse::Test : crypto::VaultUse::Real};
  }
  // Once it was unlocked: `sync --watch` opens the store anew for each round and asks once.
  mutable std::optional<crypto::SealKey> data_key;
};

// Whether the folder has a node; where it has none, says so.
bool has_node(const Context& context);

// A file that says that a command waits for the folder; a pause; and its end.
void ask_for_folder(const Context& context);
void no_longer_ask_for_folder(const Context& context);
// What `open` gives, also when another command has the folder for some seconds: those take a
// fraction of a second, and `sync` lets go of the store between two rounds and while it sends
// photos. Null when it can't be opened, which was said then.
template <class Open>
auto open_store(const Context& context, const Open& open) -> decltype(open()) {
  constexpr int kAttempts = 50;
  for (int attempt = 1;; ++attempt) {
    auto store = open();
    if (attempt > 1) no_longer_ask_for_folder(context);
    if (store) return store;
    const bool in_use = store.error().code == Errc::Conflict;
    if (!in_use || attempt == kAttempts) {
      in_use ? fail("另一个程序正在使用此文件夹",
                    "another program is using this folder: " + context.node_folder())
             : fail(store.error());
      return store;
    }
    ask_for_folder(context);
  }
}

// The node of a folder, with what must outlive it.
struct OpenNode {
  OpenNode(const Context& context, const crypto::SealKey& data_key)
      : keys(context.key_path(), data_key, entropy) {}
  crypto::SystemEntropy entropy;
  KeyFile keys;
  std::unique_ptr<Node> node;
  Node* operator->() { return node.get(); }
};
// Unlocks and opens the node of the folder; says why on standard error and gives null where it
// can't. Waits a few seconds for another process that has it. A chain that is broken here is
// succeeded at once.
std::unique_ptr<OpenNode> open_node(const Context& context);
// Makes a new key after trouble with the chain, and says so loudly. False when even that failed.
bool go_on_with_new_key(OpenNode& open);

// Makes `action` what runs, after all options are read, when `command` was given.
void on_run(CLI::App* command, Context& context, std::function<int()> action);

// --- The groups of commands, each in a file of its own.
void add_enrol_commands(CLI::App& app, Context& context);
void add_record_commands(CLI::App& app, Context& context);
void add_list_commands(CLI::App& app, Context& context);
void add_question_commands(CLI::App& app, Context& context);
void add_filing_command(CLI::App& app, Context& context);  // After the record commands.
void add_publish_command(CLI::App& app, Context& context);
void add_sync_commands(CLI::App& app, Context& context);
void add_status_commands(CLI::App& app, Context& context);
void add_read_command(CLI::App& app, Context& context);
void add_vault_commands(CLI::App& app, Context& context);
void add_rescue_command(CLI::App& app, Context& context);
}  // namespace cunji::fieldnode::cli
