#pragma once
// A line of a scenario, taken apart: "who says form about h1 key=value"; quotes keep spaces
// together.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cunji::scenarios {
struct Words {
  std::vector<std::string> plain;
  std::vector<std::pair<std::string, std::string>> named;

  std::string line;

  explicit Words(const std::string& said) : line(said) {
    std::string word;
    bool quoted = false, any = false;
    const auto end = [&] {
      if (!any) return;
      const auto equals = word.find('=');
      if (equals != std::string::npos && equals > 0) {
        named.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      } else {
        plain.push_back(word);
      }
      word.clear();
      any = false;
    };
    for (const char c : line) {
      if (c == '#' && !quoted) break;
      if (c == '"') {
        quoted = !quoted;
        any = true;
      } else if (c == ' ' && !quoted) {
        end();
      } else {
        word.push_back(c);
        any = true;
      }
    }
    end();
  }
  const std::string& at(std::size_t i) const {
    if (i >= plain.size()) throw std::runtime_error("a word is missing");
    return plain[i];
  }
  // The word after another.
  std::string after(const std::string& word, const std::string& otherwise = {}) const {
    const auto found = std::find(plain.begin(), plain.end(), word);
    return found == plain.end() || found + 1 == plain.end() ? otherwise : *(found + 1);
  }
  std::string get(const std::string& name, const std::string& otherwise = {}) const {
    for (const auto& [key, value] : named)
      if (key == name) return value;
    return otherwise;
  }
};
}  // namespace cunji::scenarios
