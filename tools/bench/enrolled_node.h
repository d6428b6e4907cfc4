#pragma once
// A node on disk that is enrolled in a made-up county and level with it, its sessions run in this
// process message by message, so that their bytes can be counted.
#include <memory>
#include <string>
#include <vector>

#include "fieldnode/key_keeper.h"
#include "fieldnode/node.h"
#include "shared/crypto/system_entropy.h"
#include "tools/bench/county.h"

namespace cunji::bench {
// What a session cost on the wire: sealed messages with their WebSocket frame headers. A round trip
// is a message to the server that was answered.
struct Traffic {
  std::uint64_t up_bytes = 0, down_bytes = 0, up_messages = 0, down_messages = 0;
};

class EnrolledNode {
 public:
  // `folder` is made. Enrols the node for these divisions (prefixes) and synchronises until level.
  static Result<std::unique_ptr<EnrolledNode>> make(const std::string& folder, County& county,
                                                    std::vector<std::string> divisions);
  // The same, but only the county's own division is held: what a fresh device has.
  static Result<std::unique_ptr<EnrolledNode>> make_empty(const std::string& folder, County& county,
                                                          std::vector<std::string> divisions);
  // One that was made in `folder`, by another process it may be.
  static Result<std::unique_ptr<EnrolledNode>> open(const std::string& folder);
  fieldnode::Node& node() { return *node_; }

  // One session to its end; gives what it cost. `polls` further rounds on the open session when
  // level, whose cost alone is given where there are any.
  Result<Traffic> synchronise(const CountySource& county, int polls = 0);

 private:
  Result<void> open_node(const std::string& folder);
  crypto::SystemEntropy entropy_;
  fieldnode::MemoryKeyKeeper keys_;
  std::unique_ptr<fieldnode::Node> node_;
};
}  // namespace cunji::bench
