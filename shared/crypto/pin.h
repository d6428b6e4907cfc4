#pragma once
// What a PIN or passphrase must be (D16), and how long one waits after wrong ones. The waiting only
// slows whoever types; what protects a stolen device is Argon2id with the device secret.
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/crypto/vault.h"

namespace cunji::crypto {
inline constexpr std::size_t kPinDigitsMin = 6;
inline constexpr std::size_t kPassphraseCharactersMin = 12;
inline constexpr std::size_t kSecretBytesMax = 1'024;  // Of either: nobody types more.

// Digits only make a PIN, everything else a passphrase. Errc::Malformed, with the reason, for what
// is too short, or common; `passphrase` (desks and registrars): a PIN is not enough.
Result<VaultLock> check_new_secret(std::string_view text, bool passphrase);

// How long after the last of `failures` wrong ones in a row nothing is tried: nothing for the first
// three, then doubling from a second up to five minutes. Never for good.
Duration wait_after(std::uint64_t failures);
}  // namespace cunji::crypto
