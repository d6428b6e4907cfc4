#include "fieldnode/cli/context.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

#include "fieldnode/cli/text.h"
#include "fieldnode/cli/unlock.h"

namespace cunji::fieldnode::cli {
TimePoint Context::now() const {
  if (!clock_text.empty()) return parse_time(clock_text).value();  // Checked by main.
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void ask_for_folder(const Context& context) {
  const int asked = ::open(context.wanted_path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (asked >= 0) ::close(asked);
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
}
void no_longer_ask_for_folder(const Context& context) { ::unlink(context.wanted_path().c_str()); }

bool has_node(const Context& context) {
  const std::string folder = context.node_folder();
  if (::access(folder.c_str(), F_OK) == 0 && ::access(context.store_path().c_str(), F_OK) == 0)
    return true;
  fail("此文件夹里没有村记终端,先运行 init:" + folder,
       "there is no node in this folder, run init first: " + folder);
  return false;
}

bool go_on_with_new_key(OpenNode& open) {
  const sync::ChainTrouble trouble = *open->trouble();
  const char* zh = "本机的记录链落后于县里(可能由备份恢复或被复制)";
  const char* en = "this node's chain is behind the county's (restored from a backup, or cloned)";
  if (trouble.reason == sync::ChainTrouble::Reason::Fork) {
    zh = "县里在同一序号收到了另一条记录(设备被复制或密钥被盗)";
    en = "the county holds another event at the same sequence (a cloned device, or a stolen key)";
  } else if (trouble.reason == sync::ChainTrouble::Reason::Broken) {
    zh = "本机的记录链损坏";
    en = "this node's own chain is damaged";
  }
  fail(std::string(zh) + ",序号 " + std::to_string(trouble.sequence) + ";换用新密钥继续",
       std::string(en) + ", at sequence " + std::to_string(trouble.sequence) +
           "; going on with a new key");
  if (const auto done = open->succeed(); !done) {
    fail(done.error());
    return false;
  }
  say("新密钥已生成。请向县里要一个新授权码并运行 enrol,再运行 resume 重新登记未被接收的记录。");
  say("A new key was made. Ask the county for a new code and run enrol, then resume to record "
      "again "
      "what was not accepted.");
  return true;
}

std::unique_ptr<OpenNode> open_node(const Context& context) {
  if (!has_node(context)) return nullptr;
  const auto data_key = unlock_vault(context);
  if (!data_key) return nullptr;
  auto open = std::make_unique<OpenNode>(context, *data_key);
  auto store = open_store(context, [&] {
    return store::NodeStore::open(context.store_path(), *data_key, open->entropy);
  });
  if (!store) return nullptr;
  const auto dropped = (*store)->note_unlocked(context.now());
  if (!dropped) {
    fail(dropped.error());
    return nullptr;
  }
  if (*dropped) say_dropped();
  auto node = Node::open(std::move(*store), open->keys, open->entropy);
  if (!node) {
    fail(node.error());
    return nullptr;
  }
  open->node = std::move(*node);
  if (open->node->trouble() && !go_on_with_new_key(*open)) return nullptr;
  return open;
}

void on_run(CLI::App* command, Context& context, std::function<int()> action) {
  command->callback([&context, action = std::move(action)] { context.chosen = action; });
}
}  // namespace cunji::fieldnode::cli
