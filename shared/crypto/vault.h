#pragma once
// A vault (D16): a random data key, wrapped under HKDF(Argon2id(PIN or passphrase) ‖ device
// secret). Everything on the device is sealed under keys derived from the data key, so that a new
// PIN wraps it anew and rewrites nothing else. Its 128 bytes stand in protocol/README.md; where
// they and the device secret lie, and what PINs are good enough, is the caller's business.
#include <functional>
#include <string_view>

#include "shared/base/time.h"
#include "shared/crypto/limits.h"
#include "shared/crypto/seal.h"

namespace cunji::crypto {
using DeviceSecret = FixedBytes<32, struct DeviceSecretTag>;
inline constexpr std::size_t kVaultBytes = 128;

enum class VaultLock : std::uint8_t { Pin = 1, Passphrase = 2 };
// Test: Argon2id at its very least is accepted. Never for real people's vaults.
enum class VaultUse { Real, Test };

struct VaultCost {
  std::uint32_t passes = kTestPasses;
  std::uint32_t memory_kib = kTestMemoryKib;
  bool operator==(const VaultCost&) const = default;
};

// What a locked vault tells anyone.
struct VaultHead {
  VaultLock lock = VaultLock::Pin;
  VaultCost cost;
};

// A cost that takes about kUnlockMillis by `time_of`, which runs a cost and says how long it took;
// never under the least of a real vault, however slow the device.
VaultCost calibrate_vault(const std::function<Duration(const VaultCost&)>& time_of);

// Wraps `data_key`. Errc::Limit when there is no memory for `head.cost`.
Result<Bytes> make_vault(const SealKey& data_key, const VaultHead& head, std::string_view secret,
                         const DeviceSecret& device, Entropy& entropy);
// Errc::Corrupt for damaged bytes, another format, or a cost outside the bounds of `use`.
Result<VaultHead> read_vault(BytesView vault, VaultUse use);
// The data key. As read_vault, and Errc::Conflict when the device secret is another one,
// Errc::Forged for a wrong PIN or passphrase, Errc::Limit when there is no memory.
Result<SealKey> open_vault(BytesView vault, std::string_view secret, const DeviceSecret& device,
                           VaultUse use);
}  // namespace cunji::crypto
