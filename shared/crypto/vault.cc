#include "shared/crypto/vault.h"

#include <sodium.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/crypto/hash.h"

namespace cunji::crypto {
using VaultSalt = FixedBytes<16, struct VaultSaltTag>;

static constexpr std::string_view kLabel = "cunji/vault/v1\n";
static constexpr std::string_view kDeviceLabel = "cunji/vault/v1 device\n";
static constexpr std::size_t kCheckBytes = 8;  // Finds damage and mix-ups; secures nothing.
static constexpr std::size_t kHeadBytes = kLabel.size() + 1 + 4 + 4 + VaultSalt::kSize;
static_assert(kHeadBytes + kCheckBytes + SealKey::Raw::kSize + kSealedOverheadBytes + kCheckBytes ==
              kVaultBytes);
static_assert(VaultSalt::kSize == crypto_pwhash_argon2id_SALTBYTES);
static_assert(kTestPasses == crypto_pwhash_argon2id_OPSLIMIT_MIN);
static_assert(kTestMemoryKib * 1024U == crypto_pwhash_argon2id_MEMLIMIT_MIN);

VaultCost calibrate_vault(const std::function<Duration(const VaultCost&)>& time_of) {
  VaultCost cost{.passes = kVaultPassesMin, .memory_kib = kVaultMemoryKibMin};
  std::int64_t millis = std::max<std::int64_t>(time_of(cost).count(), 1);
  while (millis * 2 <= kUnlockMillis && cost.memory_kib * 2 <= kCalibratedMemoryKibMax) {
    cost.memory_kib *= 2;
    millis = std::max<std::int64_t>(time_of(cost).count(), 1);
  }
  const std::int64_t passes = cost.passes * kUnlockMillis / millis;
  cost.passes = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(passes, kVaultPassesMin, kVaultPassesMax));
  return cost;
}

// Tells a file of another device from a wrong PIN. The secret is random, so it gives nothing away.
static Bytes device_check(const DeviceSecret& device, BytesView salt) {
  return Bytes(hmac_sha256(device.view(), {kDeviceLabel, salt}).view().substr(0, kCheckBytes));
}

static Result<SealKey> wrapping_key(const VaultCost& cost, BytesView salt, std::string_view secret,
                                    const DeviceSecret& device) {
  FixedBytes<32, struct StretchedTag> stretched;
  const int failed =
      crypto_pwhash(stretched.data(), decltype(stretched)::kSize, secret.data(), secret.size(),
                    reinterpret_cast<const unsigned char*>(salt.data()), cost.passes,
                    static_cast<std::size_t>(cost.memory_kib) * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0)
    return Error{Errc::Limit, "not enough memory to open the vault: " +
                                  std::to_string(cost.memory_kib / 1024) + " MiB are needed"};
  // HKDF-Extract and -Expand (RFC 5869).
  SealKey::Raw extracted;
  extracted.bytes = hmac_sha256(salt, {stretched.view(), device.view()}).bytes;
  const SealKey out = SealKey(extracted).derive(kLabel);
  sodium_memzero(stretched.data(), decltype(stretched)::kSize);
  sodium_memzero(extracted.data(), SealKey::Raw::kSize);
  return out;
}

Result<Bytes> make_vault(const SealKey& data_key, const VaultHead& head, std::string_view secret,
                         const DeviceSecret& device, Entropy& entropy) {
  const VaultSalt salt = entropy.next<VaultSalt>();
  TRY_AS(key, wrapping_key(head.cost, salt.view(), secret, device));
  ByteWriter out(kVaultBytes);
  Bytes clear = out.raw(kLabel)
                    .u8(static_cast<std::uint8_t>(head.lock))
                    .u32(head.cost.passes)
                    .u32(head.cost.memory_kib)
                    .raw(salt.view())
                    .raw(device_check(device, salt.view()))
                    .take();
  const Bytes wrapped = key.seal(data_key.raw().view(), clear, entropy);
  clear += wrapped;
  clear += sha256(clear).view().substr(0, kCheckBytes);
  CHECK(clear.size() == kVaultBytes);
  return clear;
}

Result<VaultHead> read_vault(BytesView vault, VaultUse use) {
  if (!vault.starts_with(kLabel))
    return Error{Errc::Corrupt, "not a vault, or one of a newer version"};
  const BytesView before = vault.substr(0, vault.size() - std::min(vault.size(), kCheckBytes));
  if (vault.size() != kVaultBytes ||
      vault.substr(before.size()) != sha256(before).view().substr(0, kCheckBytes))
    return Error{Errc::Corrupt, "the vault is damaged"};
  ByteReader in(vault.substr(kLabel.size()));
  const std::uint8_t lock = in.u8();
  VaultHead out;
  out.cost.passes = in.u32();
  out.cost.memory_kib = in.u32();
  if (lock != static_cast<std::uint8_t>(VaultLock::Pin) &&
      lock != static_cast<std::uint8_t>(VaultLock::Passphrase))
    return Error{Errc::Corrupt, "the vault has a lock of an unknown kind"};
  out.lock = static_cast<VaultLock>(lock);
  const bool test = use == VaultUse::Test;
  if (out.cost.passes < (test ? kTestPasses : kVaultPassesMin) ||
      out.cost.memory_kib < (test ? kTestMemoryKib : kVaultMemoryKibMin))
    return Error{Errc::Corrupt, "the vault is weaker than is allowed: made for a test?"};
  if (out.cost.passes > kVaultPassesMax || out.cost.memory_kib > kVaultMemoryKibMax)
    return Error{Errc::Corrupt, "the vault asks for more work than is allowed"};
  return out;
}

Result<SealKey> open_vault(BytesView vault, std::string_view secret, const DeviceSecret& device,
                           VaultUse use) {
  TRY_AS(head, read_vault(vault, use));
  const BytesView salt = vault.substr(kHeadBytes - VaultSalt::kSize, VaultSalt::kSize);
  if (!equal_in_constant_time(vault.substr(kHeadBytes, kCheckBytes), device_check(device, salt)))
    return Error{Errc::Conflict, "the vault was made with another device secret"};
  TRY_AS(key, wrapping_key(head.cost, salt, secret, device));
  const BytesView clear = vault.substr(0, kHeadBytes + kCheckBytes);
  auto opened =
      key.open(vault.substr(clear.size(), SealKey::Raw::kSize + kSealedOverheadBytes), clear);
  if (!opened) return Error{Errc::Forged, "wrong PIN or passphrase"};
  TRY_AS(raw, SealKey::Raw::from(*opened));
  SealKey out(raw);
  sodium_memzero(raw.data(), SealKey::Raw::kSize);
  wipe(*opened);
  return out;
}
}  // namespace cunji::crypto
