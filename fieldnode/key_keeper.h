#pragma once
// Where a node's private keys lie is the platform's business: a sealed file on a computer
// (cli/key_file.h), the browser's own store, memory in tests and demonstrations. Vault and key
// bytes (sealed_keys.h) are handed in by whoever keeps them (D16).
#include <vector>

#include "shared/base/result.h"
#include "shared/crypto/sign.h"

namespace cunji::fieldnode {
class KeyKeeper {
 public:
  virtual ~KeyKeeper() = default;
  // All keys this node ever had, oldest first. A key is never dropped: its chain is evidence.
  virtual Result<std::vector<crypto::KeyPair>> keys() const = 0;
  // Adds a key; durable when it returns.
  virtual Result<void> keep(const crypto::KeyPair& key) = 0;
};

// Keys that go with the process.
class MemoryKeyKeeper final : public KeyKeeper {
 public:
  Result<std::vector<crypto::KeyPair>> keys() const override { return keys_; }
  Result<void> keep(const crypto::KeyPair& key) override {
    keys_.push_back(key);
    return {};
  }

 private:
  std::vector<crypto::KeyPair> keys_;
};
}  // namespace cunji::fieldnode
