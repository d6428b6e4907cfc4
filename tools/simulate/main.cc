// cunji-simulate: runs seeds, prints what each found, and for a failure the command that replays
// it.
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/simulate/simulation.h"

namespace cunji::simulate {
static constexpr const char* kUsage =
    "cunji-simulate: many nodes and their county in one process, decided by a seed\n"
    "  --seed N        one seed (default 1)\n"
    "  --seeds A..B    a range of seeds, both included\n"
    "  --steps M       steps before the faults stop (default 2000)\n"
    "  --verbose       print everything that happens\n"
    "Ends with 0 when every check of every seed holds, else with 1.\n";

struct Arguments {
  std::uint64_t first = 1, last = 1, steps = kStepsDefault;
  bool verbose = false;
};

static bool to_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

static bool to_range(std::string_view text, Arguments& out) {
  const std::size_t dots = text.find("..");
  return dots != std::string_view::npos && to_number(text.substr(0, dots), out.first) &&
         to_number(text.substr(dots + 2), out.last) && out.first <= out.last;
}

// Nothing for arguments that are not understood.
static std::optional<Arguments> parse(const std::vector<std::string_view>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--verbose") {
      out.verbose = true;
      continue;
    }
    if (i + 1 == words.size()) return std::nullopt;
    const std::string_view value = words[++i];
    bool good = false;
    if (words[i - 1] == "--seed") {
      good = to_number(value, out.first);
      out.last = out.first;
    } else if (words[i - 1] == "--seeds") {
      good = to_range(value, out);
    } else if (words[i - 1] == "--steps") {
      good = to_number(value, out.steps) && out.steps > 0 && out.steps <= kStepsMax;
    }
    if (!good) return std::nullopt;
  }
  return out;
}

static std::string replay_command(std::uint64_t seed, std::uint64_t steps) {
  return "cunji-simulate --seed " + std::to_string(seed) + " --steps " + std::to_string(steps) +
         " --verbose";
}

// For the handler of an abort (a CHECK that failed), which can be handed nothing.
static char g_replay[128];
static void on_abort(int) { std::cerr << "replay: " << static_cast<const char*>(g_replay) << "\n"; }

static void print_findings(std::uint64_t seed, const Outcome& outcome) {
  std::cout << "seed " << seed << ": FAILED after step " << outcome.steps << "\n";
  for (std::size_t i = 0; i < outcome.findings.size() && i < kFindingsMax; ++i)
    std::cout << "  " << outcome.findings[i].check << ": " << outcome.findings[i].what << "\n";
  if (outcome.findings.size() > kFindingsMax)
    std::cout << "  and " << outcome.findings.size() - kFindingsMax << " more\n";
  std::cout << "replay: " << replay_command(seed, outcome.steps) << std::endl;
}

static void print_counts(std::uint64_t seed, const Counts& counts) {
  std::cout << "seed " << seed << ": in order; " << counts.devices << " devices (" << counts.copies
            << " cloned, " << counts.restores << " set back), " << counts.keys << " keys, "
            << counts.recorded << " recorded, " << counts.entries << " entries, "
            << counts.incidents << " incidents; " << counts.messages << " messages, "
            << counts.network_faults << " network faults, " << counts.crashes << " crashes, "
            << counts.disk_faults << " disk faults, " << counts.bundles << " bundles; "
            << std::chrono::duration_cast<std::chrono::hours>(counts.virtual_time).count()
            << " virtual hours" << std::endl;
}

// One line on the terminal, for runs that take longer than two seconds.
class Progress {
 public:
  Progress(std::uint64_t first, std::uint64_t last) : first_(first), last_(last) {}
  void show(std::uint64_t seed, std::uint64_t step) {
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < std::chrono::seconds{2}) return;
    shown_ = now;
    std::cerr << "simulate: seed " << seed << " (" << seed - first_ << " of " << last_ - first_ + 1
              << " done), step " << step << std::endl;
  }

 private:
  std::uint64_t first_, last_;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

static int run_all(const Arguments& arguments) {
  Progress progress(arguments.first, arguments.last);
  std::uint64_t failed = 0;
  for (std::uint64_t seed = arguments.first; seed <= arguments.last; ++seed) {
    const std::string replay = replay_command(seed, arguments.steps);
    std::strncpy(g_replay, replay.c_str(), sizeof g_replay - 1);
    Options options{.seed = seed, .steps = arguments.steps, .trace = {}, .progress = {}};
    options.progress = [&](std::uint64_t step) { progress.show(seed, step); };
    if (arguments.verbose)
      options.trace = [](const std::string& what) { std::cout << what << "\n"; };
    const Outcome outcome = run(options);
    if (outcome.findings.empty()) {
      print_counts(seed, outcome.counts);
    } else {
      ++failed;
      print_findings(seed, outcome);
    }
  }
  const std::uint64_t seeds = arguments.last - arguments.first + 1;
  if (seeds > 1) std::cout << seeds - failed << " of " << seeds << " seeds in order" << std::endl;
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
}  // namespace cunji::simulate

int main(int argc, char** argv) {
  const auto arguments = cunji::simulate::parse({argv + 1, argv + argc});
  if (!arguments) {
    std::cerr << cunji::simulate::kUsage;
    return 2;
  }
  std::signal(SIGABRT, cunji::simulate::on_abort);
  return cunji::simulate::run_all(*arguments);
}
