#include "shared/base/bytes.h"

namespace cunji {
static constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_hex(BytesView bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto b = static_cast<std::uint8_t>(c);
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return Error{Errc::Malformed, "odd number of hexadecimal digits"};
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return Error{Errc::Malformed, "not a hexadecimal digit"};
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

std::string to_base64(BytesView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t v = 0;
    for (std::size_t k = 0; k < 3; ++k)
      v = v << 8 | (k < n ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out.push_back(k <= n ? kBase64[v >> (18 - 6 * k) & 63] : '=');
  }
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  const Error bad{Errc::Malformed, "not base64"};
  if (text.size() % 4 != 0) return bad;
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t padding = !last || text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
    std::uint32_t v = 0;
    for (std::size_t k = 0; k < 4 - padding; ++k) {
      const std::size_t digit = kBase64.find(text[i + k]);
      if (digit == std::string_view::npos) return bad;
      v |= static_cast<std::uint32_t>(digit) << (18 - 6 * k);
    }
    // Bits that no byte takes up must be zero: one value, one text.
    if (padding != 0 && (v & ((1U << (8 * padding)) - 1)) != 0) return bad;
    for (std::size_t k = 0; k < 3 - padding; ++k)
      out.push_back(static_cast<char>(v >> (16 - 8 * k)));
  }
  return out;
}
}  // namespace cunji
