#include "tools/demo_county/run.h"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "shared/credential/code.h"
#include "tools/demo_county/routine.h"

namespace cunji::demo {
using std::chrono::minutes;
using std::chrono::steady_clock;

Run::Run(Options options)
    : options_(std::move(options)), server_(options_.server_program, options_.folder + "/county") {}

Result<void> Run::phase(const std::string& zh, const std::string& en,
                        const std::function<Result<std::uint64_t>()>& work) {
  std::printf("▸ %s · %s …", zh.c_str(), en.c_str());
  std::fflush(stdout);
  const auto from = steady_clock::now();
  const auto events = work();
  const double seconds = std::chrono::duration<double>(steady_clock::now() - from).count();
  if (!events || !failures_.empty()) {
    std::printf("\n");
    return events ? Error{Errc::Io, failures_.front()} : events.error();
  }
  phases_.push_back({zh, en, seconds, *events});
  std::printf(" %.1f s\n", seconds);
  return {};
}

Result<void> Run::year() {
  TRY_AS(csv, read_whole(options_.divisions_csv));
  TRY_AS(county, make_county(csv, options_.seed, options_.households_a_village));
  county_ = std::move(county);
  plan_ = make_plan(county_, options_.seed);
  TRY(phase("建账，公布政策定义，登记区划和农户",
            "found the county, publish the programmes, register divisions and households",
            [this] { return found_county(); }));
  TRY(phase("村、乡镇、部门入网并取得资料",
            "enrol villages, towns and offices, first synchronisation",
            [this] { return enrol_everybody(); }));
  TRY(phase("年初：岗位、存量监测户", "the year begins: posts, households monitored before",
            [this] { return begin_year(); }));
  for (MonthNumber number = 1; number <= 12; ++number) {
    TRY(phase("2022年" + std::to_string(number) + "月", "month " + std::to_string(number),
              [this, number] { return month(number); }));
  }
  return {};
}

Result<std::uint64_t> Run::found_county() {
  now_ = at_day(1, 1, minutes{0}) - std::chrono::hours{16};
  TRY(server_.set_clock(now_));
  TRY(server_.timed_command(
      "init", {"--county", "411323", "--name", "西峡县", "--test-county", "--persons-required", "1",
               "--root-key-out", options_.folder + "/root.key"}));
  TRY(server_.timed_command("publish", {"--shipped", "--key-file", options_.folder + "/root.key"}));
  const std::string lines = options_.folder + "/register.jsonl";
  const std::string text = register_lines(county_);
  TRY(write_whole(lines, text));
  TRY(server_.timed_command("register", {lines}));
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

// The county's clock goes on while a session runs.
std::function<TimePoint()> Run::clock() const {
  return [base = now_, from = steady_clock::now()] {
    return base + std::chrono::duration_cast<Duration>(steady_clock::now() - from);
  };
}

static unsigned lanes() { return std::max(1U, std::thread::hardware_concurrency()); }

static void on_all_lanes(const std::function<void()>& lane) {
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < lanes(); ++i) threads.emplace_back(lane);
  lane();
}

// The first that fails ends it; those under way are finished.
static Result<void> side_by_side(const std::vector<Worker*>& whom,
                                 const std::function<Result<void>(Worker&)>& task) {
  std::mutex guard;
  std::size_t next = 0;
  std::optional<Error> failed;
  on_all_lanes([&] {
    std::unique_lock lock(guard);
    while (next < whom.size() && !failed) {
      Worker& worker = *whom[next++];
      lock.unlock();
      const auto done = task(worker);
      lock.lock();
      if (!done && !failed) failed = done.error();
    }
  });
  if (failed) return *failed;
  return {};
}

static std::vector<Worker*> all_of(const std::vector<std::unique_ptr<Worker>>& workers) {
  std::vector<Worker*> out;
  for (const auto& worker : workers) out.push_back(worker.get());
  return out;
}

std::uint64_t Run::recorded() const {
  std::uint64_t out = 0;
  for (const auto* group : {&coordinators_, &towns_, &offices_, &committees_})
    for (const auto& worker : *group) out += worker->recorded;
  return out;
}

// With a device that is still to be enrolled.
static std::unique_ptr<Worker> make_worker(Worker worker, const std::string& folder,
                                           std::size_t number) {
  auto out = std::make_unique<Worker>(std::move(worker));
  out->store_path = folder + "/node-" + std::to_string(number) + ".sqlite";
  return out;
}

Result<std::uint64_t> Run::enrol_everybody() {
  now_ = at_day(1, 1, minutes{7 * 60});
  TRY(server_.set_clock(now_));
  TRY_AS(port, server_.serve());
  port_ = port;
  std::size_t number = 0;
  const auto add = [&](std::vector<std::unique_ptr<Worker>>& to, Worker worker) {
    to.push_back(make_worker(std::move(worker), options_.folder, number++));
  };
  for (std::size_t i = 0; i < county_.villages.size(); ++i) {
    const Village& village = county_.villages[i];
    const DivisionCode& code = village.division.code;
    const Conduct conduct = plan_.coordinators[i].conduct;
    if (conduct == Conduct::Cut) tally_.cut = code;
    if (conduct == Conduct::Cloned) tally_.cloned = code;
    if (conduct == Conduct::Revoked) tally_.revoked = code;
    if (conduct == Conduct::BackDating) tally_.back_dating = code;
    add(coordinators_, {.role = "coordinator",
                        .division = code,
                        .village = &village,
                        .plan = plan_.coordinators[i],
                        .store_path = {}});
  }
  for (const Division& division : county_.divisions) {
    if (division.level == "town")
      add(towns_, {.role = "town_desk", .division = division.code, .store_path = {}});
  }
  for (const Office& office : county_.offices)
    add(offices_, {.role = "county_desk",
                   .office = office.code,
                   .division = county_.divisions.front().code,
                   .store_path = {}});
  TRY(enrol(all_of(coordinators_)));
  TRY(enrol(all_of(towns_)));
  TRY(enrol(all_of(offices_)));
  std::uint64_t entries = 0;
  for (const auto* group : {&coordinators_, &towns_, &offices_}) {
    for (const auto& worker : *group) {
      TRY_AS(counts, worker->node->store().counts());
      entries += counts.entries;
    }
  }
  return entries;
}

// Codes for all of them; those of desks and committees wait for a second person's word.
Result<void> Run::enrol(const Workers& whom) {
  std::vector<std::pair<Bytes, Digest>> codes;  // Code key and root digest.
  const auto read = [&](const std::string& printed) -> Result<void> {
    std::istringstream lines(printed);
    for (std::string line; std::getline(lines, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object() || !json.contains("code")) continue;
      TRY_AS(code, credential::parse_code(json["code"].get<std::string>()));
      TRY_AS(root, from_hex(json["root_digest"].get<std::string>()));
      TRY_AS(digest, Digest::from(root));
      codes.emplace_back(credential::code_key(code).str(), digest);
    }
    return {};
  };
  std::string rows;
  for (const Worker* worker : whom) {
    // What lies below a desk's prefix, the county tells its device. Every office may record all
    // over the county, and so holds all of it.
    const std::size_t digits = !worker->office.empty()       ? CountyCode::kSize
                               : worker->role == "town_desk" ? 9
                                                             : DivisionCode::kSize;
    const std::string division(worker->division.view().substr(0, digits));
    if (worker->office.empty()) {
      rows += division + "," + worker->role + "\n";
      continue;
    }
    const std::string file = options_.folder + "/codes.csv";
    TRY(write_whole(file, "division,role\n" + division + "," + worker->role + "\n"));
    TRY_AS(printed, server_.timed_command(
                        "enrol", {"--from", file, "--office", worker->office, "--days", "400"}));
    TRY(read(printed));
  }
  if (!rows.empty()) {
    const std::string file = options_.folder + "/codes.csv";
    TRY(write_whole(file, "division,role\n" + rows));
    TRY_AS(printed, server_.timed_command("enrol", {"--from", file, "--days", "400"}));
    TRY(read(printed));
  }
  if (codes.size() != whom.size()) return Error{Errc::Io, "enrol gave another number of codes"};
  TRY(synchronise(
      whom, [&](std::size_t i, Worker& worker, fieldnode::SyncOptions& options) -> Result<void> {
        if (!worker.node) TRY(open_node(worker, entropy_));
        TRY_AS(offer, worker.node->enrol(codes[i].second, codes[i].first));
        options.enrol = offer;
        return {};
      }));
  if (!whom.empty() && whom.front()->role == "coordinator") return {};
  TRY(approve_pending());
  return synchronise(whom, {});
}

Result<void> Run::approve_pending() {
  TRY_AS(pending, server_.command("pending", {}));
  std::istringstream lines(pending);
  std::vector<std::string> all;
  for (std::string digits; std::getline(lines, digits);) {
    digits.resize(std::min(digits.find(' '), digits.size()));
    if (digits.size() == 8 && is_digits(digits)) all.push_back(digits);
  }
  if (!all.empty()) TRY(server_.timed_command("approve", all));
  return {};
}

Run::Workers Run::offices(std::initializer_list<const char*> codes) {
  Workers out;
  for (const auto& office : offices_)
    for (const char* code : codes)
      if (office->office == code) out.push_back(office.get());
  return out;
}

Result<std::uint64_t> Run::begin_year() {
  const std::uint64_t before = recorded();
  TRY(set_evening(1, 2));
  TRY(work(offices({"rr_bureau"}),
           [&](Worker& bureau) { return register_baselines(bureau, county_, now_); }));
  TRY(work(all_of(towns_), [&](Worker& town) -> Result<void> {
    for (const Village& village : county_.villages)
      if (village.division.code.view().starts_with(town.division.view().substr(0, 9)))
        TRY(fill_post(town, village, now_));
    return {};
  }));
  return recorded() - before;
}

// The clock of one evening: the server's anchor of it, and the checkpoint over that, come within a
// fraction of a second.
Result<void> Run::set_evening(MonthNumber month, unsigned day) {
  now_ = at_day(month, day, kEvening);
  TRY(server_.set_clock(now_));
  std::this_thread::sleep_for(std::chrono::milliseconds{150});
  return {};
}

Result<void> Run::work(const Workers& whom, const Task& task) {
  TRY(synchronise(whom, {}));
  std::vector<std::uint64_t> before;
  for (const Worker* worker : whom) before.push_back(worker->recorded);
  TRY(side_by_side(whom, task));
  Workers changed;
  for (std::size_t i = 0; i < whom.size(); ++i)
    if (whom[i]->recorded != before[i]) changed.push_back(whom[i]);
  return synchronise(changed, {});
}

// One month, from alert to notice (document 08) and from the first visit to the last (18).
Result<std::uint64_t> Run::month(MonthNumber month) {
  const std::uint64_t before = recorded();
  const auto waiting = [this](Worker& worker) { return do_what_waits(worker, now_); };
  for (const auto& coordinator : coordinators_) coordinator->next_visit = 0;
  TRY(set_evening(month, 3));
  TRY(work(offices({"medical_insurance"}), [&](Worker& office) {
    return send_alerts(office, county_, plan_.alerts[month - 1], now_);
  }));
  TRY(work(offices({"rr_bureau"}), waiting));
  TRY(work(all_of(towns_), waiting));
  if (month == 2) TRY(coordinators_evening(month, 3));
  if (month == 3) TRY(replace_revoked(month));
  TRY(villages_evening(month, 6));
  for (const unsigned day : {9U, 11U, 14U}) TRY(coordinators_evening(month, day));
  TRY(set_evening(month, 17));
  TRY(work(all_of(towns_), [&](Worker& town) -> Result<void> {
    TRY(waiting(town));
    return file_lists(town, now_);
  }));
  TRY(coordinators_evening(month, 18));
  TRY(set_evening(month, 19));
  TRY(work(offices({"rr_bureau"}), waiting));
  TRY(set_evening(month, 20));
  TRY_AS(list, candidates_to_compare(*offices({"rr_bureau"}).front(), now_));
  TRY(work(offices({"tax", "natural_resources", "finance", "market_regulation"}),
           [&](Worker& office) { return compare(office, list, now_); }));
  TRY(votes_evening(month, 21));
  TRY(villages_evening(month, 26));
  TRY(votes_evening(month, 27));
  TRY(set_evening(month, 28));
  TRY(work(all_of(towns_), waiting));
  TRY(work(offices({"rr_bureau"}), waiting));
  tally_.recorded = recorded();
  return recorded() - before;
}

// Those who have a network that evening record what happened since, and synchronise; on the 9th,
// or when they first come, what came up in the village, too.
Result<void> Run::coordinators_evening(MonthNumber month, unsigned day) {
  TRY(set_evening(month, day));
  if (month == 2 && day == 14) {  // Two evenings back the office revoked one of them.
    for (const auto& each : coordinators_) {
      if (each->plan.conduct == Conduct::Revoked)
        TRY(server_.timed_command(
            "revoke", {"--key", to_hex(each->node->key().view()), "--reason", "ended"}));
    }
  }
  Workers whom;
  std::vector<std::unique_ptr<Worker>> clones;
  for (const auto& each : coordinators_) {
    if (!synchronises(each->plan.conduct, month, day) || each->node->revoked()) continue;
    if (each->plan.conduct == Conduct::Cloned && month == 2 && day == 6) {
      TRY_AS(clone, clone_of(*each, month, entropy_));
      clones.push_back(std::move(clone));
    }
    whom.push_back(each.get());
  }
  for (auto& clone : clones) {
    whom.push_back(clone.get());
    coordinators_.push_back(std::move(clone));
  }
  // By what their devices have held since they last had a network.
  const bool first = day == 9 || (day == 14 && month != 2);
  TRY(side_by_side(whom, [&](Worker& coordinator) -> Result<void> {
    TRY(record_visits(coordinator, month, now_));
    if (!first || (day == 14 && coordinator.plan.conduct != Conduct::Offline)) return {};
    TRY(do_what_waits(coordinator, now_));
    TRY(do_what_came_up(coordinator, county_, month, now_));
    return help_monitored(coordinator, month, now_);
  }));
  return synchronise(whom, {});
}

static std::vector<Worker*> in_villages(const std::vector<std::unique_ptr<Worker>>& workers,
                                        const std::vector<DivisionCode>& villages) {
  std::vector<Worker*> out;
  for (const auto& worker : workers)
    if (std::find(villages.begin(), villages.end(), worker->division) != villages.end())
      out.push_back(worker.get());
  return out;
}

// Coordinators with a network for whose door something waits.
Result<void> Run::villages_evening(MonthNumber month, unsigned day) {
  TRY(set_evening(month, day));
  const Workers bureau = offices({"rr_bureau"});
  TRY(synchronise(bureau, {}));
  TRY_AS(villages, villages_with_work(*bureau.front(), now_));
  Workers whom = in_villages(coordinators_, villages);
  std::erase_if(whom, [](Worker* each) {
    const Conduct conduct = each->plan.conduct;
    return each->node->revoked() ||
           (conduct != Conduct::Punctual && conduct != Conduct::LateVisits);
  });
  // Before the device sees the county's time: what is recorded after that claims to be earlier.
  TRY(side_by_side(whom,
                   [&](Worker& coordinator) { return record_visits(coordinator, month, now_); }));
  return work(whom, [this](Worker& coordinator) { return do_what_waits(coordinator, now_); });
}

// The committees of the villages that vote or have a notice up; the first time with a new phone.
Result<void> Run::votes_evening(MonthNumber month, unsigned day) {
  TRY(set_evening(month, day));
  const Workers bureau = offices({"rr_bureau"});
  TRY(synchronise(bureau, {}));
  TRY_AS(villages, villages_to_vote(*bureau.front(), now_));
  Workers fresh;
  for (const Village& village : county_.villages) {
    const DivisionCode& code = village.division.code;
    if (std::find(villages.begin(), villages.end(), code) == villages.end()) continue;
    if (!in_villages(committees_, {code}).empty()) continue;
    committees_.push_back(make_worker(
        {.role = "village_two_committees", .division = code, .village = &village, .store_path = {}},
        options_.folder, 1'000 + committees_.size()));
    fresh.push_back(committees_.back().get());
  }
  if (!fresh.empty()) TRY(enrol(fresh));
  return work(in_villages(committees_, villages),
              [this](Worker& committee) { return do_what_waits(committee, now_); });
}

// The seat of the one who was revoked goes to another person with a phone of his own.
Result<void> Run::replace_revoked(MonthNumber month) {
  for (std::size_t i = 0; i < coordinators_.size(); ++i) {
    if (coordinators_[i]->plan.conduct != Conduct::Revoked) continue;
    PlannedCoordinator plan = coordinators_[i]->plan;
    plan.conduct = Conduct::Punctual;
    for (MonthNumber past = 1; past < month; ++past) plan.months[past - 1] = {};
    coordinators_.push_back(make_worker({.role = "coordinator",
                                         .division = coordinators_[i]->division,
                                         .village = coordinators_[i]->village,
                                         .plan = std::move(plan),
                                         .store_path = {}},
                                        options_.folder, 2'000 + i));
    return enrol({coordinators_.back().get()});
  }
  return {};
}

void Run::count(const Worker& worker, const fieldnode::SyncEnd& end, bool cut_on_purpose) {
  tally_.logged += end.report.logged;
  tally_.refused += end.report.refused;
  if (tally_.first_refusal.empty()) tally_.first_refusal = end.report.first_refusal;
  if (cut_on_purpose) ++tally_.cut_sessions;
  const bool expected = cut_on_purpose || end.report.trouble.has_value() || worker.node->revoked();
  if (end.error && !expected)
    failures_.push_back(worker.role + " of " + worker.division.str() + ": " + end.error->what);
}

Result<void> Run::synchronise(const Workers& whom, const Adjust& adjust) {
  std::mutex guard;  // Of all that follows, and of what is counted.
  std::size_t next = 0;
  Workers again, forked;
  std::optional<Error> failed;
  on_all_lanes([&] {
    boost::asio::io_context io;
    std::function<void()> start_next = [&] {
      std::unique_lock lock(guard);
      if (next == whom.size() || failed) return;
      const std::size_t i = next++;
      lock.unlock();
      Worker& worker = *whom[i];
      fieldnode::SyncOptions options;
      options.clock = clock();
      const bool cut = worker.plan.conduct == Conduct::Cut && !adjust;
      if (cut) options.cut_after_messages = 3;
      if (adjust) {
        if (const auto adjusted = adjust(i, worker, options); !adjusted) {
          lock.lock();
          failed = adjusted.error();
          return;
        }
      }
      fieldnode::sync_once(*worker.node, {"127.0.0.1", port_}, io, std::move(options),
                           [&, cut](fieldnode::SyncEnd end) {
                             {
                               const std::lock_guard counting(guard);
                               count(worker, end, cut);
                               if (cut && !end.report.level) again.push_back(&worker);
                               if (end.report.trouble) forked.push_back(&worker);
                             }
                             start_next();
                           });
    };
    for (std::size_t i = 0; i < options_.sessions_max; i += lanes()) start_next();
    io.run();
  });
  if (failed) return *failed;
  const auto uncut = [](std::size_t, Worker&, fieldnode::SyncOptions&) -> Result<void> {
    return {};
  };
  if (!again.empty()) TRY(synchronise(again, uncut));  // Goes on where it was cut.
  for (Worker* worker : forked) TRY(go_on_after_fork(*worker));
  return {};
}

// The second branch of a cloned device goes on at once under a new key, which the county approves;
// what had not been accepted is recorded again (D4).
Result<void> Run::go_on_after_fork(Worker& worker) {
  TRY(worker.node->succeed());
  TRY(enrol({&worker}));
  TRY(approve_pending());
  TRY_AS(again, worker.node->resume(now_));
  tally_.re_recorded += again;
  return synchronise({&worker}, {});
}
}  // namespace cunji::demo
