#pragma once
// A county's data folder: what lies where, its keys, and its log opened as consistent with the last
// published checkpoint (D9). See server/README.md.
#include <memory>
#include <string>

#include "shared/credential/governance.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/sign.h"
#include "shared/log/checkpoint.h"
#include "shared/log/event_log.h"
#include "shared/store/side_store.h"

namespace cunji::server {
struct Folder {
  std::string path;
  std::string log() const { return path + "/county.sqlite"; }
  std::string side() const { return path + "/side.sqlite"; }
  std::string checkpoint() const { return path + "/checkpoint"; }
  std::string snapshot() const { return path + "/snapshot"; }
  // The root's statement on the TLS keys (shared/sync/tls_statement.h), where there is one.
  std::string tls_statement() const { return path + "/tls.statement"; }
  // Who read which household (server/api/access_log.h).
  std::string access_log() const { return path + "/access.log"; }
  std::string keys() const { return path + "/keys"; }
  std::string key(const std::string& name) const { return keys() + "/" + name + ".key"; }
  // Held by whoever signs with the registrar key (files.h, FileLock).
  std::string registrar_lock() const { return keys() + "/registrar.lock"; }
  // Attachments by their digests, in folders of the first two digits; and what is known of them.
  std::string blobs() const { return path + "/blobs"; }
  std::string blob_folder(const Digest& digest) const {
    return blobs() + "/" + to_hex(digest.view().substr(0, 1));
  }
  std::string blob(const Digest& digest) const {
    return blob_folder(digest) + "/" + to_hex(digest.view());
  }
  // Those that `recover` took from a locked device and that no logged event names yet, by digest.
  std::string recovered_blobs() const { return path + "/recovered"; }
  std::string recovered_blob(const Digest& digest) const {
    return recovered_blobs() + "/" + to_hex(digest.view());
  }
  std::string blob_index() const { return path + "/blobs.sqlite"; }
  // Requests that wait for a registrar, one file each, named by their digits.
  std::string pending() const { return path + "/pending"; }
};

// A key file: the seed in hexadecimal and a newline, mode 600.
Result<void> store_key(const std::string& path, const crypto::KeyPair& key);
// Errc::Malformed for anything else, Errc::Io also when others than the owner may read it.
Result<crypto::KeyPair> load_key(const std::string& path);
Result<void> store_box_key(const std::string& path, const crypto::BoxPair& key);

// What the county's first entry says. Errc::Corrupt without a sound one.
Result<credential::County> county_of(const log::EventLog& log);
// All governance entries of the log, or those of its first `size` entries.
Result<credential::Governance> read_governance(const log::EventLog& log,
                                               std::uint64_t size = UINT64_MAX);

struct Published {
  std::string note;
  log::Checkpoint checkpoint;
};
// The checkpoint file, its signature verified, and the log proven to begin with that tree.
// Errc::Corrupt says what does not fit; then nothing may be signed or served.
Result<Published> proven_checkpoint(const Folder& folder, const log::EventLog& log,
                                    const credential::County& county);

// The log for the one writer. Errc::Conflict when a running server has it; Errc::Io with a hint
// where the folder holds no county.
Result<std::unique_ptr<log::EventLog>> open_log(const Folder& folder);
// For reading, beside a running server.
Result<std::unique_ptr<log::EventLog>> open_log_read_only(const Folder& folder);
Result<std::unique_ptr<store::SideStore>> open_side(const Folder& folder);
}  // namespace cunji::server
