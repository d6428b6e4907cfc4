#pragma once
// The node's keys in a file of mode 600 inside its folder, sealed under the vault's data key.
#include <string>

#include "fieldnode/key_keeper.h"
#include "shared/base/entropy.h"
#include "shared/crypto/seal.h"

namespace cunji::fieldnode::cli {
class KeyFile final : public KeyKeeper {
 public:
  // `entropy` outlives it.
  KeyFile(std::string path, const crypto::SealKey& data_key, Entropy& entropy)
      : path_(std::move(path)), data_key_(data_key), entropy_(entropy) {}
  // No file: no keys. Errc::Corrupt for a file of another form, Errc::Forged for one that is
  // damaged or of another vault, Errc::Io where it can't be read.
  Result<std::vector<crypto::KeyPair>> keys() const override;
  // Replaces the file as a whole (files.h). Never one that keys() can't read.
  Result<void> keep(const crypto::KeyPair& key) override;

 private:
  std::string path_;
  crypto::SealKey data_key_;
  Entropy& entropy_;
};
}  // namespace cunji::fieldnode::cli
