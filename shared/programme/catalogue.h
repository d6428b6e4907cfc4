#pragma once
// All definitions that are in force on a day, looked up by id.
#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "shared/programme/model.h"

namespace cunji::programme {
// Things of one kind by their symbol.
template <class T>
class ById {
 public:
  void add(Symbol id, const T* thing) { all_.emplace_back(id, thing); }
  void sort() {
    std::sort(all_.begin(), all_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  const T* find(Symbol id) const {
    const auto at = std::lower_bound(all_.begin(), all_.end(), id,
                                     [](const auto& a, Symbol b) { return a.first < b; });
    return at == all_.end() || at->first != id ? nullptr : at->second;
  }
  std::span<const std::pair<Symbol, const T*>> all() const { return all_; }

 private:
  std::vector<std::pair<Symbol, const T*>> all_;
};

// A stage that a form takes.
struct StageOf {
  const Procedure* procedure = nullptr;
  std::size_t stage = 0;
};

class Catalogue {
 public:
  Catalogue(std::vector<std::shared_ptr<const Definition>> definitions, Symbols& symbols);
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  std::span<const std::shared_ptr<const Definition>> definitions() const { return definitions_; }
  ById<Codes> codes;
  ById<SubjectType> subjects;
  ById<Relation> relations;
  ById<Fact> facts;
  ById<Parameter> parameters;
  ById<NamedDay> named_days;
  ById<Aggregate> aggregates;
  ById<Ratio> ratios;
  ById<Table> tables;
  ById<Calculation> calculations;
  ById<Form> forms;
  ById<Procedure> procedures;
  ById<Duty> duties;
  ById<Card> cards;
  ById<Warning> warnings;
  ById<Report> reports;

  // Who derives a fact; null where nobody does.
  const Table* table_of(Symbol fact) const { return table_of_.find(fact); }
  const Calculation* calculation_of(Symbol fact) const { return calculation_of_.find(fact); }
  // What a form opens, and which stages it takes.
  std::span<const Procedure* const> opened_by(Symbol form) const;
  std::span<const StageOf> taken_by(Symbol form) const;
  // Whether a code is another, or belongs to it, in a list of codes.
  bool stands_under(Symbol list, Symbol code, Symbol wanted) const;
  // Of built-in types too; kNoSymbol at the top.
  Symbol parent_of(Symbol type) const;
  bool lies_under(Symbol type, Symbol ancestor) const;  // Or is it.

 private:
  std::vector<std::shared_ptr<const Definition>> definitions_;
  ById<Table> table_of_;
  ById<Calculation> calculation_of_;
  std::map<Symbol, std::vector<const Procedure*>> opened_by_;
  std::map<Symbol, std::vector<StageOf>> taken_by_;
  std::map<Symbol, Symbol> parents_;
};
}  // namespace cunji::programme
