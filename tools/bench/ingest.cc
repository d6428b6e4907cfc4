// Ingest over loopback: every signature checked, every event durable and folded before it is
// acknowledged; and three hundred nodes that come within a minute.
#include <thread>

#include "shared/crypto/hash.h"
#include "shared/event/parts.h"
#include "tools/bench/county.h"
#include "tools/bench/figures.h"
#include "tools/bench/load.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"
#include "tools/bench/server_run.h"

namespace cunji::bench {
namespace {
// The draft becomes a visit that names these photos.
void name_photos(event::Draft& draft, const std::vector<std::uint64_t>& numbers) {
  event::PartFrame frame;
  for (const std::uint64_t number : numbers) {
    const Bytes photo = made_up_photo(number);
    frame.attachments.push_back({.digest = crypto::sha256(photo),
                                 .size = static_cast<std::uint32_t>(photo.size()),
                                 .media_type = "image/jpeg"});
  }
  draft.kind = event::Kind::Visit;
  draft.parts = {event::encode_part(event::VisitPart{.outcome = event::VisitOutcome::Met}, frame)};
}

// Makes the county, and `pushers` keys with `events` signed events each; the county is closed
// again.
Result<std::vector<Pusher>> make_load(const std::string& folder, std::size_t pushers,
                                      std::size_t events, std::size_t batch_events,
                                      std::size_t photos = 0) {
  const TimePoint founded = wall_clock() - std::chrono::days{200};
  TRY_AS(county, County::make(folder, founded, /*seed=*/1));
  std::vector<Author*> authors;
  std::vector<Village> villages;
  for (std::size_t i = 0; i < pushers; ++i) {
    villages.emplace_back(village_code(county->code(), static_cast<unsigned>(i)), 60, i);
    TRY_AS(author, county->enrol({villages.back().code().str()}, founded));
    authors.push_back(author);
  }
  TRY(county->publish());
  std::vector<Pusher> out;
  for (std::size_t i = 0; i < pushers; ++i) {
    TimePoint at = founded;
    std::vector<event::Event> made;
    std::vector<std::uint64_t> numbers;
    for (std::size_t n = 0; n < photos; ++n) numbers.push_back(i * photos + n);
    while (made.size() < events) {
      event::Draft draft = villages[i].next(at);
      if (photos > 0 && made.size() + 1 == events) name_photos(draft, numbers);
      made.push_back(county->sign(*authors[i], draft));
    }
    out.push_back({.key = authors[i]->key,
                   .frames = framed(made, batch_events),
                   .photos = std::move(numbers)});
  }
  return out;
}

struct VerifyRate {
  double a_second = 0;     // All cores together, by the wall clock.
  double cpu_seconds = 0;  // Of one verification.
};
VerifyRate measure_verify(double seconds) {
  crypto::SeededEntropy chance(1, "verify");
  const crypto::KeyPair key = crypto::KeyPair::generate(chance);
  const Bytes signed_bytes(208, 'x');  // Label and header of an event.
  const Signature signature = key.sign(signed_bytes);
  std::vector<std::uint64_t> done(cores());
  std::vector<std::thread> threads;
  const double cpu = cpu_seconds(), from = now_seconds();
  for (std::uint64_t& count : done) {
    threads.emplace_back([&, from] {
      while (now_seconds() - from < seconds) {
        for (int i = 0; i < 100; ++i, ++count)
          CHECK(crypto::verify(key.public_key(), signed_bytes, signature));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (const std::uint64_t count : done) sum += count;
  const auto all = static_cast<double>(sum);
  return {.a_second = all / (now_seconds() - from), .cpu_seconds = (cpu_seconds() - cpu) / all};
}
}  // namespace

Result<Outcome> ingest_job(const Setting& setting) {
  // What a coordinator's key may have logged a day: two batches of 1,000. One under way each: that
  // is work enough at any time, and less than the server lets wait.
  const std::size_t pushers = setting.brief ? 2 : 24, batches = 2;
  const std::size_t batch_events = setting.brief ? 250 : 1'000;
  const std::string folder = setting.folder + "/county";
  TRY_AS(load, make_load(folder, pushers, batches * batch_events, batch_events));
  TRY_AS(server, ServerRun::start(setting.programs, folder));
  const double verify_seconds = setting.brief ? 0.1 : 2;
  const VerifyRate before = measure_verify(verify_seconds);
  const double server_cpu = server->cpu_seconds(), own_cpu = cpu_seconds();
  TRY_AS(result, push_all(server->port(), load, /*in_flight=*/1));
  const double server_used = server->cpu_seconds() - server_cpu;
  const double own_used = cpu_seconds() - own_cpu;
  const VerifyRate after = measure_verify(verify_seconds);
  TRY(server->stop());
  const auto events = static_cast<double>(result.logged);
  if (result.not_logged > 0 || result.logged != pushers * batches * batch_events)
    return Error{Errc::Conflict, std::to_string(result.not_logged) + " events were not logged"};

  Outcome out;
  out.figures.push_back({.name = "ingest, " + std::to_string(batch_events) + " a batch",
                         .value = events / result.seconds,
                         .unit = "events/s",
                         .yardstick_name = "cores × libsodium verify, before and after",
                         .yardstick = (before.a_second + after.a_second) / 2,
                         .at_least = 0.75});
  out.figures.push_back({.name = "CPU of the server an event",
                         .value = server_used / events * 1e6,
                         .unit = "µs",
                         .yardstick_name = "of one verification",
                         .yardstick = (before.cpu_seconds + after.cpu_seconds) / 2 * 1e6});
  out.figures.push_back({.name = "CPU of the load generator an event",
                         .value = own_used / events * 1e6,
                         .unit = "µs"});
  out.generator_share = own_used / (result.seconds * cores());
  out.notes.push_back(
      std::to_string(result.logged) + " events of " + std::to_string(pushers) +
      " keys; server and generator share the cores; the server had " +
      std::to_string(static_cast<int>(100 * server_used / result.seconds / cores())) +
      " % of them");
  return out;
}

Result<Outcome> nodes_job(const Setting& setting) {
  const std::size_t nodes = setting.brief ? 20 : 300;
  const double within = setting.brief ? 1 : 60;
  const std::string folder = setting.folder + "/county";
  const std::size_t photos = setting.brief ? 1 : 5;
  TRY_AS(load, make_load(folder, nodes, /*events=*/100, /*batch_events=*/100, photos));
  for (std::size_t i = 0; i < nodes; ++i)
    load[i].starts_after = within * static_cast<double>(i * 7 % nodes) / static_cast<double>(nodes);
  TRY_AS(server, ServerRun::start(setting.programs, folder));
  const double own_cpu = cpu_seconds();
  TRY_AS(result, push_all(server->port(), load, 4));
  if (result.not_logged > 0 || result.logged != nodes * 100)
    return Error{Errc::Conflict, std::to_string(result.not_logged) + " events were not logged"};
  if (result.photos != nodes * photos) return Error{Errc::Conflict, "photos are missing"};
  const double memory = server->memory_mib_max();
  TRY(server->stop());
  Outcome out;
  out.figures.push_back({.name = "acknowledgement of 100 events, p99",
                         .value = percentile(result.answer_seconds, 0.99),
                         .unit = "s",
                         .at_most = 2});
  out.figures.push_back({.name = "acknowledgement of 100 events, p50",
                         .value = percentile(result.answer_seconds, 0.5),
                         .unit = "s"});
  out.figures.push_back({.name = "a photo of 200 kB, hashed and filed, p99",
                         .value = percentile(result.photo_seconds, 0.99),
                         .unit = "s"});
  out.figures.push_back(
      {.name = "memory of the server, at most", .value = memory, .unit = "MiB", .at_most = 512});
  out.generator_share = (cpu_seconds() - own_cpu) / (result.seconds * cores());
  out.notes.push_back(
      std::to_string(nodes) + " nodes within " + std::to_string(static_cast<int>(within)) +
      " s, 100 events and " + std::to_string(photos) +
      " photos each: " + std::to_string(result.photo_bytes / 1'000'000) + " MB of photos");
  return out;
}
}  // namespace cunji::bench
