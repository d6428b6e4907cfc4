#include "fieldnode/cli/key_file.h"

#include "fieldnode/cli/files.h"
#include "fieldnode/sealed_keys.h"

namespace cunji::fieldnode::cli {
// One key a succession: more than this is no node's file.
static constexpr std::size_t kKeyFileBytesMax = 1 << 16;

Result<std::vector<crypto::KeyPair>> KeyFile::keys() const {
  TRY_AS(bytes, read_file(path_, kKeyFileBytesMax));
  if (!bytes) return std::vector<crypto::KeyPair>{};
  auto out = open_keys(*bytes, data_key_);
  if (!out) return Error{out.error().code, path_ + ": " + out.error().what};
  return out;
}

Result<void> KeyFile::keep(const crypto::KeyPair& key) {
  TRY_AS(all, keys());
  all.push_back(key);
  return write_file(path_, seal_keys(all, data_key_, entropy_));
}
}  // namespace cunji::fieldnode::cli
