#pragma once
// Numbers for words: what is compared often and shown seldom. A number means something only beside
// the table that gave it; nothing is ever ordered by numbers where the order can be seen.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cunji {
using Symbol = std::uint32_t;
inline constexpr Symbol kNoSymbol = 0;  // The empty word.

class Symbols {
 public:
  Symbols() { of(""); }
  Symbols(const Symbols& other) : Symbols() { *this = other; }
  Symbols& operator=(const Symbols& other) {
    if (this == &other) return *this;
    words_.clear();
    numbers_.clear();
    for (const std::string& word : other.words_) of(word);
    return *this;
  }
  Symbols(Symbols&&) = default;  // Words stay where they are.
  Symbols& operator=(Symbols&&) = default;

  // The number of `word`, a new one if it has none.
  Symbol of(std::string_view word) {
    const auto known = numbers_.find(word);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<Symbol>(words_.size());
    words_.emplace_back(word);
    numbers_.emplace(words_.back(), number);
    return number;
  }
  // kNoSymbol for a word that has none.
  Symbol find(std::string_view word) const {
    const auto known = numbers_.find(word);
    return known == numbers_.end() ? kNoSymbol : known->second;
  }
  const std::string& word(Symbol symbol) const { return words_[symbol]; }
  std::size_t size() const { return words_.size(); }

 private:
  std::deque<std::string> words_;  // Never moved: the keys below point into them.
  std::unordered_map<std::string_view, Symbol> numbers_;
};
}  // namespace cunji
