// An idle node on an open connection asks whether there is anything new, and there is not.
#include "tools/bench/enrolled_node.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
Result<Outcome> idle_job(const Setting& setting) {
  TimePoint at = wall_clock() - std::chrono::days{30};
  TRY_AS(county, County::make(setting.folder + "/county", at, /*seed=*/8));
  std::vector<Village> villages;
  villages.emplace_back(village_code(county->code(), 1), 60, 8);
  TRY_AS(author, county->enrol({villages[0].code().str()}, at));
  TRY(fill(*county, {&author, 1}, villages, {.events = 1'000}, at));
  TRY_AS(node, EnrolledNode::make(setting.folder + "/node", *county, {villages[0].code().str()}));
  TRY_AS(source, CountySource::open(*county));
  constexpr int kPolls = 10;
  TRY_AS(fresh, node->synchronise(*source));
  TRY_AS(idle, node->synchronise(*source, kPolls));
  const auto bytes = [](const Traffic& t) {
    return static_cast<double>(t.up_bytes + t.down_bytes);
  };
  Outcome out;
  out.figures.push_back({.name = "poll on an open connection, both ways",
                         .value = bytes(idle) / kPolls,
                         .unit = "bytes",
                         .at_most = 600});
  out.figures.push_back({.name = "round trips of it",
                         .value = static_cast<double>(idle.up_messages) / kPolls,
                         .unit = "",
                         .at_most = 1});
  out.figures.push_back(
      {.name = "a whole new session that finds nothing", .value = bytes(fresh), .unit = "bytes"});
  out.notes.push_back(
      "sealed messages with their WebSocket headers; TCP, TLS and HTTP upgrade apart");
  return out;
}
}  // namespace cunji::bench
