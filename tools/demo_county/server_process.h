#pragma once
// The real server, as a process of its own: its commands run to their end, `serve` runs beside.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji::demo {
class ServerProcess {
 public:
  // `program`: path of cunji-server; `folder`: of the county, with the clock file beside it.
  ServerProcess(std::string program, std::string folder);
  ~ServerProcess();  // Ends `serve`, unless it was let go.
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Runs `cunji-server COMMAND FOLDER ARGUMENTS…`; gives what it printed. Errc::Io with its last
  // line of error output when it fails.
  Result<std::string> command(const std::string& name, const std::vector<std::string>& arguments);
  // The same for a command that signs, which then goes by the made-up clock.
  Result<std::string> timed_command(const std::string& name, std::vector<std::string> arguments);
  // Starts `serve` on a free port of the loopback interface with the made-up clock; gives the port.
  Result<std::uint16_t> serve();
  // SIGTERM; Errc::Io unless it ends in order.
  Result<void> stop();
  void let_go() { serving_.reset(); }  // It outlives us.
  std::optional<pid_t> pid() const { return serving_; }

  // Turns the county's made-up clock.
  Result<void> set_clock(TimePoint now) const;

 private:
  Result<pid_t> start(const std::vector<std::string>& arguments, const std::string& output) const;
  std::string program_, folder_;
  std::optional<pid_t> serving_;
};

// Replaces the file's content in one step, so that a reader never sees half of it.
Result<void> write_whole(const std::string& path, const std::string& content);
Result<std::string> read_whole(const std::string& path);
}  // namespace cunji::demo
