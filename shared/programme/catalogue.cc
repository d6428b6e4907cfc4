#include "shared/programme/catalogue.h"

namespace cunji::programme {
template <class T>
static void add_all(ById<T>& to, const std::vector<T>& from) {
  for (const T& each : from) {
    if constexpr (requires { each.key; }) {
      to.add(each.key, &each);
    } else {
      to.add(each.id, &each);
    }
  }
}

Catalogue::Catalogue(std::vector<std::shared_ptr<const Definition>> definitions, Symbols& symbols)
    : definitions_(std::move(definitions)) {
  for (const auto& definition : definitions_) {
    add_all(codes, definition->codes);
    add_all(subjects, definition->subjects);
    add_all(relations, definition->relations);
    add_all(facts, definition->facts);
    add_all(parameters, definition->parameters);
    add_all(named_days, definition->named_days);
    add_all(aggregates, definition->aggregates);
    add_all(ratios, definition->ratios);
    add_all(tables, definition->tables);
    add_all(calculations, definition->calculations);
    add_all(forms, definition->forms);
    add_all(procedures, definition->procedures);
    add_all(duties, definition->duties);
    add_all(cards, definition->cards);
    add_all(warnings, definition->warnings);
    add_all(reports, definition->reports);
    for (const Table& table : definition->tables) table_of_.add(table.writes, &table);
    for (const Calculation& calculation : definition->calculations)
      for (const Symbol fact : calculation.out) calculation_of_.add(fact, &calculation);
    for (const SubjectType& type : definition->subjects) parents_[type.id] = type.parent;
    for (const Procedure& procedure : definition->procedures) {
      for (const Symbol form : procedure.opened_by) opened_by_[form].push_back(&procedure);
      for (const Symbol form : procedure.reopened_by) opened_by_[form].push_back(&procedure);
      for (std::size_t i = 0; i < procedure.stages.size(); ++i)
        if (procedure.stages[i].form != kNoSymbol)
          taken_by_[procedure.stages[i].form].push_back({&procedure, i});
    }
  }
  const auto built_in = [&](const char* type, const char* parent) {
    parents_[symbols.of(type)] = symbols.of(parent);
  };
  built_in("town", "county");
  built_in("village", "town");
  built_in("household", "village");
  built_in("person", "household");
  built_in("office", "county");
  codes.sort();
  subjects.sort();
  relations.sort();
  facts.sort();
  parameters.sort();
  named_days.sort();
  aggregates.sort();
  ratios.sort();
  tables.sort();
  calculations.sort();
  forms.sort();
  procedures.sort();
  duties.sort();
  cards.sort();
  warnings.sort();
  reports.sort();
  table_of_.sort();
  calculation_of_.sort();
}

std::span<const Procedure* const> Catalogue::opened_by(Symbol form) const {
  const auto found = opened_by_.find(form);
  return found == opened_by_.end() ? std::span<const Procedure* const>{}
                                   : std::span<const Procedure* const>(found->second);
}

std::span<const StageOf> Catalogue::taken_by(Symbol form) const {
  const auto found = taken_by_.find(form);
  return found == taken_by_.end() ? std::span<const StageOf>{}
                                  : std::span<const StageOf>(found->second);
}

bool Catalogue::stands_under(Symbol list, Symbol code, Symbol wanted) const {
  const Codes* known = codes.find(list);
  for (int steps = 0; code != kNoSymbol && steps < 8; ++steps) {
    if (code == wanted) return true;
    if (known == nullptr) return false;
    const auto listed = std::find_if(known->codes.begin(), known->codes.end(),
                                     [&](const Codes::Code& each) { return each.id == code; });
    if (listed == known->codes.end()) return false;
    code = listed->parent;
  }
  return false;
}

Symbol Catalogue::parent_of(Symbol type) const {
  const auto found = parents_.find(type);
  return found == parents_.end() ? kNoSymbol : found->second;
}

bool Catalogue::lies_under(Symbol type, Symbol ancestor) const {
  for (std::size_t steps = 0; type != kNoSymbol && steps <= parents_.size(); ++steps) {
    if (type == ancestor) return true;
    type = parent_of(type);
  }
  return false;
}
}  // namespace cunji::programme
