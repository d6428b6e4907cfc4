#include "server/app/publisher.h"

#include "shared/store/checkpoint_file.h"

namespace cunji::server {
Result<Publisher> Publisher::open(const Folder& folder, const log::EventLog& log,
                                  const credential::County& county) {
  TRY_AS(current, proven_checkpoint(folder, log, county));
  TRY_AS(key, load_key(folder.key("log")));
  if (key.public_key() != county.log_key)
    return Error{Errc::Corrupt, folder.key("log") + " is not the log key of the founding event"};
  return Publisher(folder.checkpoint(), key, current);
}

Result<bool> Publisher::publish(const log::LogHead& head) {
  if (head.size <= current_.checkpoint.size) return false;
  const log::Checkpoint next{
      .origin = current_.checkpoint.origin, .size = head.size, .root = head.root};
  const std::string note = log::sign_checkpoint(next, log_key_);
  TRY(store::CheckpointFile(path_).publish(current_.note, note));
  current_ = {.note = note, .checkpoint = next};
  return true;
}
}  // namespace cunji::server
