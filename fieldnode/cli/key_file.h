#pragma once
// The node's keys in a file of mode 600 inside its folder: a header line, then one private key a
// line in hexadecimal, oldest first. Not sealed: whoever reads the file can sign in its owner's
// name. A vault takes its place with sealing (D16); until then `status` says so.
#include <string>

#include "fieldnode/key_keeper.h"

namespace cunji::fieldnode::cli {
class KeyFile final : public KeyKeeper {
 public:
  explicit KeyFile(std::string path) : path_(std::move(path)) {}
  // No file: no keys. Errc::Corrupt for a file of another form, Errc::Io where it can't be read.
  Result<std::vector<crypto::KeyPair>> keys() const override;
  // Replaces the file as a whole: written aside, synced, renamed, folder synced. A crash leaves the
  // old file or the new one.
  Result<void> keep(const crypto::KeyPair& key) override;

 private:
  std::string path_;
};
}  // namespace cunji::fieldnode::cli
