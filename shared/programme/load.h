#pragma once
// Loads definitions, all together or not at all (D12): every id they name is resolved, and what
// could not work is found before a county relies on it. Pure; reads the binary form, so that the
// browser build does without protobuf's text format (text.h turns a problem's path into a line).
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/symbols.h"
#include "shared/programme/model.h"

namespace cunji::programme {
// What is wrong, where.
struct Problem {
  enum class Kind {
    Unknown,  // An id that nothing defines.
    Missing,  // A label, a reader, an audience: something that people need.
    Wrong,    // It contradicts something else.
  };
  Kind kind = Kind::Wrong;
  std::size_t definition = 0;               // Which of those given.
  std::vector<std::pair<int, int>> path{};  // Field numbers from the top, each with its index.
  std::string id{};                         // Of the nearest thing that has one.
  std::string what{};                       // One line for people.
};

struct Loaded {
  std::vector<std::shared_ptr<const Definition>> definitions;  // In the order given.
  std::vector<Problem> problems;                               // Empty: it can be used.
  std::vector<std::string>
      unset;  // Parameters without a value, "MED-A04 critical_rate_above_50000".
};

// `encoded`: serialized definition.Definition messages, at most one of a programme; what doesn't
// parse is a problem. `calculations`: what C++ there is, "id@version"; empty: not looked at.
Loaded load(std::span<const BytesView> encoded, Symbols& symbols,
            std::span<const std::string> calculations = {});
}  // namespace cunji::programme
