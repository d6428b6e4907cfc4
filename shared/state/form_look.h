#pragma once
// A filled form in the terms of the fold: only FormDesk uses it.
#include <optional>
#include <string>
#include <vector>

#include "shared/state/data.h"
#include "shared/state/form_desk.h"
#include "shared/state/form_rules.h"

namespace cunji::state {
struct FormDesk::Look {
  Look(const FormDesk& desk, const Filled& filled);

  const State& state;
  World world;
  Values& values;
  Date on;
  const programme::Catalogue& catalogue;
  const programme::Form* form = nullptr;  // Null: none in force.
  FormSaid said{};                        // The answers that are of their field's type.
  At at{};
  Acting author{};
  std::optional<Acting> acted_by{};

  // The last time that this very form said something of the subject; null: never.
  const FormSaid* last(std::optional<Date>* when = nullptr) const;
  // A value of a definition as an answer to the field; nothing: missing, or of another type.
  std::optional<event::Value> read(const programme::Field& field,
                                   const programme::Value& value) const;
  // What a form said, as an answer to the field.
  std::optional<event::Value> said_by(const FormSaid& other, const programme::Field& field) const;
  bool is_required(const programme::Field& field) const;
  FieldNow field_now(const programme::Field& field, const FormSaid* before) const;
  programme::Label range_of(const programme::Field& field) const;
  std::vector<Choice> candidates(Symbol type) const;
  Acting acting_of(const event::Actor& actor) const;
  // Stages that the form takes, in cases that wait there for this subject or what lies under it.
  struct Waiting {
    const CaseRun* run = nullptr;
    const StageRun* at = nullptr;
    const programme::Stage* stage = nullptr;
  };
  std::vector<Waiting> waiting(std::uint32_t subject) const;
};

// Whether a value may stand as an answer to a field of the type.
bool is_of_type(programme::Type type, const event::Value& value);
// The field that has the key; null: none.
const programme::Field* field_named(const Symbols& words,
                                    const std::vector<programme::Field>& fields,
                                    const std::string& key);
std::vector<Choice> evidence_of(const FormDesk::Look& look);
}  // namespace cunji::state
