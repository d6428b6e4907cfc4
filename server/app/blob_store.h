#pragma once
// A county's blobs: which are wanted, chunks made durable, whole ones verified and filed under
// blobs/ab/abcd… by their SHA-256. Plain calls from one thread; blob_desk.h gives it that thread.
//
// Order of durability: a chunk in the index (transaction, flush) → acknowledged. The last one: all
// bytes hashed → file written aside, flushed, renamed, folder flushed → chunks dropped from the
// index → "held". A crash between two steps leaves a whole set of chunks, or a file with them; the
// next offer files them, or finds the file. A recovered one: filed likewise → removed where it
// waited. Blobs here are not sealed, as nothing at the county's
// server is: its disk is the operator's to encrypt.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "server/app/folder.h"
#include "shared/store/blob_index.h"

namespace cunji::server {
struct BlobOffer {
  PublicKey sender;            // The session's key.
  bool in_good_order = false;  // Neither frozen nor compromised.
  std::vector<sync::BlobName> names;
};

struct BlobFigures {
  std::uint64_t filed = 0, filed_bytes = 0;  // Since the start.
  std::uint64_t mismatched = 0;              // Thrown away: not what their digest says.
  std::uint64_t put_off = 0;                 // Chunks answered "later".
};

class BlobStore {
 public:
  // `log` is a connection of its own, which this thread alone uses. Errc::Io where the index can't
  // be opened.
  static Result<std::unique_ptr<BlobStore>> open(const Folder& folder,
                                                 std::unique_ptr<log::EventLog> log);

  // Answers name by name. Reads first what was logged since the last call.
  std::vector<sync::BlobAnswer> answer(const BlobOffer& offer, TimePoint now);
  // Takes chunks of blobs that were wanted, in one flush, and files what is complete.
  std::vector<sync::BlobAnswer> take(std::span<const store::ArrivedChunk> chunks, TimePoint now);
  // Files what `recover` left in Folder::recovered_blobs() as far as logged events name it: two
  // officers stand for it, so an event without authority will do. What nobody names stays there;
  // what was erased, or is not what its name says, goes. Reads first what was logged.
  Result<void> file_recovered();
  // Deletes a blob in every form, and takes it no more (D20). Durable when it returns.
  Result<void> erase(const Digest& digest);
  BlobFigures figures() const;  // Any thread.

 private:
  BlobStore(const Folder& folder, std::unique_ptr<log::EventLog> log,
            std::unique_ptr<store::BlobIndex> index)
      : folder_(folder), log_(std::move(log)), index_(std::move(index)) {}
  Result<sync::BlobAnswer> answer(const BlobOffer& offer, const sync::BlobName& name,
                                  TimePoint now);
  Result<sync::BlobAnswer> finish(const PublicKey& sender, const sync::BlobName& name);
  Result<void> file(const sync::BlobName& name, BytesView bytes);  // Of this digest and size.

  Folder folder_;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<store::BlobIndex> index_;
  std::atomic<std::uint64_t> filed_{0}, filed_bytes_{0}, mismatched_{0}, put_off_{0};
};

// Deletes the file of a blob, for a county that lies apart (a backup, one that is being restored).
Result<void> remove_blob_file(const Folder& folder, const Digest& digest);
// A whole blob; nothing where the county does not hold it; Errc::Corrupt when its bytes are no
// longer what the digest says. Any thread.
Result<std::optional<Bytes>> read_blob(const Folder& folder, const Digest& digest);
}  // namespace cunji::server
