#pragma once
// Writes JSON, in the order of the calls: a module's answers are flat, and a phone loads every byte
// of a library over a rural line.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cunji::fieldnode::wasm {
// In quotation marks, escaped. Bytes that are no UTF-8 stay; who decodes them replaces them.
inline std::string json_text(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

class JsonObject {
 public:
  JsonObject& raw(std::string_view key, std::string_view json) {
    out_ += (out_.empty() ? "" : ",") + json_text(key) + ":";
    out_ += json;
    return *this;
  }
  JsonObject& text(std::string_view key, std::string_view value) {
    return raw(key, json_text(value));
  }
  JsonObject& number(std::string_view key, std::uint64_t value) {
    return raw(key, std::to_string(value));
  }
  JsonObject& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  std::string take() { return "{" + std::move(out_) + "}"; }

 private:
  std::string out_;
};

// A list of what is JSON already.
inline std::string json_list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return "[" + out + "]";
}
inline std::string json_texts(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(json_text(text));
  return json_list(items);
}
}  // namespace cunji::fieldnode::wasm
