#include "tools/bench/server_run.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace cunji::bench {
static constexpr std::chrono::seconds kStartMax{60};  // A busy machine, a large log to fold.

Result<std::unique_ptr<ServerRun>> ServerRun::start(const std::string& programs,
                                                    const std::string& folder) {
  const std::string program = programs + "/cunji-server", port_file = folder + ".port";
  ::unlink(port_file.c_str());
  std::string words[] = {program,       "serve",       folder,   "--listen",
                         "127.0.0.1:0", "--port-file", port_file};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string output = folder + ".serve.log";
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  std::unique_ptr<ServerRun> out(new ServerRun);
  const int failed =
      posix_spawn(&out->pid_, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    out->pid_ = 0;
    return Error{Errc::Io, "can't start " + program};
  }
  const auto deadline = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < deadline) {
    std::ifstream in(port_file);
    if (in >> out->port_) return out;
    if (::waitpid(out->pid_, nullptr, WNOHANG) == out->pid_) {
      out->pid_ = 0;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  std::ostringstream said;
  said << std::ifstream(output).rdbuf();
  return Error{Errc::Io, "the server did not start: " + said.str()};
}

ServerRun::~ServerRun() {
  if (const auto ended = stop(); !ended) std::fprintf(stderr, "%s\n", ended.error().what.c_str());
}

Result<void> ServerRun::stop() {
  if (pid_ == 0) return {};
  const pid_t pid = std::exchange(pid_, 0);
  ::kill(pid, SIGTERM);
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::Io, "the server did not end in order"};
  return {};
}

double ServerRun::cpu_seconds() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/stat");
  std::string text;
  std::getline(in, text);
  // The name, in brackets, may hold blanks; user and system time are the 12th and 13th after it.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double ServerRun::memory_mib_max() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}
}  // namespace cunji::bench
