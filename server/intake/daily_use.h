#pragma once
// What each key has had logged on the newest day of the log, which quotas are held against (D21).
// It follows from the log alone, so it survives a restart. Days are the county's, UTC+8.
#include <cstdint>
#include <map>

#include "shared/base/calendar.h"
#include "shared/event/header.h"
#include "shared/log/event_log.h"

namespace cunji::server {
// A day of the county's calendar (UTC+8), counted from 1970: what daily quotas go by.
inline std::int64_t county_day(TimePoint now) {
  return std::chrono::sys_days{date_of(now)}.time_since_epoch().count();
}

struct Volume {
  std::uint64_t events = 0, bytes = 0;
};
// Of one event: its entry and its body.
Volume volume_of(const event::Header& header);

class DailyUse {
 public:
  explicit DailyUse(TimePoint received = {});
  // Of the newest day of `log`, whose newest entry was received at `head.received`: a search for
  // the day's first entry, and a scan of the day, the last kDayEntriesMax entries at most. If a day
  // has more, the earlier ones are forgotten: nobody gets more than his quota once again by it.
  static Result<DailyUse> read(const log::EventLog& log, const log::LogHead& head);

  // Nothing on a day later than this one. `received` never goes back to an earlier day.
  Volume of(const PublicKey& key, TimePoint received) const;
  Volume of(const PublicKey& key) const;  // On this day.
  // An event was logged; a new day begins with nothing.
  void count(const event::Header& header, TimePoint received);
  // Entries of one commit, which have one receipt time.
  void add(const DailyUse& commit);

 private:
  std::int64_t day_ = 0;
  std::map<PublicKey, Volume> volumes_;
};
}  // namespace cunji::server
