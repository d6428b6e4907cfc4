#pragma once
// The definitions that come with the program, published in a test's log.
#include "shared/programmes/all.h"
#include "tests/support/county_log.h"

namespace cunji::testing_support {
// All of them, for one event.
inline std::vector<Bytes> shipped_parts() {
  std::vector<Bytes> out;
  for (const auto& shipped : programmes::shipped_definitions())
    out.push_back(event::encode_part(event::DefinitionPart{Bytes(shipped.encoded)}));
  return out;
}
inline void publish_shipped(CountyLog& log) {
  log.say(
      log.root(),
      {.kind = Kind::Definition, .division = the_county().division(), .parts = shipped_parts()});
}
}  // namespace cunji::testing_support
