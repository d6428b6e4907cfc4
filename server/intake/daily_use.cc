#include "server/intake/daily_use.h"

#include "server/intake/limits.h"
#include "shared/event/entry.h"

namespace cunji::server {
Volume volume_of(const event::Header& header) {
  return {.events = 1, .bytes = event::kEntryBytes + header.body_length};
}

DailyUse::DailyUse(TimePoint received) : day_(county_day(received)) {}

Result<DailyUse> DailyUse::read(const log::EventLog& log, const log::LogHead& head) {
  DailyUse out(head.received);
  std::uint64_t first = head.size > kDayEntriesMax ? head.size - kDayEntriesMax : 0;
  for (std::uint64_t end = head.size; first < end;) {  // Receipt times never decrease.
    const std::uint64_t middle = first + (end - first) / 2;
    TRY_AS(logged, log.at(middle));
    if (!logged) return Error{Errc::Corrupt, "no entry at index " + std::to_string(middle)};
    if (county_day(logged->entry.received) < out.day_) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  TRY(log.scan(first, [&](const event::LoggedEvent& logged) -> Result<bool> {
    out.count(logged.entry.event.header(), logged.entry.received);
    return true;
  }));
  return out;
}

Volume DailyUse::of(const PublicKey& key, TimePoint received) const {
  return county_day(received) == day_ ? of(key) : Volume{};
}

Volume DailyUse::of(const PublicKey& key) const {
  const auto found = volumes_.find(key);
  return found == volumes_.end() ? Volume{} : found->second;
}

void DailyUse::count(const event::Header& header, TimePoint received) {
  if (const std::int64_t day = county_day(received); day != day_) {
    day_ = day;
    volumes_.clear();
  }
  const Volume one = volume_of(header);
  Volume& volume = volumes_[header.author];
  volume.events += one.events;
  volume.bytes += one.bytes;
}

void DailyUse::add(const DailyUse& commit) {
  if (commit.day_ != day_) {
    *this = commit;
    return;
  }
  for (const auto& [key, volume] : commit.volumes_) {
    Volume& sum = volumes_[key];
    sum.events += volume.events;
    sum.bytes += volume.bytes;
  }
}
}  // namespace cunji::server
