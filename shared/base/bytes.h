#pragma once
// Raw bytes: owning, viewed and of fixed size; hexadecimal and base64; big-endian reading and
// writing. Bytes is std::string because protobuf and SQLite hand bytes over in that form.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace cunji {
using Bytes = std::string;           // Owns; any byte values, not text.
using BytesView = std::string_view;  // Does not own; valid as long as what it looks at.

// N bytes with a name of their own: a Digest can't be passed where a PublicKey is wanted.
// Ordered by value, so that it can be a key of an ordered container.
template <std::size_t N, class Tag>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const FixedBytes&) const = default;

  BytesView view() const { return {reinterpret_cast<const char*>(bytes.data()), N}; }
  Bytes str() const { return Bytes(view()); }
  const std::uint8_t* data() const { return bytes.data(); }
  std::uint8_t* data() { return bytes.data(); }
  bool is_zero() const {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }
  // Errc::Malformed unless `from` has exactly N bytes.
  static Result<FixedBytes> from(BytesView from) {
    if (from.size() != N)
      return Error{Errc::Malformed,
                   "expected " + std::to_string(N) + " bytes, got " + std::to_string(from.size())};
    FixedBytes out;
    std::memcpy(out.bytes.data(), from.data(), N);
    return out;
  }
};

std::string to_hex(BytesView bytes);            // Lower case, two digits a byte.
Result<Bytes> from_hex(std::string_view text);  // Errc::Malformed on odd length or other digits.
std::string to_base64(BytesView bytes);         // Standard alphabet, padded (RFC 4648 section 4).
Result<Bytes> from_base64(std::string_view text);  // Strict: padding and zero trailing bits needed.

// Appends fixed-size big-endian values to a byte string.
class ByteWriter {
 public:
  explicit ByteWriter(std::size_t reserve = 0) { out_.reserve(reserve); }
  ByteWriter& u8(std::uint8_t v) { return put(v, 1); }
  ByteWriter& u16(std::uint16_t v) { return put(v, 2); }
  ByteWriter& u32(std::uint32_t v) { return put(v, 4); }
  ByteWriter& u64(std::uint64_t v) { return put(v, 8); }
  ByteWriter& raw(BytesView v) {
    out_.append(v);
    return *this;
  }
  Bytes take() { return std::move(out_); }

 private:
  ByteWriter& put(std::uint64_t v, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      out_.push_back(static_cast<char>(v >> shift));
    return *this;
  }
  Bytes out_;
};

// Reads what ByteWriter writes. Reading past the end gives zeros and makes ok() false for good, so
// a decoder reads all its fields and asks once.
class ByteReader {
 public:
  explicit ByteReader(BytesView in) : in_(in) {}
  std::uint8_t u8() { return static_cast<std::uint8_t>(get(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(get(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(get(4)); }
  std::uint64_t u64() { return get(8); }
  BytesView raw(std::size_t n) {
    if (in_.size() < n) {
      ok_ = false;
      in_ = {};
      return {};
    }
    const BytesView out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }
  template <class Fixed>
  Fixed fixed() {
    Fixed out;
    const BytesView v = raw(Fixed::kSize);
    if (!v.empty()) std::memcpy(out.data(), v.data(), Fixed::kSize);
    return out;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && in_.empty(); }  // Everything was there, and nothing more.
  std::size_t left() const { return in_.size(); }

 private:
  std::uint64_t get(int bytes) {
    const BytesView v = raw(static_cast<std::size_t>(bytes));
    std::uint64_t out = 0;
    for (const char c : v) out = out << 8 | static_cast<std::uint8_t>(c);
    return out;
  }
  BytesView in_;
  bool ok_ = true;
};
}  // namespace cunji
