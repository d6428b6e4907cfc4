#pragma once
// What every command of cunji-node needs: the folder, the clock, and the opened node.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fieldnode/cli/key_file.h"
#include "fieldnode/node.h"
#include "shared/crypto/system_entropy.h"

namespace CLI {
class App;
}

namespace cunji::fieldnode::cli {
struct Context {
  std::string folder;
  std::string clock_text;  // --clock; empty: the device's.
  bool json = false;
  std::function<int()> chosen;  // The command to run; gives the exit code.

  TimePoint now() const;  // The device's clock, or the one given.
  std::string key_path() const { return folder + "/key"; }
  std::string store_path() const { return folder + "/node.db"; }
};

// The node of a folder, with what must outlive it.
struct OpenNode {
  explicit OpenNode(const Context& context) : keys(context.key_path()) {}
  KeyFile keys;
  crypto::SystemEntropy entropy;
  std::unique_ptr<Node> node;
  Node* operator->() { return node.get(); }
};
// Opens the node of the folder; says why on standard error and gives null where it can't. Waits a
// few seconds for another process that has it. A chain that is broken here is succeeded at once.
std::unique_ptr<OpenNode> open_node(const Context& context);
// Makes a new key after trouble with the chain, and says so loudly. False when even that failed.
bool go_on_with_new_key(OpenNode& open);

// Makes `action` what runs, after all options are read, when `command` was given.
void on_run(CLI::App* command, Context& context, std::function<int()> action);

// --- The groups of commands, each in a file of its own.
void add_enrol_commands(CLI::App& app, Context& context);
void add_record_commands(CLI::App& app, Context& context);
void add_list_commands(CLI::App& app, Context& context);
void add_sync_commands(CLI::App& app, Context& context);
void add_status_commands(CLI::App& app, Context& context);
}  // namespace cunji::fieldnode::cli
