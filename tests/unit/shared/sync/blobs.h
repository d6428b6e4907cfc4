#pragma once
// Blobs in memory, a node's and a county's, for the sessions of this folder. The county's wants
// whatever it was told that its log names.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "shared/crypto/hash.h"
#include "shared/sync/blob.h"

namespace cunji::sync {
class NodeBlobs final : public BlobSource {
 public:
  BlobName add(Bytes bytes) {
    const BlobName name{.digest = crypto::sha256(bytes),
                        .size = static_cast<std::uint32_t>(bytes.size())};
    blobs_.push_back({name, std::move(bytes)});
    return name;
  }
  void keep(const std::vector<BlobOutcome>& outcomes) {
    for (const BlobOutcome& outcome : outcomes) {
      EXPECT_TRUE(told.emplace(outcome.digest, outcome).second) << "told twice";
      if (outcome.status != BlobOutcome::Status::Unwanted) done_.insert(outcome.digest);
    }
  }
  Result<std::vector<DueBlob>> blobs_due(std::uint64_t after,
                                         std::size_t blobs_max) const override {
    ++looks;
    std::vector<DueBlob> out;
    for (auto i = static_cast<std::size_t>(after); i < blobs_.size() && out.size() < blobs_max;
         ++i) {
      if (!done_.contains(blobs_[i].first.digest))
        out.push_back({.place = i + 1, .name = blobs_[i].first});
    }
    return out;
  }
  Result<Bytes> blob_chunk(const Digest& digest, std::uint32_t number) const override {
    if (damaged.contains({digest, number})) return Error{Errc::Corrupt, "damaged"};
    for (const auto& [name, bytes] : blobs_) {
      if (name.digest == digest) return bytes.substr(number * kBlobChunkBytes, kBlobChunkBytes);
    }
    return Error{Errc::Corrupt, "no such blob"};
  }

  std::map<Digest, BlobOutcome> told;
  std::set<std::pair<Digest, std::uint32_t>> damaged;
  mutable int looks = 0;

 private:
  std::vector<std::pair<BlobName, Bytes>> blobs_;
  std::set<Digest> done_;
};

class CountyBlobs {
 public:
  struct Partial {
    Bytes bytes;
    ChunkSet held{1};
  };
  std::vector<BlobAnswer> offered(const std::vector<BlobName>& names) {
    std::vector<BlobAnswer> out;
    for (const BlobName& name : names) out.push_back(answer(name));
    return out;
  }
  BlobAnswer take(const BlobChunk& chunk) {
    ++chunks;
    if (whole.contains(chunk.blob.digest)) return {.standing = BlobStanding::Held};
    if (later > 0 && chunks > later)
      return {.standing = BlobStanding::Later, .reason = "the disk is full"};
    Partial& partial = partial_of(chunk.blob);
    EXPECT_FALSE(partial.held.has(chunk.number)) << "sent twice";
    partial.bytes.replace(chunk.number * kBlobChunkBytes, chunk.content.size(), chunk.content);
    partial.held.add(chunk.number);
    if (partial.held.missing() > 0) return {.standing = BlobStanding::Wanted};
    const Bytes bytes = std::move(partial.bytes);
    partials.erase(chunk.blob.digest);
    if (crypto::sha256(bytes) != chunk.blob.digest)
      return {.standing = BlobStanding::Mismatch, .reason = "other bytes"};
    whole[chunk.blob.digest] = bytes;
    return {.standing = BlobStanding::Held};
  }

  std::set<BlobName> named;  // By logged events.
  std::map<Digest, Partial> partials;
  std::map<Digest, Bytes> whole;
  int chunks = 0, later = 0;  // `later`: chunks after so many are put off.

 private:
  BlobAnswer answer(const BlobName& name) {
    if (!named.contains(name)) return {.standing = BlobStanding::Unwanted, .reason = "not named"};
    if (whole.contains(name.digest)) return {.standing = BlobStanding::Held};
    return {.standing = BlobStanding::Wanted, .held = partial_of(name).held};
  }
  Partial& partial_of(const BlobName& name) {
    return partials.try_emplace(name.digest, Partial{Bytes(name.size, '\0'), ChunkSet(name.size)})
        .first->second;
  }
};
}  // namespace cunji::sync
