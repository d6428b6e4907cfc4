#pragma once
// The year of the demonstration, phase by phase, against a real server process over real
// WebSockets on loopback.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fieldnode/sync_driver.h"
#include "shared/crypto/system_entropy.h"
#include "tools/demo_county/server_process.h"
#include "tools/demo_county/worker.h"

namespace cunji::demo {
struct Options {
  std::string server_program, divisions_csv, folder;
  std::uint64_t seed = 1, households_a_village = 10;
  std::size_t sessions_max = 48;  // Synchronising at a time: few enough that none is kept waiting.
};

// What one phase did and how long it took.
struct PhaseTime {
  std::string zh, en;
  double seconds = 0;
  std::uint64_t events = 0;  // 0: no throughput to tell.
};

// What the year showed, beside what is in the log.
struct Tally {
  std::uint64_t recorded = 0, logged = 0, refused = 0, cut_sessions = 0, re_recorded = 0;
  std::string first_refusal;
  DivisionCode cut, cloned, revoked, back_dating;  // Villages of the single troubles.
};

class Run {
 public:
  explicit Run(Options options);
  // Everything up to the end of the year. The server is still running then.
  Result<void> year();

  ServerProcess& server() { return server_; }
  std::uint16_t port() const { return port_; }
  const std::vector<PhaseTime>& phases() const { return phases_; }
  const Tally& tally() const { return tally_; }
  const MadeUpCounty& county() const { return county_; }
  // Runs `work` as a phase: says so, measures, keeps the figure. `events` is asked afterwards.
  Result<void> phase(const std::string& zh, const std::string& en,
                     const std::function<Result<std::uint64_t>()>& work);

 private:
  using Workers = std::vector<Worker*>;
  using Task = std::function<Result<void>(Worker&)>;

  Result<std::uint64_t> found_county();
  Result<std::uint64_t> enrol_everybody();
  Result<std::uint64_t> begin_year();
  Result<std::uint64_t> month(MonthNumber month);
  Result<void> coordinators_evening(MonthNumber month, unsigned day);
  Result<void> villages_evening(MonthNumber month, unsigned day);
  Result<void> votes_evening(MonthNumber month, unsigned day);
  Result<void> replace_revoked(MonthNumber month);

  Result<void> set_evening(MonthNumber month, unsigned day);
  // Each synchronises, does the task by what it then holds, and sends what came of it. Tasks run
  // side by side: each worker has a device of his own.
  Result<void> work(const Workers& whom, const Task& task);
  Workers offices(std::initializer_list<const char*> codes);

  Result<void> enrol(const Workers& whom);
  Result<void> approve_pending();
  Result<void> go_on_after_fork(Worker& worker);
  // Synchronises all of them, a bounded number at a time. `with` may change each one's options.
  using Adjust = std::function<Result<void>(std::size_t, Worker&, fieldnode::SyncOptions&)>;
  Result<void> synchronise(const Workers& whom, const Adjust& adjust);
  void count(const Worker& worker, const fieldnode::SyncEnd& end, bool cut_on_purpose);
  std::function<TimePoint()> clock() const;
  std::uint64_t recorded() const;

  Options options_;
  crypto::SystemEntropy entropy_;
  ServerProcess server_;
  std::uint16_t port_ = 0;
  MadeUpCounty county_;
  Plan plan_;
  std::vector<std::unique_ptr<Worker>> coordinators_, towns_, offices_, committees_;
  TimePoint now_{};  // The county's made-up clock.
  std::vector<PhaseTime> phases_;
  Tally tally_;
  std::vector<std::string> failures_;
};
}  // namespace cunji::demo
