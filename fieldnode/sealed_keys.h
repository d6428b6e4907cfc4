#pragma once
// A node's private keys in bytes, sealed under the vault's data key (D16). Where the bytes lie is
// the platform's business, as with every KeyKeeper. Form: protocol/README.md, "Vault".
#include <vector>

#include "shared/base/entropy.h"
#include "shared/crypto/seal.h"
#include "shared/crypto/sign.h"

namespace cunji::fieldnode {
Bytes seal_keys(const std::vector<crypto::KeyPair>& keys, const crypto::SealKey& data_key,
                Entropy& entropy);
// Oldest first. Errc::Corrupt for bytes of another form, Errc::Forged when they are damaged or were
// sealed under another key.
Result<std::vector<crypto::KeyPair>> open_keys(BytesView sealed, const crypto::SealKey& data_key);
}  // namespace cunji::fieldnode
