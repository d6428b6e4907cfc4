#include "server/app/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "protocol/sync.pb.h"
#include "server/intake/intake.h"
#include "shared/state/state.h"

namespace cunji::server {
using Status = sync::EventOutcome::Status;

// A number as Prometheus reads it; whole ones stay whole.
static std::string number(double value) {
  char out[40];
  std::snprintf(out, sizeof out, "%.15g", value);
  return out;
}

static std::string head(const std::string& name, const char* type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void Histogram::add(std::chrono::steady_clock::duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::size_t at = 0;
  while (at < kBounds.size() && seconds > kBounds[at]) ++at;
  ++counts_[at];
  micros_ += static_cast<std::uint64_t>(std::max(0.0, seconds) * 1e6);
}

std::string Histogram::text(const std::string& name, const std::string& help) const {
  std::string out = head(name, "histogram", help);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    sum += counts_[i];
    const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
    out += name + "_bucket{le=\"" + bound + "\"} " + std::to_string(sum) + "\n";
  }
  out += name + "_sum " + number(static_cast<double>(micros_) / 1e6) + "\n";
  return out + name + "_count " + std::to_string(sum) + "\n";
}

void Metrics::count_outcomes(const std::vector<sync::EventOutcome>& outcomes) {
  const std::lock_guard guard(mutex_);
  for (const sync::EventOutcome& outcome : outcomes) {
    if (outcome.status == Status::Logged) {
      ++logged_[static_cast<std::uint16_t>(outcome.verdict)];
    } else if (outcome.status == Status::Parked) {
      ++parked_;
    } else if (outcome.refusal == proto::REFUSAL_CODE_LATER) {
      ++later_[outcome.reason == kQuotaReason ? LaterReason::Quota : LaterReason::Other];
    } else {
      ++refused_[outcome.refusal];
    }
  }
}

void Metrics::count_later(LaterReason reason, std::size_t events) {
  const std::lock_guard guard(mutex_);
  later_[reason] += events;
}
void Metrics::count_closed(ClosedReason reason) {
  const std::lock_guard guard(mutex_);
  ++closed_[reason];
}
void Metrics::count_request(unsigned http_status) {
  const std::lock_guard guard(mutex_);
  ++requests_[http_status];
}

static std::string word(LaterReason reason) {
  switch (reason) {
    case LaterReason::Quota: return "quota";
    case LaterReason::Queue: return "queue";
    case LaterReason::SenderRate: return "sender_rate";
    case LaterReason::Disk: return "disk";
    case LaterReason::Other: break;
  }
  return "other";
}

static std::string word(ClosedReason reason) {
  switch (reason) {
    case ClosedReason::NoPlace: return "no_place";
    case ClosedReason::TooManySessions: return "too_many_sessions";
    case ClosedReason::HeadTimeout: return "head_timeout";
    case ClosedReason::HelloTimeout: return "hello_timeout";
    case ClosedReason::FrameTimeout: return "frame_timeout";
    case ClosedReason::StrangerTimeout: return "stranger_timeout";
    case ClosedReason::SlowReader: return "slow_reader";
    case ClosedReason::Session: break;
  }
  return "session";
}
static std::string word(unsigned value) { return std::to_string(value); }
static std::string word(std::uint16_t value) { return std::to_string(value); }
// "REFUSAL_CODE_BODY" is "body".
static std::string word(int refusal) {
  std::string out = proto::RefusalCode_Name(static_cast<proto::RefusalCode>(refusal));
  out.erase(0, std::string("REFUSAL_CODE_").size());
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

template <class Counts>
static std::string counters(const std::string& name, const char* label, const std::string& help,
                            const Counts& counts) {
  std::string out = head(name, "counter", help);
  for (const auto& [key, count] : counts)
    out += name + "{" + label + "=\"" + word(key) + "\"} " + std::to_string(count) + "\n";
  return out;
}
static std::string counter(const std::string& name, const std::string& help, double value) {
  return head(name, "counter", help) + name + " " + number(value) + "\n";
}
static std::string gauge(const std::string& name, const std::string& help, double value) {
  return head(name, "gauge", help) + name + " " + number(value) + "\n";
}

static double resident_bytes() {
  double pages = 0;
  std::ifstream in("/proc/self/statm");
  in >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}
static double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string Metrics::text(const Now& now) const {
  const auto d = [](std::uint64_t value) { return static_cast<double>(value); };
  std::string out;
  {
    const std::lock_guard guard(mutex_);
    out += counters("cunji_events_logged_total", "verdict", "Events offered by nodes and logged.",
                    logged_);
    out += counters("cunji_events_refused_total", "code", "Events refused for good.", refused_);
    out += counters("cunji_events_later_total", "reason", "Events that are to come again.", later_);
    out += counter("cunji_events_parked_total", "Events parked until their key has a credential.",
                   d(parked_));
    out += counters("cunji_connections_closed_total", "reason", "Connections that we closed.",
                    closed_);
    out +=
        counters("cunji_http_requests_total", "code", "Plain HTTP requests by answer.", requests_);
  }
  out += counter("cunji_connections_total", "Connections accepted.", d(connections));
  out +=
      counter("cunji_received_bytes_total", "Bytes of sessions' messages received.", d(bytes_in));
  out += counter("cunji_sent_bytes_total", "Bytes of sessions' messages sent.", d(bytes_out));
  out += counter("cunji_enrolments_later_total", "Enrolments that are to be asked for again.",
                 d(enrolments_later));
  out +=
      counter("cunji_photos_filed_total", "Photos that have arrived whole.", d(now.photos.filed));
  out += counter("cunji_photos_filed_bytes_total", "Their bytes.", d(now.photos.filed_bytes));
  out += counter("cunji_photos_mismatched_total",
                 "Photos thrown away, since they were not what their digest says.",
                 d(now.photos.mismatched));
  out += counter("cunji_photo_chunks_later_total", "Chunks of photos that are to come again.",
                 d(now.photos.put_off));
  out += commit.text("cunji_commit_duration_seconds", "Group commits of events.");
  out += acknowledgement.text("cunji_acknowledgement_duration_seconds",
                              "From a push's arrival to its acknowledgement.");
  out += gauge("cunji_log_entries", "Entries of the log.", d(now.log_size));
  out += gauge("cunji_fold_entries", "Entries folded.", d(now.fold_size));
  out += gauge("cunji_checkpoint_entries", "Entries of the newest published checkpoint.",
               d(now.checkpoint_size));
  out +=
      gauge("cunji_checkpoint_age_seconds", "Since it was published.", now.checkpoint_age_seconds);
  out += gauge("cunji_quarantined_events", "Events in quarantine.", d(now.quarantined));
  out += gauge("cunji_parked_events", "Events parked.", d(now.parked));
  out += gauge("cunji_parked_bytes", "Their bytes.", d(now.parked_bytes));
  out += gauge("cunji_enrolment_codes_open", "Enrolment codes not used yet.", d(now.codes_open));
  out += gauge("cunji_sessions", "Sessions of known keys.", d(now.sessions));
  out += gauge("cunji_strangers", "Connections without a known key.", d(now.strangers));
  out += gauge("cunji_connections", "Connections.", d(now.connections));
  out += gauge("cunji_verifying_events", "Events waiting to be verified.", d(now.verifying_events));
  out += gauge("cunji_queued_events", "Events waiting for the writer.", d(now.queued_events));
  out += gauge("cunji_database_bytes", "Size of the databases on disk.", d(now.database_bytes));
  out += gauge("cunji_disk_free_bytes", "Free space of the data folder's disk.",
               d(now.disk_free_bytes));
  out += gauge("cunji_uptime_seconds", "Since the server started to serve.", now.uptime_seconds);
  out += gauge("process_resident_memory_bytes", "Memory resident.", resident_bytes());
  out += counter("process_cpu_seconds_total", "User and system time.", cpu_seconds());
  out += head("cunji_build_info", "gauge", "What was built.") + "cunji_build_info{fold_version=\"" +
         std::to_string(state::kFoldVersion) + "\",compiler=\"" + __VERSION__ + "\"} 1\n";
  return out;
}
}  // namespace cunji::server
