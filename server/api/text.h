#pragma once
// How the reading interface writes and reads times, tokens and numbers.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/calendar.h"
#include "shared/base/time.h"

namespace cunji::server {
// "2022-02-10T08:15:00.000+08:00": RFC 3339 in the county's time.
std::string rfc3339(TimePoint time);
// The same with any offset, "Z" included, with or without a fraction (cut to milliseconds). Nothing
// for anything else.
std::optional<TimePoint> parse_rfc3339(std::string_view text);

// "2022-02".
std::string month_text(Month month);
std::optional<Month> parse_month(std::string_view text);

// Digits only, at most 2^53 - 1.
std::optional<std::uint64_t> parse_number(std::string_view text);

// RFC 4648 section 5, without padding.
std::string to_base64url(BytesView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

// Lower-case hexadecimal of exactly this size.
template <class Fixed>
std::optional<Fixed> parse_hex(std::string_view text) {
  if (text.size() != 2 * Fixed::kSize) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes || to_hex(*bytes) != text) return std::nullopt;
  return Fixed::from(*bytes).value();
}
}  // namespace cunji::server
