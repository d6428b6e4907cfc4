#include "fieldnode/sealed_keys.h"

namespace cunji::fieldnode {
static constexpr std::string_view kLabel = "cunji/node keys/v1\n";

Bytes seal_keys(const std::vector<crypto::KeyPair>& keys, const crypto::SealKey& data_key,
                Entropy& entropy) {
  Bytes seeds;
  for (const crypto::KeyPair& key : keys) seeds += key.seed().view();
  Bytes out = Bytes(kLabel) + data_key.derive(kLabel).seal(seeds, kLabel, entropy);
  crypto::wipe(seeds);
  return out;
}

Result<std::vector<crypto::KeyPair>> open_keys(BytesView sealed, const crypto::SealKey& data_key) {
  if (!sealed.starts_with(kLabel)) return Error{Errc::Corrupt, "not a key file of this version"};
  auto seeds = data_key.derive(kLabel).open(sealed.substr(kLabel.size()), kLabel);
  if (!seeds) return Error{Errc::Forged, "the key file is damaged, or was sealed by another vault"};
  std::vector<crypto::KeyPair> out;
  ByteReader in(*seeds);
  while (in.ok() && !in.at_end()) {
    const auto seed = in.fixed<crypto::Seed>();
    if (in.ok()) out.push_back(crypto::KeyPair::from_seed(seed));
  }
  const bool whole = in.ok();
  crypto::wipe(*seeds);
  if (!whole) return Error{Errc::Corrupt, "not a key file of this version"};
  return out;
}
}  // namespace cunji::fieldnode
