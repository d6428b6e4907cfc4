#pragma once
// The county's recovery key (D16): made at `init` and split among officers, then forgotten; given
// back by any two of them for the moment in which a locked device's unsent work is opened.
#include <span>
#include <string>
#include <vector>

#include "server/app/files.h"
#include "server/app/folder.h"
#include "shared/base/entropy.h"
#include "shared/crypto/recovery_share.h"
#include "shared/event/event.h"
#include "shared/sync/rescue.h"

namespace cunji::server {
// One officer's share: where it goes, and what it opens by. The passphrase was found good enough.
struct ShareOut {
  std::string path;
  std::string passphrase;
};
// Whether there are kSharesMin to kSharesMax of them, each with a file of its own that does not
// exist yet. Errc::Malformed, Errc::Conflict.
Result<void> check_shares(std::span<const ShareOut> shares);
// Makes the key and writes the share files, which check_shares() has let through; gives the public
// part. `use`: what shares of test counties cost is next to nothing.
Result<crypto::BoxPublic> make_recovery_key(CountyCode county, std::span<const ShareOut> shares,
                                            crypto::VaultUse use, Entropy& entropy);

// A share file, with its path in every error.
struct ShareFile {
  std::string path;
  Bytes bytes;
  crypto::ShareHead head;
};
Result<ShareFile> read_share_file(const std::string& path, crypto::VaultUse use);
// Errc::Forged for a wrong passphrase.
Result<crypto::RecoveryShare> open_share_file(const ShareFile& file, std::string_view passphrase,
                                              crypto::VaultUse use);

// All events of a rescue, checked as intake checks a session's. Errc::Conflict when it is sealed to
// another key than `key`; Errc::Forged for an event that is damaged or none of its author's, and
// for a photo that is damaged. `lost_allowed`: an event whose body alone does not open is given
// without it, as lost (D7), and such a photo is left out.
struct Recovered {
  std::vector<event::Event> events;
  sync::OutboxKeys keys;                        // To open the photos again, one by one.
  std::vector<const sync::SealedBlob*> photos;  // The rescue's; each was opened once.
  std::size_t bodies_lost = 0, photos_lost = 0;
};
Result<Recovered> open_rescue(const sync::Rescue& rescue, const crypto::BoxPair& key,
                              bool lost_allowed);
// Puts the photos where the server looks for them (BlobStore::file_recovered). Durable when it
// returns; a photo that the county has is left out. Gives how many were put there.
Result<std::size_t> keep_recovered_photos(const Folder& folder, const Recovered& recovered);
}  // namespace cunji::server
