#include "tools/bench/micro.h"

#include <benchmark/benchmark.h>

#include <filesystem>

#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/crypto/sign.h"
#include "shared/event/parts.h"
#include "tools/bench/bare_sqlite.h"
#include "tools/bench/made_up.h"

namespace cunji::bench {
namespace {
constexpr std::size_t kTypicalBytes = 300;  // An event with its envelope.

crypto::KeyPair made_up_key() {
  crypto::SeededEntropy chance(1, "micro");
  return crypto::KeyPair::generate(chance);
}

void hash(benchmark::State& state) {
  const Bytes bytes(kTypicalBytes, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(bytes));
}

void sign(benchmark::State& state) {
  const crypto::KeyPair key = made_up_key();
  const Bytes bytes(kTypicalBytes, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(bytes));
}

void verify(benchmark::State& state) {
  const crypto::KeyPair key = made_up_key();
  const Bytes bytes(kTypicalBytes, 'x');
  const Signature signature = key.sign(bytes);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::verify(key.public_key(), bytes, signature));
}

Bytes typical_part() {
  TimePoint at{};
  Village village(village_code(CountyCode::parse("990001").value(), 1), 1, 1);
  return event::pad_part(village.next(at).parts.front()).value();
}

void parse_part(benchmark::State& state) {
  const Bytes padded = typical_part();
  for (auto _ : state) benchmark::DoNotOptimize(event::parse_part(padded));
}

void commitment(benchmark::State& state) {
  const Bytes padded = typical_part();
  const Salt salt{};
  for (auto _ : state)
    benchmark::DoNotOptimize(event::part_commitment(event::part_salt(salt, 1), padded));
}

void sqlite_commit(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() / "cunji-bench-micro.sqlite";
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
  };
  remove();
  {
    auto bare = BareSqlite::make(path.string());
    if (!bare) return state.SkipWithError(bare.error().what.c_str());
    const Bytes row(kTypicalBytes, 'x');
    for (auto _ : state) {
      if (const auto done = bare->commit(row); !done)
        return state.SkipWithError(done.error().what.c_str());
    }
  }
  remove();
}
}  // namespace

int run_micro(bool brief) {
  const double seconds = brief ? 0.01 : 1.0;
  const std::pair<const char*, void (*)(benchmark::State&)> all[] = {
      {"sha256 of 300 bytes", hash},
      {"Ed25519 sign", sign},
      {"Ed25519 verify", verify},
      {"parse a visit's part", parse_part},
      {"salt and commitment of a part", commitment},
      {"SQLite FULL commit of 300 bytes", sqlite_commit}};
  for (const auto& [name, function] : all)
    benchmark::RegisterBenchmark(name, function)->MinTime(seconds);
  return benchmark::RunSpecifiedBenchmarks() == std::size(all) ? 0 : 1;
}
}  // namespace cunji::bench
