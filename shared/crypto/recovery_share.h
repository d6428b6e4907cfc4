#pragma once
// A county's recovery key in the hands of its officers (D16): any two shares give it back, one
// alone says nothing about it. Each share is a file sealed under its officer's passphrase
// (protocol/README.md, "Recovery"). Each pair of officers has an XOR split of its own, so a lost
// share costs nothing as long as two are left.
#include <cstdint>
#include <string_view>
#include <vector>

#include "shared/base/ids.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/vault.h"

namespace cunji::crypto {
// What a sealed share tells anyone.
struct ShareHead {
  CountyCode county;
  BoxPublic key;            // The recovery key's public part.
  std::uint8_t number = 0;  // From 1,
  std::uint8_t of = 0;      // of kSharesMin to kSharesMax.
};
struct RecoveryShare {
  ShareHead head;
  Bytes pieces;  // Secret. 32 bytes for each other number, ascending.
};

// `of` shares, kSharesMin to kSharesMax.
std::vector<RecoveryShare> split_recovery_key(const BoxPair& key, CountyCode county,
                                              std::uint8_t of, Entropy& entropy);
// The key. Errc::Conflict for shares of different keys, or the same one twice; Errc::Corrupt when
// what comes out is not the key.
Result<BoxPair> join_recovery_key(const RecoveryShare& a, const RecoveryShare& b);

// Errc::Limit when there is no memory for `cost`.
Result<Bytes> seal_share(const RecoveryShare& share, std::string_view passphrase,
                         const VaultCost& cost, Entropy& entropy);
// Errc::Corrupt for a file that is no share, is damaged, or weaker than `use` allows.
Result<ShareHead> read_share(BytesView file, VaultUse use);
// As read_share; Errc::Forged for a wrong passphrase.
Result<RecoveryShare> open_share(BytesView file, std::string_view passphrase, VaultUse use);
}  // namespace cunji::crypto
