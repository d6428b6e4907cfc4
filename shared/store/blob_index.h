#pragma once
// What a county server knows of blobs, in an SQLite file of its own: which of them logged events
// name, and the chunks of those that have arrived in part. The names are derived from the log and
// made again where the file is lost or does not fit; then the partial ones are sent again. One
// writer, one thread. Whole blobs are files (server/app/blob_store.h).
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "shared/log/event_log.h"
#include "shared/sync/blob.h"

namespace cunji::store {
// How the log names a blob of this digest and size.
enum class BlobNaming : std::uint8_t {
  None,      // Not at all, or it was erased.
  Disputed,  // By events without authority only.
  Accepted,
};

struct ArrivedChunk {
  PublicKey sender;  // The session's key: another one's chunks can't spoil its blobs.
  sync::BlobChunk chunk;
};
struct ChunkTaken {
  enum class Status : std::uint8_t { Durable, Complete, Later };
  Status status = Status::Durable;  // Complete: durable, and no chunk is missing any more.
  std::string reason;               // Later.
};

class BlobIndex {
 public:
  static Result<std::unique_ptr<BlobIndex>> open(const std::string& path,
                                                 const std::string& vfs = {});
  ~BlobIndex();

  // Takes in what was logged since the last call, in steps that are durable one by one; all of it
  // when the file is new or is of another log. Costs a scan of those entries.
  Result<void> follow(const log::EventLog& log);
  Result<BlobNaming> naming(const sync::BlobName& name) const;
  Result<bool> is_erased(const Digest& digest) const;
  // Nobody's to send any more (D20), and what has arrived of it goes, overwritten.
  Result<void> erase(const Digest& digest);

  // What is held of a blob that is being sent by `sender`.
  Result<sync::ChunkSet> held(const PublicKey& sender, const sync::BlobName& name) const;
  // Whether `sender` may send more on this day (counted from 1970); `day_bytes_max` by D21.
  Result<bool> within_quota(const PublicKey& sender, std::int64_t day,
                            std::uint64_t day_bytes_max) const;
  // Keeps chunks, whose sizes fit their blobs, in one transaction, durable when it returns; answers
  // in their order. A bound that is reached is the chunk's own `Later`; Errc::Io keeps none.
  struct Bounds {
    TimePoint now{};
    std::int64_t day = 0;
    std::uint64_t day_bytes_max = 0;
  };
  Result<std::vector<ChunkTaken>> take(std::span<const ArrivedChunk> chunks, const Bounds& bounds);
  // The bytes of one that is complete. Errc::Corrupt where chunks are missing.
  Result<Bytes> assemble(const PublicKey& sender, const sync::BlobName& name) const;
  // Filed, or thrown away. No such one is no error.
  Result<void> drop(const PublicKey& sender, const sync::BlobName& name);

 private:
  struct Database;
  explicit BlobIndex(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};
}  // namespace cunji::store
