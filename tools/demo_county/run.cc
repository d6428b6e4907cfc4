#include "tools/demo_county/run.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "shared/credential/code.h"

namespace cunji::demo {
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
  if (!events) {
    std::printf("\n");
    return events.error();
  }
  phases_.push_back({zh, en, seconds, *events});
  std::printf(" %.1f s\n", seconds);
  return {};
}

Result<void> Run::month() {
  TRY_AS(csv, read_whole(options_.divisions_csv));
  TRY_AS(county, make_county(csv, options_.seed, options_.households_a_village));
  county_ = std::move(county);
  TRY(phase("建账并登记区划和农户", "found the county, register divisions and households",
            [this] { return found_county(); }));
  TRY(phase("协管员入网并取得本村资料", "enrol every coordinator, first synchronisation",
            [this] { return enrol_all(); }));
  for (const int day : kSyncDays) {
    TRY(phase("2月" + std::to_string(day) + "日：离线记录后同步",
              "February " + std::to_string(day) + ": recorded offline, then synchronised",
              [this, day] { return evening(day); }));
  }
  if (!failures_.empty()) return Error{Errc::Io, failures_.front()};
  return {};
}

Result<std::uint64_t> Run::found_county() {
  now_ = at_day(1, std::chrono::minutes{0}) - std::chrono::hours{16};
  TRY(server_.set_clock(now_));
  TRY(server_.timed_command(
      "init", {"--county", "411323", "--name", "西峡县", "--test-county", "--persons-required", "1",
               "--root-key-out", options_.folder + "/root.key"}));
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

Result<std::uint64_t> Run::enrol_all() {
  now_ = at_day(1, std::chrono::minutes{7 * 60});
  TRY(server_.set_clock(now_));
  TRY_AS(port, server_.serve());
  port_ = port;
  std::vector<PlannedCoordinator> plans = make_plan(county_, options_.seed);
  std::vector<Coordinator*> all;
  for (std::size_t i = 0; i < county_.villages.size(); ++i) {
    const Village& village = county_.villages[i];
    const DivisionCode& code = village.division.code;
    if (plans[i].conduct == Conduct::Cut) tally_.cut = code;
    if (plans[i].conduct == Conduct::Cloned) tally_.cloned = code;
    if (plans[i].conduct == Conduct::Revoked) tally_.revoked = code;
    if (plans[i].conduct == Conduct::BackDating) tally_.back_dating = code;
    TRY_AS(made, make_coordinator(village, std::move(plans[i]),
                                  options_.folder + "/node-" + code.str() + ".sqlite", entropy_));
    coordinators_.push_back(std::move(made));
    all.push_back(coordinators_.back().get());
  }
  TRY(enrol_with_codes(all));
  std::uint64_t entries = 0;
  for (const Coordinator* coordinator : all) {
    TRY_AS(counts, coordinator->node->store().counts());
    entries += counts.entries;
  }
  return entries;
}

Result<void> Run::enrol_with_codes(const std::vector<Coordinator*>& whom) {
  std::string rows;
  for (const Coordinator* coordinator : whom)
    rows += coordinator->village->division.code.str() + ",coordinator\n";
  const std::string file = options_.folder + "/codes.csv";
  TRY(write_whole(file, "division,role\n" + rows));
  TRY_AS(printed, server_.timed_command("enrol", {"--from", file, "--json"}));
  std::vector<std::pair<Bytes, Digest>> codes;  // Code key and root digest.
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("code")) continue;
    TRY_AS(code, credential::parse_code(json["code"].get<std::string>()));
    TRY_AS(root, from_hex(json["root_digest"].get<std::string>()));
    TRY_AS(digest, Digest::from(root));
    codes.emplace_back(credential::code_key(code).str(), digest);
  }
  if (codes.size() != whom.size()) return Error{Errc::Io, "enrol gave another number of codes"};
  return synchronise(
      whom, [&](std::size_t i, Coordinator& c, fieldnode::SyncOptions& options) -> Result<void> {
        TRY_AS(offer, c.node->enrol(codes[i].second, codes[i].first));
        options.enrol = offer;
        return {};
      });
}

// One evening: the clock is set, everybody who has a network records what happened since, and
// synchronises.
Result<std::uint64_t> Run::evening(int day) {
  now_ = at_day(day, kEvening);
  TRY(server_.set_clock(now_));
  if (day == 14) {  // Two evenings back the office revoked one of them.
    for (const auto& c : coordinators_) {
      if (c->plan.conduct == Conduct::Revoked)
        TRY(server_.timed_command("revoke",
                                  {"--key", to_hex(c->node->key().view()), "--reason", "ended"}));
    }
  }
  // The server's anchor of this evening, and the checkpoint over it, come within a second.
  std::this_thread::sleep_for(std::chrono::milliseconds{1'200});
  std::vector<Coordinator*> whom;
  std::vector<std::unique_ptr<Coordinator>> clones;
  std::uint64_t before = tally_.recorded;
  for (const auto& c : coordinators_) {
    const auto& days = c->plan.sync_days;
    if (std::find(days.begin(), days.end(), day) == days.end()) continue;
    if (c->plan.conduct == Conduct::Cloned && day == 6) {
      TRY_AS(clone, clone_of(*c, entropy_));
      clones.push_back(std::move(clone));
    }
    const std::uint64_t had = c->recorded;
    TRY(record_until(*c, now_));
    tally_.recorded += c->recorded - had;
    whom.push_back(c.get());
  }
  for (auto& clone : clones) coordinators_.push_back(std::move(clone));
  TRY(synchronise(whom, {}));
  return tally_.recorded - before;
}

void Run::count(const Coordinator& c, const fieldnode::SyncEnd& end, bool cut_on_purpose) {
  tally_.logged += end.report.logged;
  tally_.refused += end.report.refused;
  if (tally_.first_refusal.empty()) tally_.first_refusal = end.report.first_refusal;
  if (cut_on_purpose) ++tally_.cut_sessions;
  const bool expected = cut_on_purpose || end.report.trouble.has_value();
  if (end.error && !expected)
    failures_.push_back("village " + c.village->division.code.str() + ": " + end.error->what);
}

Result<void> Run::synchronise(const std::vector<Coordinator*>& whom, const Adjust& adjust) {
  boost::asio::io_context io;
  std::size_t next = 0;
  std::vector<Coordinator*> again, forked;
  std::optional<Error> failed;
  std::function<void()> start_next = [&] {
    if (next == whom.size() || failed) return;
    const std::size_t i = next++;
    Coordinator& c = *whom[i];
    fieldnode::SyncOptions options;
    options.clock = clock();
    const bool cut = c.plan.conduct == Conduct::Cut && !adjust;
    if (cut) options.cut_after_messages = 3;
    if (adjust) {
      if (const auto adjusted = adjust(i, c, options); !adjusted) {
        failed = adjusted.error();
        return;
      }
    }
    fieldnode::sync_once(*c.node, {"127.0.0.1", port_}, io, std::move(options),
                         [&, cut](fieldnode::SyncEnd end) {
                           count(c, end, cut);
                           if (cut && !end.report.level) again.push_back(&c);
                           if (end.report.trouble) forked.push_back(&c);
                           start_next();
                         });
  };
  for (std::size_t i = 0; i < options_.sessions_max; ++i) start_next();
  io.run();
  if (failed) return *failed;
  const auto uncut = [](std::size_t, Coordinator&, fieldnode::SyncOptions&) -> Result<void> {
    return {};
  };
  if (!again.empty()) TRY(synchronise(again, uncut));  // Goes on where it was cut.
  for (Coordinator* c : forked) TRY(go_on_after_fork(*c));
  return {};
}

// The second branch of a cloned device goes on at once under a new key, which the county approves;
// what had not been accepted is recorded again (D4).
Result<void> Run::go_on_after_fork(Coordinator& c) {
  TRY(c.node->succeed());
  TRY(enrol_with_codes({&c}));
  TRY_AS(pending, server_.command("pending", {}));
  std::istringstream lines(pending);
  for (std::string digits; std::getline(lines, digits);) {
    digits.resize(std::min(digits.find(' '), digits.size()));
    if (digits.size() == 8 && is_digits(digits)) TRY(server_.timed_command("approve", {digits}));
  }
  TRY_AS(again, c.node->resume(now_));
  tally_.re_recorded += again;
  return synchronise({&c}, {});
}
}  // namespace cunji::demo
