#include "fieldnode/cli/draft_form.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cunji::fieldnode::cli {
using Json = nlohmann::ordered_json;

static constexpr int kVersion = 1;

std::string check_draft_name(const std::string& name) {
  constexpr std::size_t kNameBytesMax = 64;
  const bool plain =
      !name.empty() && name.size() <= kNameBytesMax &&
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
  return plain ? "" : "a draft's name has 1 to 64 bytes and no control characters";
}

Result<Bytes> encode_form(const TypedForm& form) {
  Json out{{"version", kVersion},
           {"name", form.name},
           {"command", form.command},
           {"options", form.options}};
  if (form.json) out["json"] = *form.json;
  try {
    return out.dump();
  } catch (const Json::exception&) {
    return Error{Errc::Malformed, "what was typed is not UTF-8"};
  }
}

Result<TypedForm> decode_form(BytesView content) {
  const Json in = Json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!in.is_object() || in.value("version", Json()) != kVersion)
    return Error{Errc::Malformed, "a draft of another version of this program"};
  try {
    TypedForm out{.name = in.at("name"), .command = in.at("command"), .options = {}, .json = {}};
    in.at("options").get_to(out.options);
    if (in.contains("json")) out.json = in.at("json").get<std::string>();
    return out;
  } catch (const Json::exception&) {
    return Error{Errc::Malformed, "this is no draft"};
  }
}

TypedForm added_to(TypedForm before, const TypedForm& again) {
  for (const auto& [option, values] : again.options) {
    if (std::all_of(values.begin(), values.end(), [](const auto& value) { return value.empty(); }))
      before.options.erase(option);
    else
      before.options[option] = values;
  }
  if (again.json) before.json = again.json;
  return before;
}

std::vector<std::string> arguments_of(const TypedForm& form) {
  std::vector<std::string> out{"record", form.command};
  for (const auto& [option, values] : form.options)
    for (const std::string& value : values)
      if (!value.empty()) out.push_back(std::string(option).append("=").append(value));
  return out;
}
}  // namespace cunji::fieldnode::cli
