#include "server/app/snapshot_file.h"

#include <algorithm>

#include "server/app/files.h"
#include "server/app/folder.h"
#include "server/app/limits.h"
#include "shared/log/merkle.h"
#include "shared/programmes/all.h"

namespace cunji::server {
SnapshotFile::~SnapshotFile() { wait(); }

void SnapshotFile::wait() {
  if (thread_.joinable()) thread_.join();
}

Result<std::optional<state::State>> SnapshotFile::read(const log::EventLog& log) const {
  if (!file_exists(path_)) return std::optional<state::State>{};
  TRY_AS(bytes, read_file(path_, kSnapshotBytesMax));
  TRY_AS(mark, state::open_snapshot(bytes));
  TRY_AS(head, log.head());
  if (mark.size > head.size)
    return Error{Errc::Conflict, "snapshot: of " + std::to_string(mark.size) +
                                     " entries, the log has " + std::to_string(head.size)};
  TRY_AS(root, log::root_at(log, mark.size));
  if (root != mark.root) return Error{Errc::Conflict, "snapshot: of another log"};
  TRY_AS(governance, read_governance(log, mark.size));
  TRY_AS(state, state::read_snapshot(bytes, governance, programmes::all_calculations()));
  size_ = mark.size;
  return std::optional(std::move(state));
}

bool SnapshotFile::is_due(std::uint64_t size) const {
  return size - std::min(size, size_) >= std::max(kSnapshotEntriesMin, size / 8);
}

bool SnapshotFile::is_worth_it(std::uint64_t size) const {
  return size - std::min(size, size_) >= kSnapshotTailMin;
}

static Result<void> write_sealed(const std::string& path, Bytes bytes) {
  state::seal_snapshot(bytes);
  return replace_file(path, bytes);
}

void SnapshotFile::write_in_background(const state::State& state, const state::SnapshotMark& mark) {
  wait();
  Bytes bytes = state::encode_snapshot(state, mark);
  size_ = mark.size;
  thread_ = std::thread([path = path_, log = operator_log_, moved = std::move(bytes)]() mutable {
    // The next one will do where this one fails: a full disk is told of by whoever needs it.
    if (const auto done = write_sealed(path, std::move(moved)); !done)
      log.warn("no_snapshot", "快照未写 / no snapshot written", {{"why", done.error()}});
  });
}

Result<void> SnapshotFile::remove() {
  wait();
  size_ = 0;
  TRY(remove_file(path_ + ".new"));
  return remove_file(path_);
}

Result<void> SnapshotFile::write(const state::State& state, const state::SnapshotMark& mark) {
  wait();
  TRY(write_sealed(path_, state::encode_snapshot(state, mark)));
  size_ = mark.size;
  return {};
}
}  // namespace cunji::server
