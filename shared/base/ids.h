#pragma once
// The identifiers of the system, each a type of its own (design sections 1 and 4).
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"

namespace cunji {
using Digest = FixedBytes<32, struct DigestTag>;        // SHA-256.
using PublicKey = FixedBytes<32, struct PublicKeyTag>;  // Ed25519.
using Signature = FixedBytes<64, struct SignatureTag>;  // Ed25519.
using Salt = FixedBytes<16, struct SaltTag>;            // Blinds a part's commitment (D2).
using SubjectId = FixedBytes<16, struct SubjectTag>;    // Household, person …: random; zero = none.
using PersonId = FixedBytes<16, struct PersonTag>;      // Whoever holds keys: random.

// Twelve ASCII digits: an administrative division by its national code.
class DivisionCode {
 public:
  static constexpr std::size_t kSize = 12;
  DivisionCode() { digits_.fill('0'); }
  // Errc::Malformed unless `text` is exactly twelve digits.
  static Result<DivisionCode> parse(std::string_view text);
  std::string_view view() const { return {digits_.data(), digits_.size()}; }
  std::string str() const { return std::string(view()); }
  auto operator<=>(const DivisionCode&) const = default;

 private:
  std::array<char, kSize> digits_;
};

// Six ASCII digits: the county, and so its log.
class CountyCode {
 public:
  static constexpr std::size_t kSize = 6;
  CountyCode() { digits_.fill('0'); }
  // Errc::Malformed unless `text` is exactly six digits.
  static Result<CountyCode> parse(std::string_view text);
  std::string_view view() const { return {digits_.data(), digits_.size()}; }
  std::string str() const { return std::string(view()); }
  // CCCCCC000000, where governance events stand (D6).
  DivisionCode division() const;
  bool contains(const DivisionCode& division) const { return division.view().starts_with(view()); }
  auto operator<=>(const CountyCode&) const = default;

 private:
  std::array<char, kSize> digits_;
};

// Whether `text` is ASCII digits only, and not empty.
bool is_digits(std::string_view text);
}  // namespace cunji
