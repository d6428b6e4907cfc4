#include "server/app/blob_store.h"

#include <sys/stat.h>

#include <filesystem>

#include "server/app/files.h"
#include "server/app/limits.h"
#include "server/intake/daily_use.h"
#include "shared/crypto/hash.h"

namespace cunji::server {
using sync::BlobAnswer;
using sync::BlobStanding;

static BlobAnswer later(const Error& error) {
  return {.standing = BlobStanding::Later,
          .held = std::nullopt,
          .reason = "the county can't take photos now: " + error.what};
}

static bool is_filed(const Folder& folder, const sync::BlobName& name) {
  struct stat info{};
  return ::stat(folder.blob(name.digest).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<std::uint64_t>(info.st_size) == name.size;
}

Result<void> remove_blob_file(const Folder& folder, const Digest& digest) {
  const std::string path = folder.blob(digest);
  TRY(remove_file(path + ".new"));
  return remove_file(path);
}

Result<std::optional<Bytes>> read_blob(const Folder& folder, const Digest& digest) {
  const std::string path = folder.blob(digest);
  if (!file_exists(path)) return std::optional<Bytes>{};
  TRY_AS(bytes, read_file(path, event::kBlobBytesMax));
  if (crypto::sha256(bytes) != digest)
    return Error{Errc::Corrupt, path + ": the file is not what its name says"};
  return std::optional(std::move(bytes));
}

Result<std::unique_ptr<BlobStore>> BlobStore::open(const Folder& folder,
                                                   std::unique_ptr<log::EventLog> log) {
  TRY_AS(index, store::BlobIndex::open(folder.blob_index()));
  return std::unique_ptr<BlobStore>(new BlobStore(folder, std::move(log), std::move(index)));
}

BlobFigures BlobStore::figures() const {
  return {
      .filed = filed_, .filed_bytes = filed_bytes_, .mismatched = mismatched_, .put_off = put_off_};
}

std::vector<BlobAnswer> BlobStore::answer(const BlobOffer& offer, TimePoint now) {
  std::vector<BlobAnswer> out;
  const auto followed = index_->follow(*log_);
  for (const sync::BlobName& name : offer.names) {
    auto each = followed ? answer(offer, name, now) : Result<BlobAnswer>(followed.error());
    out.push_back(each ? std::move(*each) : later(each.error()));
  }
  return out;
}

Result<BlobAnswer> BlobStore::answer(const BlobOffer& offer, const sync::BlobName& name,
                                     TimePoint now) {
  TRY_AS(naming, index_->naming(name));
  const bool wanted = naming == store::BlobNaming::Accepted ||
                      (naming == store::BlobNaming::Disputed && offer.in_good_order);
  if (!wanted)
    return BlobAnswer{.standing = BlobStanding::Unwanted,
                      .held = std::nullopt,
                      .reason = naming == store::BlobNaming::None
                                    ? "no logged event names this photo"
                                    : "only events without authority name this photo"};
  if (is_filed(folder_, name)) {
    TRY(index_->drop(offer.sender, name));
    return BlobAnswer{.standing = BlobStanding::Held};
  }
  TRY_AS(held, index_->held(offer.sender, name));
  if (held.missing() == 0) {  // A crash came between the last chunk and the file.
    TRY_AS(finished, finish(offer.sender, name));
    if (finished.standing != BlobStanding::Mismatch) return std::move(finished);
    held = sync::ChunkSet(name.size);
  }
  TRY_AS(within, index_->within_quota(offer.sender, county_day(now), kBlobBytesADayMax));
  if (!within)
    return BlobAnswer{.standing = BlobStanding::Later,
                      .held = std::nullopt,
                      .reason = "more photos than a key may send in a day; come tomorrow"};
  return BlobAnswer{.standing = BlobStanding::Wanted, .held = std::move(held), .reason = {}};
}

std::vector<BlobAnswer> BlobStore::take(std::span<const store::ArrivedChunk> chunks,
                                        TimePoint now) {
  std::vector<BlobAnswer> out;
  const auto taken = index_->take(
      chunks, {.now = now, .day = county_day(now), .day_bytes_max = kBlobBytesADayMax});
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const store::ArrivedChunk& chunk = chunks[i];
    BlobAnswer each;
    if (!taken) {
      each = later(taken.error());
    } else if (is_filed(folder_, chunk.chunk.blob)) {
      each.standing = BlobStanding::Held;  // By another session, or a chunk before this one.
    } else {
      const store::ChunkTaken& what = (*taken)[i];
      using Status = store::ChunkTaken::Status;
      if (what.status == Status::Later) each.reason = what.reason;
      if (what.status == Status::Durable) each.standing = BlobStanding::Wanted;
      if (what.status == Status::Complete) {
        auto finished = finish(chunk.sender, chunk.chunk.blob);
        each = finished ? std::move(*finished) : later(finished.error());
      }
    }
    if (each.standing == BlobStanding::Later) ++put_off_;
    out.push_back(std::move(each));
  }
  return out;
}

// All chunks are there: they are what the digest says and become a file, or they go.
Result<BlobAnswer> BlobStore::finish(const PublicKey& sender, const sync::BlobName& name) {
  TRY_AS(bytes, index_->assemble(sender, name));
  if (crypto::sha256(bytes) != name.digest) {
    TRY(index_->drop(sender, name));
    ++mismatched_;
    return BlobAnswer{.standing = BlobStanding::Mismatch,
                      .held = std::nullopt,
                      .reason = "the bytes are not those of its digest"};
  }
  TRY(file(name, bytes));
  // Durable; what is left in the index is no harm, and goes with the next offer.
  static_cast<void>(index_->drop(sender, name).has_value());
  return BlobAnswer{.standing = BlobStanding::Held};
}

Result<void> BlobStore::file(const sync::BlobName& name, BytesView bytes) {
  TRY(make_folder(folder_.blobs()));
  TRY(make_folder(folder_.blob_folder(name.digest)));
  TRY(replace_file(folder_.blob(name.digest), bytes));
  ++filed_;
  filed_bytes_ += bytes.size();
  return {};
}

// Photos that wait there, by their files' names; whatever else lies there is not looked at.
static std::vector<sync::BlobName> recovered_in(const Folder& folder) {
  std::vector<sync::BlobName> out;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder.recovered_blobs(), failed), end;
       !failed && at != end; at.increment(failed)) {
    const auto bytes = from_hex(at->path().filename().string());
    const auto digest = bytes ? Digest::from(*bytes) : Result<Digest>(bytes.error());
    std::error_code no_file;
    const std::uintmax_t size = at->file_size(no_file);
    if (!no_file && digest && size > 0 && size <= event::kBlobBytesMax)
      out.push_back({.digest = *digest, .size = static_cast<std::uint32_t>(size)});
  }
  return out;
}

Result<void> BlobStore::file_recovered() {
  const std::vector<sync::BlobName> waiting = recovered_in(folder_);
  if (waiting.empty()) return {};
  TRY(index_->follow(*log_));
  for (const sync::BlobName& name : waiting) {
    const std::string path = folder_.recovered_blob(name.digest);
    TRY_AS(erased, index_->is_erased(name.digest));
    TRY_AS(naming, index_->naming(name));
    if (!erased && naming == store::BlobNaming::None) continue;
    if (!erased && !is_filed(folder_, name)) {
      TRY_AS(bytes, read_file(path, event::kBlobBytesMax));
      if (crypto::sha256(bytes) == name.digest) {
        TRY(file(name, bytes));
      } else {
        ++mismatched_;
      }
    }
    TRY(remove_file(path));
  }
  return {};
}

Result<void> BlobStore::erase(const Digest& digest) {
  TRY(index_->erase(digest));
  TRY(remove_file(folder_.recovered_blob(digest)));
  return remove_blob_file(folder_, digest);
}
}  // namespace cunji::server
