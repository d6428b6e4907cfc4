#include "tools/simulate/simulation.h"

#include <memory>

#include "shared/base/calendar.h"
#include "tools/simulate/device.h"

namespace cunji::simulate {
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

static constexpr TimePoint kStart{seconds{1'772'409'600}};  // 2026-03-02 00:00 UTC.
// How often anybody does something: in trouble, and in calm.
static constexpr Duration kActMin = seconds{10}, kActMax = minutes{15};
static constexpr Duration kCalmActMin = seconds{20}, kCalmActMax = seconds{60};

class Simulation final : public Network::Ends {
 public:
  explicit Simulation(const Options& options);
  Outcome run();

  // Network::Ends
  bool receive(ConnectionId id, End end, BytesView message) override;
  void lost(ConnectionId id, End end) override;

 private:
  void choose_faults();
  void trouble();
  void calm();
  bool all_level();
  void gather();
  bool step();
  Device* device_of(ConnectionId id);

  void device_acts(std::size_t number);
  void act_in_trouble(std::size_t number);
  void copy_or_restore(std::size_t number);
  void county_acts();
  void county_in_trouble();
  void break_disk(store::MemoryVfs& disk);
  void approve();
  void trace(const std::string& what);

  Options options_;
  Outcome outcome_;
  Schedule schedule_{kStart};
  Chance chance_;
  Network network_;
  crypto::SeededEntropy torn_;
  County county_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<std::optional<Device::Copy>> backups_;
  bool calm_ = false;
  bool with_copies_ = false, with_disk_faults_ = false, with_wrong_clocks_ = false;
  std::uint64_t steps_ = 0;
};

Simulation::Simulation(const Options& options)
    : options_(options),
      chance_(options.seed, "simulation"),
      network_(schedule_, chance_, *this),
      torn_(options.seed, "torn writes"),
      county_(options.seed, schedule_, chance_, network_, outcome_.evidence,
              [this](const std::string& what) { trace(what); }) {}

void Simulation::trace(const std::string& what) {
  if (options_.trace)
    options_.trace(std::to_string(steps_) + " " + format_time(schedule_.now()) + " " + what);
}

Device* Simulation::device_of(ConnectionId id) {
  for (const auto& device : devices_) {
    if (device->connection() == id) return device.get();
  }
  return nullptr;
}

bool Simulation::receive(ConnectionId id, End end, BytesView message) {
  if (end == End::Server) return county_.up() && county_.receive(id, message);
  Device* const device = device_of(id);
  return device != nullptr && device->receive(message);
}

void Simulation::lost(ConnectionId id, End end) {
  if (end == End::Server) return county_.lost(id);
  if (Device* const device = device_of(id)) device->lost();
}

// What kind of trouble this seed brings: not all of it at once, so that each is seen alone too.
void Simulation::choose_faults() {
  NetworkFaults faults;
  const auto sometimes = [&](std::uint64_t most) {
    return chance_.per_mille(600) ? chance_.below(most) : 0;
  };
  faults.cut = sometimes(120);
  faults.silence = sometimes(30);
  faults.duplicate = sometimes(40);
  faults.reorder = sometimes(40);
  faults.alter = sometimes(40);
  network_.set_faults(faults);
  with_copies_ = chance_.per_mille(600);
  with_disk_faults_ = chance_.per_mille(700);
  with_wrong_clocks_ = chance_.per_mille(500);
}

bool Simulation::step() {
  if (!schedule_.step()) return false;
  ++steps_;
  if (options_.progress) options_.progress(steps_);
  Evidence& evidence = outcome_.evidence;
  for (const std::string& what : network_.violations()) evidence.on_the_way.push_back(what);
  return evidence.on_the_way.empty();
}

Outcome Simulation::run() {
  choose_faults();
  if (const auto founded = county_.found(); !founded) {
    outcome_.findings.push_back({"founding", founded.error().what});
    return std::move(outcome_);
  }
  const std::size_t count = kDevicesMin + chance_.below(kDevicesMax - kDevicesMin + 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& villages = county_.villages();
    // The last device is a desk with all villages; the others share some.
    std::vector<DivisionCode> divisions = villages;
    if (i + 1 < count) divisions = {villages[i % villages.size()]};
    devices_.push_back(std::make_unique<Device>(
        std::string(1, static_cast<char>('A' + i)), chance_.entropy().next<PersonId>(), divisions,
        Device::Surroundings{options_.seed, schedule_, chance_, network_, county_,
                             outcome_.evidence, [this](const std::string& what) { trace(what); }}));
    backups_.emplace_back();
    device_acts(i);
  }
  county_acts();
  trouble();
  if (outcome_.evidence.on_the_way.empty()) calm();
  gather();
  return std::move(outcome_);
}

void Simulation::trouble() {
  while (steps_ < options_.steps && step()) continue;
  outcome_.steps = steps_;
}

void Simulation::calm() {
  trace("the faults stop");
  calm_ = true;
  network_.set_faults({});
  county_.disk().heal();
  county_.set_clock({});
  for (const auto& device : devices_) device->disk().heal();
  const TimePoint until = schedule_.now() + kCalmMax;
  std::uint64_t left = kCalmStepsMax;
  // Asked once a minute: it reads every device's store.
  for (TimePoint next = schedule_.now(); schedule_.now() < until && left > 0; --left) {
    if (!step()) return;
    if (schedule_.now() < next) continue;
    next = schedule_.now() + minutes{1};
    if (all_level()) return;
  }
}

bool Simulation::all_level() {
  auto& missing = outcome_.evidence.not_level;
  missing.clear();
  if (!county_.up()) {
    missing.push_back("the server is down");
    return false;
  }
  for (const auto& device : devices_) {
    if (const std::string what = device->missing(); !what.empty()) missing.push_back(what);
  }
  return missing.empty();
}

void Simulation::gather() {
  Evidence& evidence = outcome_.evidence;
  Counts& counts = outcome_.counts;
  counts.devices = devices_.size();
  counts.messages = network_.counts().messages;
  const NetworkCounts& faults = network_.counts();
  counts.network_faults =
      faults.cuts + faults.silences + faults.duplicates + faults.reorders + faults.alterations;
  counts.recorded = evidence.recorded.size();
  counts.virtual_time = schedule_.now() - kStart;
  // What happened on the way may have left things in no state to be looked at.
  if (!evidence.on_the_way.empty() || !county_.up()) {
    for (const std::string& what : evidence.on_the_way)
      outcome_.findings.push_back({"on the way", what});
    if (evidence.on_the_way.empty()) outcome_.findings.push_back({"level", "the server is down"});
    return;
  }
  evidence.county = county_.code();
  evidence.root_digest = county_.root_digest();
  evidence.note = county_.note();
  evidence.server_fold = county_.fold();
  const auto read = county_.log().scan(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    evidence.log.push_back(logged);
    if (logged.entry.event.header().kind == static_cast<std::uint16_t>(event::Kind::Incident))
      ++counts.incidents;
    return true;
  });
  if (!read) evidence.on_the_way.push_back("the log can't be read: " + read.error().what);
  counts.entries = evidence.log.size();
  counts.keys = county_.governance().keys().size();
  if (evidence.not_level.empty()) {
    for (const auto& device : devices_) evidence.folds.push_back(device->fold());
  }
  outcome_.findings = check_all(evidence);
}

// --- Devices.

void Simulation::device_acts(std::size_t number) {
  const Duration pause =
      calm_ ? chance_.between(kCalmActMin, kCalmActMax) : chance_.between(kActMin, kActMax);
  schedule_.after(pause, [this, number] {
    if (calm_) {
      devices_[number]->boot();
      devices_[number]->connect();
    } else {
      act_in_trouble(number);
    }
    device_acts(number);
  });
}

void Simulation::act_in_trouble(std::size_t number) {
  Device& device = *devices_[number];
  const std::uint64_t roll = chance_.below(100);
  if (!device.on()) {
    device.disk().heal();
    device.boot();
  } else if (roll < 45) {
    for (std::uint64_t n = 1 + chance_.below(3); n > 0; --n) device.record();
  } else if (roll < 80) {
    device.connect();
  } else if (roll < 83) {
    ++outcome_.counts.crashes;
    device.crash();
  } else if (roll < 90) {
    if (with_disk_faults_) break_disk(device.disk());
  } else if (roll < 92) {
    if (with_wrong_clocks_) device.set_clock(chance_.between(-hours{24 * 400}, hours{24 * 400}));
  } else if (roll < 95) {
    if (const auto file = device.bundle(); file && county_.up()) {
      ++outcome_.counts.bundles;
      trace(device.name() + ": a bundle is carried to the county");
      county_.take_bundle(*file);
    }
  } else if (with_copies_) {
    copy_or_restore(number);
  }
}

void Simulation::copy_or_restore(std::size_t number) {
  Device& device = *devices_[number];
  const std::uint64_t roll = chance_.below(10);
  if (!backups_[number] || roll < 4) {
    backups_[number] = device.backup();
  } else if (roll < 7) {
    ++outcome_.counts.restores;
    device.restore(*backups_[number]);
  } else if (outcome_.counts.copies < kCopiesMax) {
    ++outcome_.counts.copies;
    devices_.push_back(device.clone(device.name() + "'" + std::to_string(outcome_.counts.copies)));
    backups_.emplace_back();
    device_acts(devices_.size() - 1);
  }
}

// --- The county.

void Simulation::county_acts() {
  const Duration pause =
      calm_ ? chance_.between(kCalmActMin, kCalmActMax) : chance_.between(kActMin, kActMax);
  schedule_.after(pause, [this] {
    if (!county_.up()) {
      county_.disk().heal();
      if (county_.start()) trace("server: up");
    } else if (calm_ || chance_.per_mille(400)) {
      approve();
    } else {
      county_in_trouble();
    }
    county_acts();
  });
}

void Simulation::county_in_trouble() {
  const std::uint64_t roll = chance_.below(100);
  if (roll < 10) {
    ++outcome_.counts.crashes;
    trace("server: loses power");
    county_.crash();
  } else if (roll < 45) {
    if (with_disk_faults_) break_disk(county_.disk());
  } else if (roll < 50) {
    if (with_wrong_clocks_) county_.set_clock(chance_.between(-hours{3}, hours{3}));
  }
}

// The next some dozen writes bring a crash, one failure, or failures until it is seen to.
void Simulation::break_disk(store::MemoryVfs& disk) {
  ++outcome_.counts.disk_faults;
  const std::uint64_t after = chance_.below(60);
  const bool lasting = chance_.per_mille(300);
  const auto failure = chance_.per_mille(500) ? store::MemoryVfs::Failure::DiskFull
                                              : store::MemoryVfs::Failure::IoError;
  if (chance_.per_mille(600)) {
    disk.crash_after(after, chance_.per_mille(500) ? &torn_ : nullptr);
  } else {
    disk.fail_after(after, failure, lasting);
  }
}

void Simulation::approve() {
  for (const auto& device : devices_) {
    const auto request = device->request_to_approve();
    if (!request) continue;
    if (county_.approve(*request, device->person(), device->divisions()))
      trace("registrar: approves " + device->name());
    if (!county_.up()) return;
  }
}

Outcome run(const Options& options) { return Simulation(options).run(); }
}  // namespace cunji::simulate
