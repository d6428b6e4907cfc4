#pragma once
// The definitions that come with the program, published in a test's log.
#include "shared/programmes/all.h"
#include "tests/support/county_log.h"

namespace cunji::testing_support {
inline void publish_shipped(CountyLog& log) {
  Says all{.kind = Kind::Definition, .division = the_county().division()};
  for (const auto& shipped : programmes::shipped_definitions())
    all.parts.push_back(event::encode_part(event::DefinitionPart{Bytes(shipped.encoded)}));
  log.say(log.root(), all);
}
}  // namespace cunji::testing_support
