#pragma once
// Arithmetic of a policy, in C++ (D12): named by definitions with a version, pure, and never
// changed once published. Amounts are integers in the unit of the fact.
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/event/parts.h"

namespace cunji::programme {
// What goes in and comes out, as the facts' types say.
struct Amount {
  enum class Kind : std::uint8_t { Missing, Unset, Number, Yes, Word, Date, Place };
  Kind kind = Kind::Missing;
  std::int64_t number = 0;  // Number; 1 for yes; days since 1970.
  std::string_view word{};  // A code.
  event::Place place{};

  bool has_number() const { return kind == Kind::Number; }
};
inline Amount number(std::int64_t value) { return {.kind = Amount::Kind::Number, .number = value}; }
inline Amount yes(bool value) { return {.kind = Amount::Kind::Yes, .number = value ? 1 : 0}; }
inline Amount missing() { return {}; }
inline Amount unset() { return {.kind = Amount::Kind::Unset}; }

// `in` and what is given: one for each of the definition's `in` and `out`, in their order.
using Calculate = std::vector<Amount> (*)(std::span<const Amount> in, Date on);
struct NamedCalculation {
  std::string_view name;  // "income_total@1".
  Calculate calculate;
};
}  // namespace cunji::programme
