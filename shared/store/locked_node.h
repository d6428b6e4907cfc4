#pragma once
// A node's database without its key: what a device can do whose PIN is forgotten, or not typed yet.
// It gives away what is not sent, sealed as it lies there, and deletes what has lain too long.
// Nothing it reads names a person. One thread.
#include <memory>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/sync/rescue.h"

namespace cunji::store {
class LockedNode {
 public:
  // As NodeStore::open, for a file that is there. Errc::Conflict also for one whose bodies still
  // lie in clear, from a version before sealing: it must be unlocked once.
  static Result<std::unique_ptr<LockedNode>> open(const std::string& path,
                                                  const std::string& vfs = {});
  ~LockedNode();

  // Own and carried events that the county has not logged, and the photos of own events that it
  // has not got, for its recovery key. Nothing where none is known here: the county has none, or
  // this device never met it. Errc::Corrupt for an event's row that is damaged; a photo that is, or
  // for which a file has no room, is left out and counted.
  Result<std::optional<sync::Rescue>> rescue(
      std::size_t records_bytes_max = sync::kRescueRecordsBytesMax) const;
  // See NodeStore::note_unlocked, of which this is the half that needs no key.
  Result<bool> drop_when_long_locked(TimePoint now);

 private:
  struct Opened;
  explicit LockedNode(std::unique_ptr<Opened> opened);
  std::unique_ptr<Opened> opened_;
};
}  // namespace cunji::store
