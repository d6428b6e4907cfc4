#pragma once
// Small sets in one block, for there are many of them and most hold nothing or little.
#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

namespace cunji::state {
// What comes up in any order and more than once: each once, ascending, after ordered().
template <class T>
class Gathered {
 public:
  void insert(const T& one) {
    if (!list_.empty() && !(list_.back() < one) && !(one < list_.back())) return;
    if (list_.size() == list_.capacity()) ordered();  // Doubles alone need no more room.
    list_.push_back(one);
  }
  void insert(std::initializer_list<T> several) {
    for (const T& one : several) insert(one);
  }
  const std::vector<T>& ordered() {
    std::sort(list_.begin(), list_.end());
    const auto same = [](const T& a, const T& b) { return !(a < b) && !(b < a); };
    list_.erase(std::unique(list_.begin(), list_.end(), same), list_.end());
    return list_;
  }
  // What is there, and whether something is: ordered() was called after the last insert().
  const std::vector<T>& list() const { return list_; }
  bool contains(const T& one) const { return std::binary_search(list_.begin(), list_.end(), one); }
  bool empty() const { return list_.empty(); }
  void shrink() { list_.shrink_to_fit(); }
  // All of it, ordered; nothing is left.
  std::vector<T> take() {
    ordered();
    return std::exchange(list_, {});
  }

 private:
  std::vector<T> list_;
};
}  // namespace cunji::state
