#pragma once
// Attachments on the wire (README.md, "Blobs"): what both sides of a session say about blobs, and
// what a node reads from its store. Blobs are named by their SHA-256 and travel in chunks.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/event/limits.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
struct BlobName {
  Digest digest{};
  std::uint32_t size = 0;  // 1 to event::kBlobBytesMax.
  auto operator<=>(const BlobName&) const = default;
};

inline std::uint32_t chunks_of(std::uint32_t size) {
  return static_cast<std::uint32_t>((std::size_t{size} + kBlobChunkBytes - 1) / kBlobChunkBytes);
}
// Bytes of chunk `number`, which is below chunks_of(size): kBlobChunkBytes, the last one the rest.
inline std::size_t chunk_bytes(std::uint32_t size, std::uint32_t number) {
  return std::min(kBlobChunkBytes, std::size_t{size} - std::size_t{number} * kBlobChunkBytes);
}

// Which chunks of a blob are held; on the wire a bit for each, the first the lowest bit of the
// first byte, what is left of the last byte zero.
class ChunkSet {
 public:
  explicit ChunkSet(std::uint32_t size) : held_(chunks_of(size)) {}
  // Errc::Malformed for another length, or a bit beyond the last chunk.
  static Result<ChunkSet> decode(std::uint32_t size, BytesView bits);
  Bytes encode() const;
  void add(std::uint32_t number) { held_.at(number) = true; }
  bool has(std::uint32_t number) const { return held_.at(number); }
  std::uint32_t chunks() const { return static_cast<std::uint32_t>(held_.size()); }
  std::uint32_t missing() const;

 private:
  std::vector<bool> held_;
};

// What the county says of a blob. Numbers are those of proto::BlobStanding.
enum class BlobStanding : std::uint8_t {
  Wanted = 1,    // Send what is missing; of a chunk: it is durable.
  Held = 2,      // Whole, verified, durable.
  Later = 3,     // A limit or a full disk: come again.
  Unwanted = 4,  // No logged event names it in good order, or it was erased.
  Mismatch = 5,  // What was sent is not what the digest says; all of it was thrown away.
};
struct BlobAnswer {
  BlobStanding standing = BlobStanding::Later;
  std::optional<ChunkSet> held{};  // Wanted, in the answer to an offer.
  std::string reason{};            // Later, Unwanted, Mismatch.
};

struct BlobChunk {
  BlobName blob{};
  std::uint32_t number = 0;
  Bytes content{};
};

// What a node has learned about one of its blobs.
struct BlobOutcome {
  enum class Status : std::uint8_t {
    Held,      // By the county: the copy here is no longer needed.
    Unwanted,  // It won't be taken as things stand.
    Lost,      // The copy here is damaged.
  };
  Digest digest{};
  Status status = Status::Held;
  std::string reason{};
};

// A blob that is to be offered, with its place in the node's order.
struct DueBlob {
  std::uint64_t place = 0;
  BlobName name{};
};

// The blobs of a node that its session may deliver; always the durable state.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  // Blobs that a logged own event names and that the county is not known to hold, also those that
  // it did not want so far: at most `blobs_max` after the place, in their order.
  virtual Result<std::vector<DueBlob>> blobs_due(std::uint64_t after,
                                                 std::size_t blobs_max) const = 0;
  // Errc::Corrupt when it is damaged here or gone.
  virtual Result<Bytes> blob_chunk(const Digest& digest, std::uint32_t number) const = 0;
};
}  // namespace cunji::sync
