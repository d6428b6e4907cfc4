#pragma once
// Definitions written in a test, published in its log.
#include "shared/programme/text.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
inline void publish(CountyLog& log, std::string_view text) {
  const auto definition = programme::TextDefinition::parse("test", text);
  if (!definition) throw std::runtime_error(definition.error().what);
  log.say(log.root(), Kind::Definition, event::DefinitionPart{definition->encoded()});
}
// A person with facts, in the county's own division.
inline void registers_person(CountyLog& log, Signer& by, const SubjectId& id,
                             std::vector<event::Fact> facts) {
  log.say(by,
          {.kind = Kind::Registration,
           .division = the_county().division(),
           .subject = id,
           .parts = {event::encode_part(event::RegistrationPart{
               .type = event::SubjectType::Person, .create = true, .facts = std::move(facts)})}});
}
}  // namespace cunji::state
