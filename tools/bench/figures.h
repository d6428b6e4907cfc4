#pragma once
// What a job measures: figures, each beside its yardstick from the same run. A figure that has no
// yardstick is held to a bound of its own.
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace cunji::bench {
struct Figure {
  std::string name{};
  double value = 0;
  std::string unit{};            // "events/s", "bytes", "ms", "MiB".
  std::string yardstick_name{};  // Empty: none.
  double yardstick = 0;          // In the same unit.
  // What issue 3 wants reached: of the ratio where there is a yardstick, else of the value.
  std::optional<double> at_least{}, at_most{};

  bool has_ratio() const { return !yardstick_name.empty(); }
  double ratio() const { return value / yardstick; }
  bool has_target() const { return at_least || at_most; }
  bool reached() const {
    const double held = has_ratio() ? ratio() : value;
    return (!at_least || held >= *at_least) && (!at_most || held <= *at_most);
  }
};

struct Outcome {
  std::vector<Figure> figures{};
  std::vector<std::string> notes{};  // What a reader must know to judge them.
  // CPU that this program spent on making the load while the figures were taken, as a part of the
  // CPU that the machine had in that time; nothing where what is measured runs in this program.
  std::optional<double> generator_share{};
};

// Where and how large.
struct Setting {
  bool brief = false;    // It must work, not reach: a second or two.
  std::string folder;    // Empty, this job's own.
  std::string programs;  // Where cunji-server and cunji-bench lie.
};

struct Job {
  const char* name;
  const char* what;  // One line for --help.
  Result<Outcome> (*run)(const Setting& setting);
};

Result<Outcome> ingest_job(const Setting& setting);      // ingest.cc
Result<Outcome> nodes_job(const Setting& setting);       // ingest.cc
Result<Outcome> flood_job(const Setting& setting);       // flood.cc
Result<Outcome> village_job(const Setting& setting);     // village.cc
Result<Outcome> append_job(const Setting& setting);      // append.cc
Result<Outcome> replay_job(const Setting& setting);      // replay.cc
Result<Outcome> programmes_job(const Setting& setting);  // programmes.cc
Result<Outcome> wire_job(const Setting& setting);        // wire.cc
Result<Outcome> idle_job(const Setting& setting);        // idle.cc

// What village_job() starts as a process of its own: opens the node in `folder`, lists its
// households, writes what memory that took into `folder`/memory. Gives an exit code.
int list_households(const std::string& folder);
}  // namespace cunji::bench
