#pragma once
// Arithmetic of a policy, in C++ (D12): named by definitions with a version, pure, and never
// changed once published. Amounts are integers in the unit of the fact.
#include <cstdint>
#include <optional>
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

// A visit, of those that a definition asks for (protocol/definition.proto, Calculation.visits).
struct Visited {
  TimePoint occurred{};
  std::uint32_t household = 0, event = 0;  // Numbers that only tell whether it is the same one.
  std::string_view outcome{};              // "met".
  std::string_view building{};             // That the household shares with others; or empty.
  std::optional<event::Place> place{};     // Of whoever recorded it.
  bool elsewhere = false;                  // They met somewhere else than at home.
  bool there = true;                       // Recorded by somebody who was there himself.
  bool by_coordinator = false;
};
// A month of a duty that was due before the day at hand.
struct DutyMonth {
  Date due{};
  std::int64_t done = 0;    // By the person at hand, or by nobody who can be told.
  std::int64_t missed = 0;  // Late, missing or contradicted, whosever it was.
};
// What is given beside the amounts.
struct Around {
  Date on{};
  std::span<const Visited> visits{};
  std::span<const DutyMonth> months{};
};

// `in` and what is given: one for each of the definition's `in` and `out`, in their order.
using Calculate = std::vector<Amount> (*)(std::span<const Amount> in, const Around& around);
struct NamedCalculation {
  std::string_view name;  // "income_total@1".
  Calculate calculate;
  bool by_day = true;  // It may give something else on another day, of the same.
};
}  // namespace cunji::programme
