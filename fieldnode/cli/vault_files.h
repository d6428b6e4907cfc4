#pragma once
// Where a native node's vault lies: `vault` in its folder; the device secret in a file apart from
// it, one for all vaults of this user on this device, so that a copied data folder opens nowhere;
// `attempts` counts wrong PINs. What a crash leaves: every file is replaced as a whole.
#include <optional>
#include <string>

#include "shared/base/entropy.h"
#include "shared/crypto/pin.h"
#include "shared/crypto/vault.h"

namespace cunji::fieldnode::cli {
struct VaultFiles {
  std::string folder;
  std::string device_secret;  // Path of the file.
  crypto::VaultUse use = crypto::VaultUse::Real;

  std::string vault_path() const { return folder + "/vault"; }
  std::string attempts_path() const { return folder + "/attempts"; }
};

// Makes the device secret where there is none yet, then the vault with a new data key, whose PIN or
// passphrase check_new_secret() has let through. A real one is calibrated, which takes a second or
// two. Errc::Conflict when there is a vault already.
Result<crypto::SealKey> create_vault(const VaultFiles& files, crypto::VaultLock lock,
                                     std::string_view secret, Entropy& entropy);
// What the locked vault says of itself; nothing when there is none.
Result<std::optional<crypto::VaultHead>> vault_head(const VaultFiles& files);
// Nothing to wait for, or how long until the next attempt is taken. `now`: the device's clock.
Result<Duration> waiting_time(const VaultFiles& files, TimePoint now);
// The data key. As crypto::open_vault; Errc::Timeout while waiting_time() is not over;
// Errc::Corrupt when the vault or the device secret is missing. A wrong attempt is counted before
// it is told, a right one clears the count.
Result<crypto::SealKey> unlock(const VaultFiles& files, std::string_view secret, TimePoint now);
// Wraps the data key anew, with the vault's cost; nothing else is rewritten.
Result<void> rewrap(const VaultFiles& files, const crypto::SealKey& data_key,
                    crypto::VaultLock lock, std::string_view secret, Entropy& entropy);
}  // namespace cunji::fieldnode::cli
