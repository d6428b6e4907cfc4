// One durable append on a node, from the form's answers to the synced row, against a bare SQLite
// FULL commit of the same bytes. Turn by turn, since the disk's mood changes by the second.
#include "fieldnode/node.h"
#include "shared/crypto/system_entropy.h"
#include "shared/event/body.h"
#include "tools/bench/bare_sqlite.h"
#include "tools/bench/county.h"
#include "tools/bench/enrolled_node.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
Result<Outcome> append_job(const Setting& setting) {
  TimePoint at = wall_clock() - std::chrono::days{30};
  TRY_AS(county, County::make(setting.folder + "/county", at, /*seed=*/3));
  Village village(village_code(county->code(), 1), 60, 3);
  TRY_AS(node, EnrolledNode::make(setting.folder + "/node", *county, {village.code().str()}));
  TRY_AS(bare, BareSqlite::make(setting.folder + "/bare.sqlite"));

  const int rounds = setting.brief ? 50 : 2'000;
  std::vector<double> ours, theirs;
  for (int i = 0; i < rounds; ++i) {
    const event::Draft said = village.next(at);
    const fieldnode::RecordDraft draft{.kind = said.kind,
                                       .division = said.division,
                                       .subject = said.subject,
                                       .recorded = said.recorded,
                                       .parts = said.parts};
    double from = now_seconds();
    TRY_AS(recorded, node->node().record(draft));
    ours.push_back(now_seconds() - from);

    TRY_AS(kept, node->node().store().own_event(node->node().key(), recorded.sequence));
    CHECK(kept.has_value());
    const Bytes row = kept->signed_event.encode().append(event::encode_body(kept->body));
    from = now_seconds();
    TRY(bare.commit(row));
    theirs.push_back(now_seconds() - from);
  }
  const auto figure = [&](const char* name, double part) {
    return Figure{.name = name,
                  .value = percentile(ours, part) * 1e6,
                  .unit = "µs",
                  .yardstick_name = "bare SQLite FULL commit",
                  .yardstick = percentile(theirs, part) * 1e6};
  };
  Outcome out;
  out.figures = {figure("append, p50", 0.5), figure("append, p99", 0.99)};
  out.figures[0].at_most = 1.3;
  out.notes.push_back(std::to_string(rounds) + " appends of " +
                      "a visit, a presence or changed facts; each with its signature checked");
  return out;
}
}  // namespace cunji::bench
