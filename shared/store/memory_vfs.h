#pragma once
// A file system in memory for SQLite that can crash, tear writes and fail on purpose: simulator and
// tests. What was written counts as on disk only after a sync. Equal calls give equal results: it
// has no clock and no chance. One thread. Databases on it are opened exclusively (no shared
// memory).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/entropy.h"

namespace cunji::store {
class MemoryVfs {
 public:
  enum class Failure { IoError, DiskFull };

  // Known to SQLite by `name` until it goes; connections on it must be closed before.
  explicit MemoryVfs(const std::string& name);
  ~MemoryVfs();
  MemoryVfs(const MemoryVfs&) = delete;
  MemoryVfs& operator=(const MemoryVfs&) = delete;
  const std::string& name() const;

  // Power fails now: what was not synced is gone. With `torn`, each unsynced sector of 512 bytes
  // survives or not, as it says. Connections that are open fail from then on and must be closed
  // before a file is opened again.
  void crash(Entropy* torn = nullptr);
  // The same, when `operations` more of what operations() counts have been done, in place of the
  // next one. `torn` must live until then.
  void crash_after(std::uint64_t operations, Entropy* torn = nullptr);
  // After `operations` more, the next one fails; with `lasting` all after it too, until heal().
  void fail_after(std::uint64_t operations, Failure failure, bool lasting = false);
  void heal();           // Forgets what crash_after() or fail_after() ordered.
  bool crashed() const;  // Since the last file was opened.

  // Writes, truncations, syncs, deletions and creations asked for so far.
  std::uint64_t operations() const;

  // A file as programs see it now, to look at or to damage; nothing when there is none.
  std::optional<Bytes> read_file(const std::string& path) const;
  void write_file(const std::string& path, BytesView content);  // Durable at once.

  struct State;  // Of memory_vfs.cc only.

 private:
  std::unique_ptr<State> state_;
};
}  // namespace cunji::store
