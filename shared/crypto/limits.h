#pragma once
// Bounds of what a vault asks of a device.
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
}  // namespace cunji::crypto
