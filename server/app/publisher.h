#pragma once
// Signs checkpoints and puts them into the checkpoint file, each only in place of the one it was
// proven to extend (D9). One thread.
#include "server/app/folder.h"

namespace cunji::server {
class Publisher {
 public:
  // Proves the log consistent with the file. Errors of proven_checkpoint() and load_key().
  static Result<Publisher> open(const Folder& folder, const log::EventLog& log,
                                const credential::County& county);
  const Published& current() const { return current_; }
  // Signs and publishes the log's head if it is beyond the current one; whether it was. The head
  // is of the same open log, which only grew since. Errc::Conflict when another process published.
  Result<bool> publish(const log::LogHead& head);

 private:
  Publisher(std::string path, crypto::KeyPair log_key, Published current)
      : path_(std::move(path)), log_key_(std::move(log_key)), current_(std::move(current)) {}
  std::string path_;
  crypto::KeyPair log_key_;
  Published current_;
};
}  // namespace cunji::server
