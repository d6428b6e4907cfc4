#pragma once
// cunji-server as a process of its own, and what it uses.
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "shared/base/result.h"

namespace cunji::bench {
class ServerRun {
 public:
  // Serves the county in `folder` on a free port of the loopback interface.
  static Result<std::unique_ptr<ServerRun>> start(const std::string& programs,
                                                  const std::string& folder);
  ~ServerRun();  // Ends it.
  ServerRun(const ServerRun&) = delete;
  ServerRun& operator=(const ServerRun&) = delete;

  std::uint16_t port() const { return port_; }
  double cpu_seconds() const;     // User and system time so far.
  double memory_mib_max() const;  // The most that was resident so far.
  Result<void> stop();            // SIGTERM; Errc::Io unless it ends in order.

 private:
  ServerRun() = default;
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
};
}  // namespace cunji::bench
