#pragma once
// The fold's snapshot in the data folder (D14): read at the start, written at the end and now and
// then in between. A cache: without it, or when anything about it disagrees with the log, the whole
// log is folded, which takes longer and gives the same.
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "server/app/operator_log.h"
#include "shared/log/event_log.h"
#include "shared/state/snapshot.h"

namespace cunji::server {
class SnapshotFile {
 public:
  // `operator_log` hears of a failed writing in the background.
  explicit SnapshotFile(std::string path, OperatorLog operator_log = {})
      : path_(std::move(path)), operator_log_(std::move(operator_log)) {}
  ~SnapshotFile();  // Waits for the writing that is under way.
  SnapshotFile(const SnapshotFile&) = delete;
  SnapshotFile& operator=(const SnapshotFile&) = delete;

  // The fold that the file holds, if it was made from this very log: its root of the snapshot's
  // size is the snapshot's, and governance up to there is folded from the log. Nothing where there
  // is no file. An error says why the file was not used; the caller goes on without.
  Result<std::optional<state::State>> read(const log::EventLog& log) const;

  // Whether so many entries after the last snapshot are worth a new one: an eighth of the log, so
  // that all snapshots together cost a constant share, and at least kSnapshotEntriesMin.
  bool is_due(std::uint64_t size) const;
  // The same at the end, when nobody waits for an answer.
  bool is_worth_it(std::uint64_t size) const;
  // Copies the fold's content now, about a third of a microsecond an event; a thread of its own
  // does the rest. Waits for the one before, if that is still being written.
  void write_in_background(const state::State& state, const state::SnapshotMark& mark);
  // Replaces the file in one step, durable when it returns; readable by its owner alone.
  Result<void> write(const state::State& state, const state::SnapshotMark& mark);
  // Deletes it, since it holds what is to be erased (D20). The next one will do.
  Result<void> remove();

 private:
  void wait();
  std::string path_;
  OperatorLog operator_log_;
  mutable std::uint64_t size_ = 0;  // Of the newest snapshot, read or written.
  std::thread thread_;
};
}  // namespace cunji::server
