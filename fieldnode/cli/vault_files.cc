#include "fieldnode/cli/vault_files.h"

#include <algorithm>
#include <chrono>

#include "fieldnode/cli/files.h"
#include "shared/crypto/system_entropy.h"

namespace cunji::fieldnode::cli {
using crypto::DeviceSecret;
using crypto::SealKey;
using crypto::VaultHead;
using crypto::VaultUse;

namespace {
constexpr std::size_t kSmallFileBytesMax = 4'096;  // All files of this unit are far smaller.

Result<DeviceSecret> read_device_secret(const VaultFiles& files) {
  TRY_AS(bytes, read_file(files.device_secret, kSmallFileBytesMax));
  if (!bytes)
    return Error{Errc::Corrupt, "the device secret is missing, without it the vault stays shut: " +
                                    files.device_secret};
  auto out = DeviceSecret::from(*bytes);
  crypto::wipe(*bytes);
  if (!out) return Error{Errc::Corrupt, files.device_secret + ": the device secret has 32 bytes"};
  return *out;
}

Result<DeviceSecret> device_secret(const VaultFiles& files, Entropy& entropy) {
  TRY_AS(there, read_file(files.device_secret, kSmallFileBytesMax));
  if (there) return read_device_secret(files);
  const std::size_t slash = files.device_secret.rfind('/');
  if (slash != std::string::npos && slash > 0 &&
      !make_folders(files.device_secret.substr(0, slash)))
    return Error{Errc::Io, "can't make the folder of " + files.device_secret};
  const auto fresh = entropy.next<DeviceSecret>();
  TRY(write_file(files.device_secret, fresh.view()));
  return fresh;
}

crypto::VaultCost calibrated_cost(Entropy& entropy) {
  return crypto::calibrate_vault([&](const crypto::VaultCost& cost) {
    const auto start = std::chrono::steady_clock::now();
    const auto tried =
        crypto::make_vault(SealKey::generate(entropy), {.cost = cost}, "trial", {}, entropy);
    const auto end = std::chrono::steady_clock::now();
    // Without the memory it would not open here: then this cost is too much.
    if (!tried) return Duration{crypto::kUnlockMillis};
    return std::chrono::duration_cast<Duration>(end - start);
  });
}

struct Attempts {
  std::uint64_t failures = 0;
  TimePoint last{};
};

Result<Attempts> read_attempts(const VaultFiles& files) {
  TRY_AS(bytes, read_file(files.attempts_path(), kSmallFileBytesMax));
  if (!bytes) return Attempts{};
  ByteReader in(*bytes);
  Attempts out;
  out.failures = in.u64();
  out.last = from_millis(std::min(in.u64(), kTimeMillisMax));
  // A damaged count must not keep anybody out.
  if (!in.at_end()) return Attempts{};
  return out;
}

Result<Bytes> read_vault_file(const VaultFiles& files) {
  TRY_AS(bytes, read_file(files.vault_path(), kSmallFileBytesMax));
  if (!bytes) return Error{Errc::Corrupt, files.vault_path() + ": the vault is missing"};
  return std::move(*bytes);
}

Error at_path(const VaultFiles& files, const Error& error) {
  return {error.code, files.vault_path() + ": " + error.what};
}
}  // namespace

Result<SealKey> create_vault(const VaultFiles& files, crypto::VaultLock lock,
                             std::string_view secret, Entropy& entropy) {
  TRY_AS(there, read_file(files.vault_path(), kSmallFileBytesMax));
  if (there) return Error{Errc::Conflict, files.vault_path() + ": there is a vault already"};
  TRY_AS(device, device_secret(files, entropy));
  const crypto::VaultCost cost =
      files.use == VaultUse::Test ? crypto::VaultCost{} : calibrated_cost(entropy);
  const SealKey data_key = SealKey::generate(entropy);
  TRY_AS(vault,
         crypto::make_vault(data_key, {.lock = lock, .cost = cost}, secret, device, entropy));
  TRY(write_file(files.vault_path(), vault));
  return data_key;
}

Result<std::optional<VaultHead>> vault_head(const VaultFiles& files) {
  TRY_AS(bytes, read_file(files.vault_path(), kSmallFileBytesMax));
  if (!bytes) return std::optional<VaultHead>{};
  const auto head = crypto::read_vault(*bytes, files.use);
  if (!head) return at_path(files, head.error());
  return std::optional(*head);
}

Result<Duration> waiting_time(const VaultFiles& files, TimePoint now) {
  TRY_AS(attempts, read_attempts(files));
  const Duration wait = crypto::wait_after(attempts.failures);
  // A clock that was set back makes the wait no longer than a fresh one.
  return std::clamp(attempts.last + wait - now, Duration{0}, wait);
}

Result<SealKey> unlock(const VaultFiles& files, std::string_view secret, TimePoint now) {
  TRY_AS(wait, waiting_time(files, now));
  if (wait > Duration{0}) return Error{Errc::Timeout, "too many wrong attempts"};
  TRY_AS(vault, read_vault_file(files));
  TRY_AS(device, read_device_secret(files));
  auto data_key = crypto::open_vault(vault, secret, device, files.use);
  TRY_AS(attempts, read_attempts(files));
  if (data_key) {
    if (attempts.failures > 0) TRY(erase_file(files.attempts_path()));
    return data_key;
  }
  if (data_key.error().code != Errc::Forged) return at_path(files, data_key.error());
  TRY(write_file(files.attempts_path(),
                 ByteWriter().u64(attempts.failures + 1).u64(to_millis(now)).take()));
  return data_key;
}

Result<void> rewrap(const VaultFiles& files, const SealKey& data_key, crypto::VaultLock lock,
                    std::string_view secret, Entropy& entropy) {
  TRY_AS(vault, read_vault_file(files));
  TRY_AS(head, crypto::read_vault(vault, files.use));
  TRY_AS(device, read_device_secret(files));
  TRY_AS(after,
         crypto::make_vault(data_key, {.lock = lock, .cost = head.cost}, secret, device, entropy));
  return write_file(files.vault_path(), after);
}
}  // namespace cunji::fieldnode::cli
