#pragma once
// Every programme that comes with the software: its definition, and the C++ that definitions name.
// A county publishes definitions of its own; calculations it can only choose among these.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/programme/calculation.h"

namespace cunji::programmes {
// In no order. What is in here once never changes its results; a changed one is a new version.
std::span<const programme::NamedCalculation> all_calculations();
// Their names, as programme::load() takes them.
std::vector<std::string> calculation_names();

struct ShippedDefinition {
  std::string_view name;  // The programme's.
  BytesView encoded;      // Of static storage.
};
// To be loaded all together, in this order: the register first.
std::span<const ShippedDefinition> shipped_definitions();
}  // namespace cunji::programmes
