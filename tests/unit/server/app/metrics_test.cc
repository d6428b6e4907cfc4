// The text that Prometheus reads: every line of the format, every name by its conventions.
#include "server/app/metrics.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "protocol/sync.pb.h"
#include "server/intake/intake.h"

namespace cunji::server {
static sync::EventOutcome outcome(sync::EventOutcome::Status status, int refusal = 0,
                                  const std::string& reason = {}) {
  sync::EventOutcome out;
  out.status = status;
  out.refusal = refusal;
  out.reason = reason;
  return out;
}

TEST(Metrics, EveryLineIsOfTheFormatAndNamesFollowTheConventions) {
  Metrics metrics;
  metrics.count_outcomes({outcome(sync::EventOutcome::Status::Logged)});
  metrics.count_closed(ClosedReason::HeadTimeout);
  metrics.count_request(429);
  metrics.commit.add(std::chrono::milliseconds{3});
  const std::regex sample(
      R"re(([a-z_]+)(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?[0-9.e+-]+)re");
  const std::regex comment(R"(# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ (counter|gauge|histogram)))");
  std::istringstream in(metrics.text({}));
  std::set<std::string> typed;
  std::string type;
  for (std::string line; std::getline(in, line);) {
    SCOPED_TRACE(line);
    if (line.starts_with("#")) {
      ASSERT_TRUE(std::regex_match(line, comment));
      if (!line.starts_with("# TYPE ")) continue;
      std::istringstream words(line.substr(7));
      std::string name;
      words >> name >> type;
      EXPECT_TRUE(typed.insert(name).second) << "once";
      EXPECT_TRUE(name.starts_with("cunji_") || name.starts_with("process_"));
      EXPECT_EQ(name.ends_with("_total"), type == "counter");
      continue;
    }
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(line, parts, sample));
    std::string name = parts[1];
    if (type == "histogram")
      name = std::regex_replace(name, std::regex("_(bucket|sum|count)$"), "");
    EXPECT_TRUE(typed.contains(name)) << "typed before";
  }
  EXPECT_GT(typed.size(), 25U);
}

TEST(Metrics, CountsByVerdictCodeAndReason) {
  using Status = sync::EventOutcome::Status;
  Metrics metrics;
  metrics.count_outcomes({outcome(Status::Logged), outcome(Status::Logged), outcome(Status::Parked),
                          outcome(Status::Refused, proto::REFUSAL_CODE_BODY),
                          outcome(Status::Refused, proto::REFUSAL_CODE_LATER, kQuotaReason),
                          outcome(Status::Refused, proto::REFUSAL_CODE_LATER, "x")});
  metrics.count_later(LaterReason::Queue, 7);
  const std::string text =
      metrics.text({.log_size = 12,
                    .checkpoint_size = 9'007'199'254'740'991,
                    .photos = {.filed = 3, .filed_bytes = 600, .mismatched = 2, .put_off = 5}});
  for (const char* line :
       {"cunji_events_logged_total{verdict=\"0\"} 2\n", "cunji_events_parked_total 1\n",
        "cunji_events_refused_total{code=\"body\"} 1\n",
        "cunji_events_later_total{reason=\"quota\"} 1\n",
        "cunji_events_later_total{reason=\"other\"} 1\n",
        "cunji_events_later_total{reason=\"queue\"} 7\n", "cunji_log_entries 12\n",
        "cunji_photos_filed_total 3\n", "cunji_photos_filed_bytes_total 600\n",
        "cunji_photos_mismatched_total 2\n", "cunji_photo_chunks_later_total 5\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(Metrics, HistogramsAreCumulative) {
  Histogram histogram;
  for (const int millis : {1, 3, 3, 1'500, 60'000})
    histogram.add(std::chrono::milliseconds{millis});
  const std::string text = histogram.text("x_seconds", "help.");
  for (const char* line :
       {"x_seconds_bucket{le=\"0.001\"} 1\n", "x_seconds_bucket{le=\"0.005\"} 3\n",
        "x_seconds_bucket{le=\"1\"} 3\n", "x_seconds_bucket{le=\"2\"} 4\n",
        "x_seconds_bucket{le=\"5\"} 4\n", "x_seconds_bucket{le=\"+Inf\"} 5\n",
        "x_seconds_sum 61.507\n", "x_seconds_count 5\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}
}  // namespace cunji::server
