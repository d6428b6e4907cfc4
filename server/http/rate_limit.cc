#include "server/http/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace cunji::server {
// A full table is looked through for idle names this often.
static constexpr std::chrono::seconds kSweepEvery{1};

static double seconds(SteadyTime::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

bool RateLimit::is_full(const Bucket& bucket, SteadyTime now) const {
  return bucket.left + seconds(now - bucket.at) * rate_.per_second >= rate_.burst;
}

RateLimit::Bucket& RateLimit::refilled(BytesView name, SteadyTime now) {
  auto found = buckets_.find(name);
  if (found == buckets_.end() && buckets_.size() >= names_max_ && now - swept_ >= kSweepEvery) {
    swept_ = now;  // A full bucket is as good as none.
    std::erase_if(buckets_, [&](const auto& each) { return is_full(each.second, now); });
  }
  const bool room = buckets_.size() < names_max_;
  if (found == buckets_.end() && room)
    found = buckets_.emplace(name, Bucket{rate_.burst, now}).first;
  if (found == buckets_.end() && !shared_) shared_ = Bucket{rate_.burst, now};
  Bucket& bucket = found == buckets_.end() ? *shared_ : found->second;
  bucket.left = std::min(rate_.burst, bucket.left + seconds(now - bucket.at) * rate_.per_second);
  bucket.at = now;
  return bucket;
}

std::optional<Duration> RateLimit::wait_for_one(const Bucket& bucket) const {
  constexpr double kRounding = 1e-6;  // Of sums of fractions.
  if (bucket.left >= 1 - kRounding) return std::nullopt;
  const double millis = (1 - bucket.left) / rate_.per_second * 1e3;
  return Duration{static_cast<std::int64_t>(std::ceil(millis - kRounding))};
}

std::optional<Duration> RateLimit::take(BytesView name, SteadyTime now) {
  Bucket& bucket = refilled(name, now);
  const auto wait = wait_for_one(bucket);
  if (!wait) bucket.left -= 1;
  return wait;
}

void RateLimit::charge(BytesView name, double cost, SteadyTime now) {
  Bucket& bucket = refilled(name, now);
  bucket.left = std::max(bucket.left - cost, -2 * rate_.burst);
}

std::optional<Duration> RateLimit::look(BytesView name, SteadyTime now) {
  return wait_for_one(refilled(name, now));
}
}  // namespace cunji::server
