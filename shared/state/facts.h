#pragma once
// What was said of subjects: every fact in all its versions, in the order of D13. What is added and
// removed again leaves no trace, so the order of arrival cannot matter.
#include <algorithm>
#include <span>
#include <tuple>
#include <vector>

#include "shared/base/check.h"
#include "shared/state/values.h"
#include "shared/state/when.h"

namespace cunji::state {
struct FactVersion {
  When when{};
  Symbol fact = kNoSymbol;
  Symbol key = kNoSymbol;     // The period of a keyed fact.
  Symbol source = kNoSymbol;  // "import", "visit".
  bool reported = false;      // Not yet confirmed by whom the definition names.
  Val val{};

  auto order() const { return std::tie(fact, key, when); }
  bool operator==(const FactVersion&) const = default;
};

// A fact's versions by one subject, for those who look at it from a day, or from a place of the
// log.
class FactHistory {
 public:
  FactHistory() = default;
  explicit FactHistory(std::span<const FactVersion> versions) : versions_(versions) {}
  std::span<const FactVersion> all() const { return versions_; }
  // Those before `end`.
  FactHistory before(const When& end) const {
    const auto until = std::partition_point(versions_.begin(), versions_.end(),
                                            [&](const FactVersion& v) { return v.when < end; });
    return FactHistory(versions_.first(static_cast<std::size_t>(until - versions_.begin())));
  }
  bool empty() const { return versions_.empty(); }
  const FactVersion& newest() const { return versions_.back(); }

 private:
  std::span<const FactVersion> versions_;
};

// By the number of the subject.
class Facts {
 public:
  void add(std::uint32_t subject, const FactVersion& version) {
    if (subject >= of_.size()) of_.resize(subject + 1);
    List& list = of_[subject];
    make_room(list);
    list.insert(lower(list, version), version);
  }
  void remove(std::uint32_t subject, const FactVersion& version) {
    List& list = of_[subject];
    const auto found = lower(list, version);
    CHECK(found != list.end() && found->order() == version.order());
    list.erase(found);
  }
  FactHistory of(std::uint32_t subject, Symbol fact, Symbol key = kNoSymbol) const {
    if (subject >= of_.size()) return {};
    const List& list = of_[subject];
    const auto less = [](const FactVersion& v, const std::pair<Symbol, Symbol>& id) {
      return std::pair(v.fact, v.key) < id;
    };
    const auto begin = std::lower_bound(list.begin(), list.end(), std::pair(fact, key), less);
    auto end = begin;
    while (end != list.end() && end->fact == fact && end->key == key) ++end;
    return FactHistory(std::span<const FactVersion>(begin, end));
  }
  // All of a subject, by fact, then key, then when.
  std::span<const FactVersion> all(std::uint32_t subject) const {
    return subject < of_.size() ? std::span<const FactVersion>(of_[subject])
                                : std::span<const FactVersion>{};
  }

 private:
  using List = std::vector<FactVersion>;
  static List::iterator lower(List& list, const FactVersion& version) {
    return std::lower_bound(
        list.begin(), list.end(), version,
        [](const FactVersion& a, const FactVersion& b) { return a.order() < b.order(); });
  }
  std::vector<List> of_;
};
}  // namespace cunji::state
