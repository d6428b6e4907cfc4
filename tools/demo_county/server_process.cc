#include "tools/demo_county/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace cunji::demo {
static constexpr std::chrono::seconds kStartMax{20};  // A slow machine opens the log in two.

Result<void> write_whole(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary);
  out << content;
  out.close();
  if (!out || std::rename(fresh.c_str(), path.c_str()) != 0)
    return Error{Errc::Io, "cannot write " + path};
  return {};
}

Result<std::string> read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Errc::Io, "cannot read " + path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

ServerProcess::ServerProcess(std::string program, std::string folder)
    : program_(std::move(program)), folder_(std::move(folder)) {}

ServerProcess::~ServerProcess() {
  if (const auto ended = stop(); !ended) std::fprintf(stderr, "%s\n", ended.error().what.c_str());
}

Result<void> ServerProcess::set_clock(TimePoint now) const {
  return write_whole(folder_ + ".clock", std::to_string(to_millis(now)));
}

Result<pid_t> ServerProcess::start(const std::vector<std::string>& arguments,
                                   const std::string& output) const {
  std::vector<char*> argv{const_cast<char*>(program_.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // Not fork(): that copies the page tables of all the nodes in this process.
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program_.c_str(), &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return Error{Errc::Io, "cannot start " + program_};
  return pid;
}

Result<std::string> ServerProcess::command(const std::string& name,
                                           const std::vector<std::string>& arguments) {
  std::vector<std::string> all{name, folder_};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const std::string output = folder_ + "." + name + ".log";
  TRY_AS(pid, start(all, output));
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return Error{Errc::Io, name + ": lost the process"};
  TRY_AS(printed, read_whole(output));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::Io, "cunji-server " + name + " failed: " + printed};
  return printed;
}

Result<std::string> ServerProcess::timed_command(const std::string& name,
                                                 std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--test-clock", folder_ + ".clock"});
  return command(name, arguments);
}

Result<std::uint16_t> ServerProcess::serve() {
  const std::string port_file = folder_ + ".port";
  unlink(port_file.c_str());
  const std::string output = folder_ + ".serve.log";
  TRY_AS(pid, start({"serve", folder_, "--listen", "127.0.0.1:0", "--port-file", port_file,
                     "--test-clock", folder_ + ".clock", "--checkpoint-millis",
                     "50"},  // A month passes in seconds; nobody is to wait a whole one.
                    output));
  serving_ = pid;
  const auto deadline = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto text = read_whole(port_file);
    if (text && !text->empty()) return static_cast<std::uint16_t>(std::atoi(text->c_str()));
    if (waitpid(pid, nullptr, WNOHANG) == pid) {
      serving_.reset();
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  TRY_AS(printed, read_whole(output));
  return Error{Errc::Io, "the server did not start: " + printed};
}

Result<void> ServerProcess::stop() {
  if (!serving_) return {};
  const pid_t pid = *serving_;
  serving_.reset();
  kill(pid, SIGTERM);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::Io, "the server did not end in order"};
  return {};
}
}  // namespace cunji::demo
