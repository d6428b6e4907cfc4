#pragma once
// What the running server tells its operator: one line an event, JSON for a machine or text for a
// terminal. No personal data: a field is a number, a key, a digest, an Error (whose text holds
// none, result.h), or a text whose writer says so by naming it Plain. Never a peer's address.
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace cunji::server {
// A text that names no person: a file's path, an address of our own, a reason from a fixed list.
struct Plain {
  std::string text;
};

class LogField {
 public:
  template <std::integral Number>
  LogField(const char* key, Number value) : key_(key) {
    if constexpr (std::same_as<Number, bool>) {
      value_ = value;
    } else {
      value_ = static_cast<std::int64_t>(value);
    }
  }
  template <std::size_t N, class Tag>  // In hexadecimal.
  LogField(const char* key, const FixedBytes<N, Tag>& value)
      : key_(key), value_(to_hex(value.view())) {}
  LogField(const char* key, const Error& error) : key_(key), value_(error.what) {}
  LogField(const char* key, Plain plain) : key_(key), value_(std::move(plain.text)) {}
  const char* key() const { return key_; }
  const std::variant<bool, std::int64_t, std::string>& value() const { return value_; }

 private:
  const char* key_;  // A literal, snake_case.
  std::variant<bool, std::int64_t, std::string> value_;
};

// A handle, copied freely; any thread. One that was made by default says nothing. A line that can't
// be written (a full disk) is lost: the server goes on. More than kLogLinesMax lines a second are
// counted, not written, and their number is told.
class OperatorLog {
 public:
  enum class Level { Debug, Info, Warn, Error };
  enum class Format { Auto, Text, Json };  // Auto: text where it goes to a terminal.
  struct Options {
    Level least = Level::Info;  // Below it nothing is written.
    Format format = Format::Auto;
    std::string file;  // Appended to, made with mode 640; empty: standard error.
  };
  using Fields = std::initializer_list<LogField>;

  OperatorLog() = default;
  // Errc::Io where the file can't be opened.
  static Result<OperatorLog> open(const Options& options);
  // Opens the file anew, after somebody has moved it away. Errc::Io; then the old one is kept.
  Result<void> reopen() const;

  // `event` is what a machine looks for, snake_case; `text` what people read, Chinese / English.
  void write(Level level, const char* event, const char* text, Fields fields = {}) const;
  void debug(const char* event, const char* text, Fields fields = {}) const {
    write(Level::Debug, event, text, fields);
  }
  void info(const char* event, const char* text, Fields fields = {}) const {
    write(Level::Info, event, text, fields);
  }
  void warn(const char* event, const char* text, Fields fields = {}) const {
    write(Level::Warn, event, text, fields);
  }
  void error(const char* event, const char* text, Fields fields = {}) const {
    write(Level::Error, event, text, fields);
  }

 private:
  struct Sink;
  std::shared_ptr<Sink> sink_;
};
}  // namespace cunji::server
