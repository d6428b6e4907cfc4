#pragma once
// A form as it was typed at a command, complete or not: how it lies in a draft, and the arguments
// that say it again. Pure: no terminal, no node.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace cunji::fieldnode::cli {
struct TypedForm {
  std::string name;                                         // Of the draft.
  std::string command;                                      // "visit", "check-in" …
  std::map<std::string, std::vector<std::string>> options;  // By option: "--household".
  std::optional<std::string> json;                          // What a JSON file held.
  bool operator==(const TypedForm&) const = default;
};

// Why `name` can't be a draft's; empty: it can.
std::string check_draft_name(const std::string& name);

// What lies sealed in the store; the name too, which may be a person's. Errc::Malformed for text
// that is not UTF-8.
Result<Bytes> encode_form(const TypedForm& form);
Result<TypedForm> decode_form(BytesView content);

// `again`, typed later under the same name, put on top of `before`: an option that was given again
// replaces what stood there, one given as "" takes it away.
TypedForm added_to(TypedForm before, const TypedForm& again);

// "record", the command, and "--option=value" for each value.
std::vector<std::string> arguments_of(const TypedForm& form);
}  // namespace cunji::fieldnode::cli
