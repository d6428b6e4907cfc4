#include "server/api/text.h"

#include <algorithm>
#include <cstdio>

#include "shared/base/ids.h"
#include "shared/event/limits.h"

namespace cunji::server {
std::string rfc3339(TimePoint time) {
  std::string out = format_time(time);  // "2022-02-10 08:15:00"
  out[10] = 'T';
  char fraction[24];
  std::snprintf(fraction, sizeof fraction, ".%03u+08:00",
                static_cast<unsigned>(to_millis(time) % 1'000));
  return out + fraction;
}

// "+08:00", "Z" as minutes.
static std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool shaped = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
                      is_digits(text.substr(1, 2)) && is_digits(text.substr(4, 2));
  if (!shaped) return std::nullopt;
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int minutes = (text[4] - '0') * 10 + (text[5] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  const int all = hours * 60 + minutes;
  return text[0] == '-' ? -all : all;
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // "2022-02-10T08:15:00"
  if (text.size() <= kSeconds) return std::nullopt;
  std::string base(text.substr(0, kSeconds));
  if (base[10] == 't') base[10] = 'T';
  const auto local = parse_time(base);
  if (!local) return std::nullopt;
  text.remove_prefix(kSeconds);
  std::uint64_t millis = 0;
  if (text.front() == '.') {
    text.remove_prefix(1);
    std::size_t digits = 0;
    for (std::uint64_t unit = 100; digits < text.size() && is_digits(text.substr(digits, 1));
         ++digits, unit /= 10)
      millis += unit * static_cast<std::uint64_t>(text[digits] - '0');
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
  }
  const auto offset = parse_offset(text);
  if (!offset) return std::nullopt;
  const TimePoint out = *local + kCountyOffset - std::chrono::minutes{*offset} +
                        Duration{static_cast<std::int64_t>(millis)};
  if (out < TimePoint{}) return std::nullopt;
  return out;
}

std::string month_text(Month month) { return format_date(Date{month / 1}).substr(0, 7); }

std::optional<Month> parse_month(std::string_view text) {
  if (text.size() != 7) return std::nullopt;
  const auto first = parse_date(std::string(text) + "-01");
  if (!first) return std::nullopt;
  return month_of(*first);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  constexpr std::size_t kDigitsMax = 16;
  if (!is_digits(text) || text.size() > kDigitsMax) return std::nullopt;
  std::uint64_t out = 0;
  for (const char digit : text) out = out * 10 + static_cast<std::uint64_t>(digit - '0');
  if (out > event::kSequenceMax) return std::nullopt;
  return out;
}

std::string to_base64url(BytesView bytes) {
  std::string out = to_base64(bytes);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

std::optional<Bytes> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  const auto bytes = from_base64(padded);
  if (!bytes) return std::nullopt;
  return *bytes;
}
}  // namespace cunji::server
