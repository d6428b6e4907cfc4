#pragma once
// Reads test vectors: ours from protocol/vectors, other people's from CUNJI_VECTORS (or
// ../shared/vectors beside the tree), which are never part of it.
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "shared/base/bytes.h"

namespace cunji::vectors {
using Json = nlohmann::ordered_json;

inline std::optional<std::string> read_file(const std::string& path) {
  std::FILE* in = std::fopen(path.c_str(), "rb");  // The WebAssembly build has no file streams.
  if (in == nullptr) return std::nullopt;
  std::string text;
  char block[65536];
  while (const std::size_t n = std::fread(block, 1, sizeof block, in)) text.append(block, n);
  std::fclose(in);
  return text;
}

// A file of protocol/vectors; discarded() when it is missing or no JSON, so that a test fails.
inline Json load(const std::string& name) {
  const auto text = read_file(std::string(CUNJI_SOURCE_DIR) + "/protocol/vectors/" + name);
  return Json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
}

// A file that others made; nothing where their vectors are not at hand.
inline std::optional<Json> load_foreign(const std::string& name) {
  const char* folder = std::getenv("CUNJI_VECTORS");
  const std::string base =
      folder != nullptr ? folder : std::string(CUNJI_SOURCE_DIR) + "/../shared/vectors";
  const auto text = read_file(base + "/" + name);
  if (!text) return std::nullopt;
  return Json::parse(*text, nullptr, false);
}

inline std::string text_of(const Json& json) { return json.get<std::string>(); }
inline Bytes bytes_of(const Json& hex) { return from_hex(text_of(hex)).value(); }
template <class Fixed>
Fixed fixed_of(const Json& hex) {
  return Fixed::from(bytes_of(hex)).value();
}
}  // namespace cunji::vectors
