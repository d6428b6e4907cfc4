#pragma once
// Token buckets by name (an address, a key, a code): how often somebody may do something. Sans-IO:
// the caller says what time it is. The table is bounded, and holds only names that did something
// lately.
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "shared/base/bytes.h"
#include "shared/base/time.h"

namespace cunji::server {
using SteadyTime = std::chrono::steady_clock::time_point;

struct Rate {
  double per_second = 0;  // What is refilled, steadily.
  double burst = 0;       // At most so much at once.
};

class RateLimit {
 public:
  // When `names_max` names have done something lately, all others share one bucket.
  RateLimit(Rate rate, std::size_t names_max) : rate_(rate), names_max_(names_max) {}

  // Takes one. Nothing: it was free. Else how long until one is, and nothing was taken.
  std::optional<Duration> take(BytesView name, SteadyTime now);
  // Takes `cost` after the fact, into debt if need be: at most two bursts of it, so that nobody
  // waits for ever.
  void charge(BytesView name, double cost, SteadyTime now);
  // As take(), without taking.
  std::optional<Duration> look(BytesView name, SteadyTime now);

 private:
  struct Bucket {
    double left = 0;
    SteadyTime at{};
  };
  Bucket& refilled(BytesView name, SteadyTime now);
  std::optional<Duration> wait_for_one(const Bucket& bucket) const;
  bool is_full(const Bucket& bucket, SteadyTime now) const;

  Rate rate_;
  std::size_t names_max_;
  std::map<std::string, Bucket, std::less<>> buckets_;
  std::optional<Bucket> shared_;
  SteadyTime swept_{};
};
}  // namespace cunji::server
