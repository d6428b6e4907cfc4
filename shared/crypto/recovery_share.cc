#include "shared/crypto/recovery_share.h"

#include <algorithm>

#include "shared/base/check.h"

namespace cunji::crypto {
static constexpr std::string_view kLabel = "cunji/recovery share/v1\n";
static constexpr std::size_t kHeadBytes =
    kLabel.size() + CountyCode::kSize + BoxPublic::kSize + 1 + 1;
static constexpr std::size_t kPieceBytes = BoxSecret::kSize;

// A share's officer has no device secret to keep: the passphrase alone opens it.
static const DeviceSecret kNoDevice{};

static Bytes exclusive_or(BytesView a, BytesView b) {
  Bytes out(a);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<char>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return out;
}

std::vector<RecoveryShare> split_recovery_key(const BoxPair& key, CountyCode county,
                                              std::uint8_t of, Entropy& entropy) {
  CHECK(of >= kSharesMin && of <= kSharesMax);
  std::vector<RecoveryShare> out;
  for (std::uint8_t number = 1; number <= of; ++number)
    out.push_back({{county, key.public_key, number, of}, {}});
  // By pairs in ascending order, so that each share's pieces come out ascending, too.
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = i + 1; j < out.size(); ++j) {
      auto pad = entropy.next<BoxSecret>();
      out[i].pieces += pad.view();
      out[j].pieces += exclusive_or(key.secret_key.view(), pad.view());
    }
  }
  return out;
}

// The piece that `share` holds for the officer of `other`.
static BytesView piece_for(const RecoveryShare& share, std::uint8_t other) {
  const std::size_t place = other < share.head.number ? other - 1U : other - 2U;
  return BytesView(share.pieces).substr(place * kPieceBytes, kPieceBytes);
}

Result<BoxPair> join_recovery_key(const RecoveryShare& a, const RecoveryShare& b) {
  if (a.head.county != b.head.county || a.head.key != b.head.key || a.head.of != b.head.of)
    return Error{Errc::Conflict, "the two shares are of different recovery keys"};
  if (a.head.number == b.head.number)
    return Error{Errc::Conflict, "the same share twice: another officer's is needed"};
  Bytes joined = exclusive_or(piece_for(a, b.head.number), piece_for(b, a.head.number));
  const auto secret = BoxSecret::from(joined);
  wipe(joined);
  const BoxPair out = box_pair_of(secret.value());
  if (out.public_key != a.head.key)
    return Error{Errc::Corrupt, "the two shares don't give the recovery key they name"};
  return out;
}

Result<Bytes> seal_share(const RecoveryShare& share, std::string_view passphrase,
                         const VaultCost& cost, Entropy& entropy) {
  const Bytes head = ByteWriter(kHeadBytes)
                         .raw(kLabel)
                         .raw(share.head.county.str())
                         .raw(share.head.key.view())
                         .u8(share.head.number)
                         .u8(share.head.of)
                         .take();
  const SealKey key = SealKey::generate(entropy);
  TRY_AS(vault, make_vault(key, {.lock = VaultLock::Passphrase, .cost = cost}, passphrase,
                           kNoDevice, entropy));
  return head + vault + key.derive(kLabel).seal(share.pieces, head, entropy);
}

Result<ShareHead> read_share(BytesView file, VaultUse use) {
  const Error damaged{Errc::Corrupt, "the recovery share is damaged"};
  if (!file.starts_with(kLabel)) return Error{Errc::Corrupt, "not a recovery share"};
  ByteReader in(file.substr(kLabel.size()));
  const auto county = CountyCode::parse(in.raw(CountyCode::kSize));
  ShareHead out;
  out.key = in.fixed<BoxPublic>();
  out.number = in.u8();
  out.of = in.u8();
  if (!in.ok() || !county || out.of < kSharesMin || out.of > kSharesMax || out.number < 1 ||
      out.number > out.of ||
      in.left() != kVaultBytes + kSealedOverheadBytes + (out.of - 1U) * kPieceBytes)
    return damaged;
  out.county = *county;
  const auto vault = read_vault(file.substr(kHeadBytes, kVaultBytes), use);
  if (!vault) return Error{vault.error().code, "the recovery share: " + vault.error().what};
  return out;
}

Result<RecoveryShare> open_share(BytesView file, std::string_view passphrase, VaultUse use) {
  TRY_AS(head, read_share(file, use));
  TRY_AS(key, open_vault(file.substr(kHeadBytes, kVaultBytes), passphrase, kNoDevice, use));
  auto pieces =
      key.derive(kLabel).open(file.substr(kHeadBytes + kVaultBytes), file.substr(0, kHeadBytes));
  if (!pieces) return Error{Errc::Corrupt, "the recovery share is damaged"};
  return RecoveryShare{head, std::move(*pieces)};
}
}  // namespace cunji::crypto
