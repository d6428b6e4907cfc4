#pragma once
// Bounds of what a vault asks of a device, and of a recovery key's shares.
#include <cstddef>
#include <cstdint>

namespace cunji::crypto {
// What Argon2id must cost at least in a real vault: libsodium's "interactive" strength, which a
// phone of 2016 does in about a second. A file that says less was not made for real use.
inline constexpr std::uint32_t kVaultPassesMin = 2;
inline constexpr std::uint32_t kVaultMemoryKibMin = 65'536;
// The least that Argon2id does at all: tests, simulator and demonstration (VaultUse::Test).
inline constexpr std::uint32_t kTestPasses = 1;
inline constexpr std::uint32_t kTestMemoryKib = 8;
// More than calibration ever chooses; a damaged or hostile file must not occupy a device for long.
inline constexpr std::uint32_t kVaultPassesMax = 256;
inline constexpr std::uint32_t kVaultMemoryKibMax = 1'048'576;
// Calibration takes memory first, since memory is what an attacker's hardware lacks, but leaves a
// phone or a browser tab room for everything else.
inline constexpr std::uint32_t kCalibratedMemoryKibMax = 262'144;
inline constexpr std::int64_t kUnlockMillis = 500;  // Nobody minds it; each guess costs it.

// Of a county's recovery key: two officers open it, and one share more than that can be lost. Each
// holds a piece for every other; beyond a handful nobody knows any more who has them.
inline constexpr std::size_t kSharesMin = 2;
inline constexpr std::size_t kSharesMax = 9;
}  // namespace cunji::crypto
