// Events that have no effect, or a doubtful one, with the reason that people read.
#include <algorithm>
#include <tuple>

#include "shared/state/data.h"

namespace cunji::state {
static Remark remark_of(const EventRecord& event, std::string zh, std::string en) {
  return {.index = event.index,
          .event = event.digest,
          .division = {},
          .verdict = event.verdict,
          .reason_zh = std::move(zh),
          .reason_en = std::move(en)};
}

static Remark no_effect(const EventRecord& event) {
  if (event::is_accepted(event.verdict))
    return remark_of(event, "密钥失窃，本人不再担保此后的记录",
                     "signed after what the person vouches for, the key being compromised");
  std::string en(event::name_of(event.verdict));
  std::replace(en.begin(), en.end(), '_', ' ');
  return remark_of(event, std::string(event::label_zh_of(event.verdict)), en);
}

static Remark doubtful(const EventRecord& event) {
  const TimePoint effective = event.time.effective_recorded();
  const bool ahead = event.time.recorded > effective;
  const Duration off = ahead ? event.time.recorded - effective : effective - event.time.recorded;
  const std::string minutes =
      std::to_string(std::chrono::duration_cast<std::chrono::minutes>(off).count());
  if (ahead)
    return remark_of(event, "设备时间比县收到的时间晚" + minutes + "分钟",
                     "the device's clock said " + minutes + " minutes after the county's receipt");
  return remark_of(event, "设备时间比该设备已见过的县时间早" + minutes + "分钟",
                   "the device's clock said " + minutes +
                       " minutes before a county time that the device had already seen");
}

static std::vector<Remark> remarks(const Events& events, const std::set<std::uint32_t>& places,
                                   std::string_view prefix, Remark (*remark)(const EventRecord&)) {
  std::vector<Remark> out;
  for (const std::uint32_t place : places) {
    const EventRecord& event = events.at(place);
    const DivisionCode& division = events.division_of(event);
    if (!division.view().starts_with(prefix)) continue;
    out.push_back(remark(event));
    out.back().division = division;
  }
  std::sort(out.begin(), out.end(), [](const Remark& a, const Remark& b) {
    return std::tie(a.division, a.index) < std::tie(b.division, b.index);
  });
  return out;
}

std::vector<Remark> State::disputed(std::string_view prefix) const {
  return remarks(data_->events, data_->events.without_effect(), prefix, no_effect);
}

std::vector<Remark> State::doubtful_times(std::string_view prefix) const {
  return remarks(data_->events, data_->events.doubtful(), prefix, doubtful);
}
}  // namespace cunji::state
