#include "server/app/operator_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>

#include "server/app/limits.h"

namespace cunji::server {
using std::chrono::system_clock;

struct OperatorLog::Sink {
  ~Sink() {
    if (!options.file.empty()) ::close(descriptor);
  }
  void put(Level level, const char* event, const char* text, Fields fields,
           system_clock::time_point now);

  Options options;
  std::mutex mutex;  // Guards what follows.
  int descriptor = STDERR_FILENO;
  std::chrono::seconds second{0};  // Since 1970, of the newest lines,
  std::size_t lines = 0;           // how many there were in it,
  std::size_t left_out = 0;        // and how many were left out.
};

static const char* name_of(OperatorLog::Level level) {
  switch (level) {
    case OperatorLog::Level::Debug: return "debug";
    case OperatorLog::Level::Info: return "info";
    case OperatorLog::Level::Warn: return "warn";
    case OperatorLog::Level::Error: return "error";
  }
  return "";
}

static Result<int> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0)
    return Error{Errc::Io, "can't open the log file " + path + ": " + std::strerror(errno)};
  return descriptor;
}

static std::string time_text(system_clock::time_point now) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(now)),
                     millis.count() % 1'000);
}

static std::string shortened(const std::string& text) {
  return text.size() <= kLogTextBytesMax ? text : text.substr(0, kLogTextBytesMax) + "…";
}

static std::string json_line(OperatorLog::Level level, const char* event, const char* text,
                             OperatorLog::Fields fields, system_clock::time_point now) {
  nlohmann::ordered_json line{
      {"time", time_text(now)}, {"level", name_of(level)}, {"event", event}, {"text", text}};
  for (const LogField& field : fields) {
    if (const auto* said = std::get_if<std::string>(&field.value())) {
      line[field.key()] = shortened(*said);
    } else {
      std::visit([&](const auto& value) { line[field.key()] = value; }, field.value());
    }
  }
  // Bytes that are no UTF-8 (a shortened text's last) must not cost the line.
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// One line whatever is in the fields: nothing in them moves a terminal's cursor.
static std::string text_line(OperatorLog::Level level, const char* text, OperatorLog::Fields fields,
                             system_clock::time_point now) {
  std::string out = fmt::format("{} {:5} {}", time_text(now), name_of(level), text);
  for (const LogField& field : fields) {
    out += fmt::format("  {}=", field.key());
    if (const auto* said = std::get_if<std::string>(&field.value())) {
      for (const char c : shortened(*said))
        out.push_back(static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
      out += std::to_string(*number);
    } else {
      out += std::get<bool>(field.value()) ? "true" : "false";
    }
  }
  return out + "\n";
}

Result<OperatorLog> OperatorLog::open(const Options& options) {
  OperatorLog out;
  out.sink_ = std::make_shared<Sink>();
  if (!options.file.empty()) {
    TRY_AS(descriptor, open_file(options.file));
    out.sink_->descriptor = descriptor;
  }
  Options& kept = out.sink_->options = options;
  if (kept.format == Format::Auto)
    kept.format = ::isatty(out.sink_->descriptor) == 1 ? Format::Text : Format::Json;
  return out;
}

Result<void> OperatorLog::reopen() const {
  if (!sink_ || sink_->options.file.empty()) return {};
  TRY_AS(descriptor, open_file(sink_->options.file));
  const std::lock_guard guard(sink_->mutex);
  ::close(sink_->descriptor);
  sink_->descriptor = descriptor;
  return {};
}

void OperatorLog::Sink::put(Level level, const char* event, const char* text, Fields fields,
                            system_clock::time_point now) {
  const std::string line = options.format == Format::Json
                               ? json_line(level, event, text, fields, now)
                               : text_line(level, text, fields, now);
  std::string_view left = line;
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

void OperatorLog::write(Level level, const char* event, const char* text, Fields fields) const {
  if (!sink_ || level < sink_->options.least) return;
  const auto now = system_clock::now();
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const std::lock_guard guard(sink_->mutex);
  if (second != sink_->second) {
    if (sink_->left_out > 0)
      sink_->put(Level::Warn, "lines_left_out",
                 "日志过多，略去若干行 / too much to log, lines left out",
                 {{"lines", sink_->left_out}}, now);
    sink_->second = second;
    sink_->lines = sink_->left_out = 0;
  }
  // What a stranger can cause stops at the limit; an error of our own is always told.
  if (sink_->lines >= kLogLinesMax && level != Level::Error) {
    ++sink_->left_out;
    return;
  }
  ++sink_->lines;
  sink_->put(level, event, text, fields, now);
}
}  // namespace cunji::server
