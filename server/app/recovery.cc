#include "server/app/recovery.h"

#include <set>

#include "server/intake/intake.h"

namespace cunji::server {
// libsodium's "moderate" strength. A share is opened once in years, on an office's machine, and
// lies about for years before: its passphrase is all that protects it.
static constexpr crypto::VaultCost kShareCost{.passes = 3, .memory_kib = 262'144};
// A share of nine has 560 bytes.
static constexpr std::size_t kShareBytesMax = 4'096;

static Error at(const std::string& path, const Error& error) {
  return {error.code, path + ": " + error.what};
}

Result<void> check_shares(std::span<const ShareOut> shares) {
  if (shares.size() < crypto::kSharesMin || shares.size() > crypto::kSharesMax)
    return Error{Errc::Malformed, "a recovery key takes " + std::to_string(crypto::kSharesMin) +
                                      " to " + std::to_string(crypto::kSharesMax) +
                                      " officers, each with a share of his own"};
  std::set<std::string> paths;
  for (const ShareOut& share : shares)
    if (!paths.insert(share.path).second || file_exists(share.path))
      return Error{Errc::Conflict, share.path + " exists already; a share is never overwritten"};
  return {};
}

Result<crypto::BoxPublic> make_recovery_key(CountyCode county, std::span<const ShareOut> shares,
                                            crypto::VaultUse use, Entropy& entropy) {
  const crypto::BoxPair key = crypto::generate_box_pair(entropy);
  auto split =
      crypto::split_recovery_key(key, county, static_cast<std::uint8_t>(shares.size()), entropy);
  const crypto::VaultCost cost = use == crypto::VaultUse::Test ? crypto::VaultCost{} : kShareCost;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const auto sealed = crypto::seal_share(split[i], shares[i].passphrase, cost, entropy);
    crypto::wipe(split[i].pieces);
    if (!sealed) return at(shares[i].path, sealed.error());
    TRY(write_new_private_file(shares[i].path, *sealed));
  }
  return key.public_key;
}

Result<ShareFile> read_share_file(const std::string& path, crypto::VaultUse use) {
  TRY_AS(bytes, read_file(path, kShareBytesMax));
  const auto head = crypto::read_share(bytes, use);
  if (!head) return at(path, head.error());
  return ShareFile{path, std::move(bytes), *head};
}

Result<crypto::RecoveryShare> open_share_file(const ShareFile& file, std::string_view passphrase,
                                              crypto::VaultUse use) {
  auto out = crypto::open_share(file.bytes, passphrase, use);
  if (!out) return at(file.path, out.error());
  return out;
}

Result<Recovered> open_rescue(const sync::Rescue& rescue, const crypto::BoxPair& key,
                              bool lost_allowed) {
  if (rescue.to != key.public_key)
    return Error{Errc::Conflict, "the rescue file is sealed to another recovery key"};
  TRY_AS(keys, sync::open_outbox_keys(key, rescue.sealed_keys));
  TRY(sync::check_rescue(rescue));
  Recovered out{.events = {}, .keys = keys, .photos = {}};
  for (const sync::SealedEvent& sealed : rescue.events) {
    auto event = sync::open_rescued(sealed, keys);
    if (!event && lost_allowed) {
      event = event::Event{sealed.event, {}};
      ++out.bodies_lost;
    }
    if (!event) return event.error();
    if (const auto refusal = check(*event, rescue.county))
      return Error{Errc::Forged, "event " +
                                     to_hex(event->signed_event.digest().view()).substr(0, 8) +
                                     ": " + refusal->reason};
    out.events.push_back(std::move(*event));
  }
  for (const sync::SealedBlob& sealed : rescue.blobs) {
    const auto photo = sync::open_rescued(sealed, keys);
    if (!photo && !lost_allowed) return photo.error();
    if (photo) {
      out.photos.push_back(&sealed);
    } else {
      ++out.photos_lost;
    }
  }
  return out;
}

Result<std::size_t> keep_recovered_photos(const Folder& folder, const Recovered& recovered) {
  std::size_t out = 0;
  for (const sync::SealedBlob* sealed : recovered.photos) {
    TRY_AS(photo, sync::open_rescued(*sealed, recovered.keys));
    if (file_exists(folder.blob(photo.digest))) continue;
    TRY(make_folder(folder.recovered_blobs()));
    TRY(replace_file(folder.recovered_blob(photo.digest), photo.bytes));
    ++out;
  }
  return out;
}
}  // namespace cunji::server
