#pragma once
// Answers to a form's fields: as people type and read them, and as JSON. Pure: no terminal, no
// node.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/state/form_desk.h"

namespace cunji::fieldnode::cli {
// As it is typed: "1200.50" (元), "yes" or 是, "2022-02-10", codes with commas between, a place as
// LATITUDE,LONGITUDE,ACCURACY_M, rows as JSON. Of a photo or signature: whatever names its file
// (entry.h). Errc::Malformed with what is allowed, Chinese first. Whether the form takes it is for
// state::FormDesk to say.
Result<event::Value> parse_typed(const state::FieldNow& field, std::string_view text);
// A text as it is typed; true and false; numbers; a list of codes; a list of rows as objects.
Result<event::Value> value_from_json(const state::FieldNow& field,
                                     const nlohmann::ordered_json& json);
nlohmann::ordered_json json_of(const state::FieldNow& field, const event::Value& value);

// "见到人 met", "1200.50 元".
std::string shown(const state::FieldNow& field, const event::Value& value);
// "文字 text": of the type, for lists of fields.
std::string type_text(const state::FieldNow& field);
// "· field amount: 应不小于 0.00 · it must be at least 0.00 (VCO-R04)": a line for a fault.
std::string line_of(const state::Fault& fault);
nlohmann::ordered_json json_of(const state::Fault& fault);
nlohmann::ordered_json json_of(const state::FieldNow& field);
}  // namespace cunji::fieldnode::cli
