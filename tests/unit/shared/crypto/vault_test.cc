// Vaults at Argon2id's least cost, so that the tests are quick.
#include "shared/crypto/vault.h"

#include <gtest/gtest.h>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"

namespace cunji::crypto {
namespace {
constexpr std::size_t kPassesAt = 16, kWrappedAt = 48, kCheckAt = 120;

class VaultTest : public ::testing::Test {
 protected:
  Bytes make(std::string_view pin, VaultCost cost = {}) {
    return make_vault(data_, {.lock = VaultLock::Pin, .cost = cost}, pin, device_, entropy_)
        .value();
  }
  static Bytes put(Bytes vault, std::size_t at, BytesView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) vault.at(at + i) = bytes[i];
    return vault;
  }
  // With a right checksum again, as somebody who alters it on purpose would leave it.
  static Bytes mended(Bytes vault) {
    return put(vault, kCheckAt, sha256(BytesView(vault).substr(0, kCheckAt)).view().substr(0, 8));
  }
  Errc open_error(BytesView vault, std::string_view pin = "480215") {
    const auto out = open_vault(vault, pin, device_, VaultUse::Test);
    return out ? Errc::Unknown : out.error().code;
  }

  SeededEntropy entropy_{1, "vault"};
  SealKey data_ = SealKey::generate(entropy_);
  DeviceSecret device_ = entropy_.next<DeviceSecret>();
};

TEST_F(VaultTest, OpensWithItsPinOnItsDeviceOnly) {
  const Bytes vault = make("480215");
  EXPECT_EQ(vault.size(), kVaultBytes);
  EXPECT_EQ(open_vault(vault, "480215", device_, VaultUse::Test)->raw(), data_.raw());
  EXPECT_EQ(open_error(vault, "480216"), Errc::Forged);
  EXPECT_EQ(open_error(vault, ""), Errc::Forged);
  EXPECT_EQ(open_vault(vault, "480215", entropy_.next<DeviceSecret>(), VaultUse::Test).error().code,
            Errc::Conflict);
  EXPECT_EQ(vault.find(data_.raw().view()), Bytes::npos);
}

TEST_F(VaultTest, ANewPinWrapsTheSameKey) {
  const Bytes before = make("480215"), after = make("773401");
  EXPECT_EQ(open_vault(after, "773401", device_, VaultUse::Test)->raw(), data_.raw());
  EXPECT_EQ(open_error(after, "480215"), Errc::Forged);
  EXPECT_NE(before.substr(kWrappedAt), after.substr(kWrappedAt));
}

TEST_F(VaultTest, EveryAlteredByteIsFound) {
  const Bytes vault = make("480215");
  for (std::size_t i = 0; i < vault.size(); ++i) {
    Bytes altered = vault;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_EQ(open_error(altered), Errc::Corrupt) << i;
    // On purpose: whatever it is called, it does not open.
    EXPECT_NE(open_error(mended(altered)), i < kCheckAt ? Errc::Unknown : Errc::Corrupt) << i;
  }
  for (std::size_t length = 0; length < vault.size(); ++length)
    EXPECT_EQ(open_error(vault.substr(0, length)), Errc::Corrupt);
  EXPECT_EQ(open_error(vault + "x"), Errc::Corrupt);
}

TEST_F(VaultTest, BoundsWhatItAsksOfTheDevice) {
  struct Case {
    const char* name;
    VaultCost cost;
    VaultUse use;
    bool allowed;
  };
  const Case cases[] = {
      {"least of a test", {}, VaultUse::Test, true},
      {"a test's, for real", {}, VaultUse::Real, false},
      {"too little memory", {kVaultPassesMin, kVaultMemoryKibMin - 1}, VaultUse::Real, false},
      {"too few passes", {kVaultPassesMin - 1, kVaultMemoryKibMin}, VaultUse::Real, false},
      {"least for real", {kVaultPassesMin, kVaultMemoryKibMin}, VaultUse::Real, true},
      {"no passes", {0, kTestMemoryKib}, VaultUse::Test, false},
      {"most", {kVaultPassesMax, kVaultMemoryKibMax}, VaultUse::Real, true},
      {"too much memory", {1, kVaultMemoryKibMax + 1}, VaultUse::Test, false},
      {"too many passes", {kVaultPassesMax + 1, kTestMemoryKib}, VaultUse::Test, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Bytes cost = ByteWriter().u32(c.cost.passes).u32(c.cost.memory_kib).take();
    const auto head = read_vault(mended(put(make("480215"), kPassesAt, cost)), c.use);
    EXPECT_EQ(head.has_value(), c.allowed);
    if (head) {
      EXPECT_EQ(head->cost, c.cost);
    } else {
      EXPECT_EQ(head.error().code, Errc::Corrupt);
    }
  }
}

TEST_F(VaultTest, SaysWhichLockItHas) {
  for (const VaultLock lock : {VaultLock::Pin, VaultLock::Passphrase}) {
    const Bytes vault =
        make_vault(data_, {.lock = lock, .cost = {}}, "x", device_, entropy_).value();
    EXPECT_EQ(read_vault(vault, VaultUse::Test)->lock, lock);
  }
  EXPECT_EQ(open_error(mended(put(make("480215"), 15, "\x03"))), Errc::Corrupt);
}

TEST(CalibrateVault, ReachesItsTimeWithinBounds) {
  struct Case {
    const char* name;
    double millis_per_mib_and_pass;
    VaultCost expected;
  };
  const Case cases[] = {{"a slow phone stays at the least", 20, {2, 65'536}},
                        {"just right", 500.0 / 128, {2, 65'536}},
                        {"twice as fast takes twice the memory", 250.0 / 128, {2, 131'072}},
                        {"a desk computer", 0.5, {3, 262'144}},
                        {"faster than any", 0, {256, 262'144}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const VaultCost cost = calibrate_vault([&](const VaultCost& tried) {
      return Duration{static_cast<std::int64_t>(c.millis_per_mib_and_pass * tried.passes *
                                                (tried.memory_kib / 1024))};
    });
    EXPECT_EQ(cost, c.expected);
  }
}
}  // namespace
}  // namespace cunji::crypto
