// Warnings, as far as they exist: events without effect, and those whose time is in doubt.
#include "protocol/api.pb.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"

namespace cunji::server {
Outcome<std::string> list_warnings(Call& call) {
  static const std::string kDisputed = "disputed", kDoubtful = "time_doubtful";
  std::string wanted;
  TRY_AS(times, call.take_times());
  TRY_AS(prefixes, call.take_prefixes(wanted));
  TRY_AS(type, call.query.take_choice("type", {"", kDisputed, kDoubtful}));
  TRY_AS(from, take_index_cursor(call.query));
  TRY_AS(limit, call.query.take_limit());
  TRY(call.query.finish());
  std::multimap<std::uint64_t, std::pair<std::string, state::Remark>> all;
  TRY_AS(basis, call.look(times, [&](const state::State& state) {
    const auto add = [&](const std::string& as, std::vector<state::Remark> remarks) {
      for (state::Remark& remark : remarks)
        if (remark.index >= from) all.emplace(remark.index, std::pair(as, std::move(remark)));
    };
    for (const std::string& prefix : prefixes) {
      if (type != kDoubtful) add(kDisputed, state.disputed(prefix));
      if (type != kDisputed) add(kDoubtful, state.doubtful_times(prefix));
    }
  }));
  api::Warnings out;
  *out.mutable_basis() = basis;
  for (const auto& [index, each] : all) {
    // An event is either without effect or doubtful, so an index ends a page without a gap.
    if (static_cast<std::size_t>(out.warnings_size()) == limit) {
      out.set_next_cursor(cursor_of(index));
      break;
    }
    const auto& [as, remark] = each;
    api::Warning& line = *out.add_warnings();
    line.set_type(as);
    line.set_index(index);
    line.set_event(to_hex(remark.event.view()));
    line.set_division(remark.division.str());
    line.set_verdict(std::string(event::name_of(remark.verdict)));
    line.set_zh(remark.reason_zh);
    line.set_en(remark.reason_en);
  }
  return json_of(out);
}
}  // namespace cunji::server
