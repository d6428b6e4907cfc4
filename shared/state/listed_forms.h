#pragma once
// The effective forms of a few ids, whoever recorded them, in log order.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "shared/state/occurrences.h"
#include "shared/state/values.h"

namespace cunji::state {
class ListedForms {
 public:
  // Lists these from now on, and no others: of a few, for each stands in one list. True when all
  // are to be put anew.
  bool choose(const std::set<Symbol>& forms) {
    const auto has = [&](const auto& listed) { return forms.contains(listed.first); };
    if (forms.size() == of_.size() && std::all_of(of_.begin(), of_.end(), has)) return false;
    of_.clear();
    for (const Symbol form : forms) of_[form];
    return true;
  }
  void put(Symbol form, const Occurrence& one) {
    if (const auto found = of_.find(form); found != of_.end())
      found->second.insert(place_of(one, found->second), one);
  }
  void remove(Symbol form, const Occurrence& one) {
    if (const auto found = of_.find(form); found != of_.end())
      found->second.erase(place_of(one, found->second));
  }
  std::span<const Occurrence> of(Symbol form) const {
    const auto found = of_.find(form);
    return found == of_.end() ? std::span<const Occurrence>{} : found->second;
  }

 private:
  using List = std::vector<Occurrence>;
  static List::const_iterator place_of(const Occurrence& one, const List& list) {
    const auto comes_before = [](const Occurrence& a, const Occurrence& b) {
      return std::pair(a.event, a.part) < std::pair(b.event, b.part);
    };
    return std::lower_bound(list.begin(), list.end(), one, comes_before);
  }
  std::map<Symbol, List> of_;
};
}  // namespace cunji::state
