#include "shared/programme/compiler.h"

#include <algorithm>

namespace cunji::programme {
std::string_view name_of(Of of) {
  static constexpr std::array<std::string_view, 16> kNames = {
      "list of codes", "type of subject", "relation", "fact",        "parameter", "named day",
      "aggregate",     "ratio",           "table",    "calculation", "form",      "procedure",
      "duty",          "score card",      "warning",  "report"};
  return kNames[static_cast<std::size_t>(of)];
}

void Compiler::problem(Problem::Kind kind, std::string what) {
  out_.problems.push_back(
      {.kind = kind, .definition = at_, .path = path_, .id = id_, .what = std::move(what)});
}

template <class List, class IdOf>
void Compiler::declare_all(Of of, int field, std::size_t at, const List& list, IdOf id_of) {
  for (int i = 0; i < list.size(); ++i) {
    const std::string id = id_of(list[i]);
    const Step step(*this, field, i, id);
    if (id.empty()) {
      missing("a " + std::string(name_of(of)) + " without an id");
      continue;
    }
    auto& known = declared_[static_cast<std::size_t>(of)];
    if (!known.emplace(id, Declared{at, i}).second)
      wrong("the " + std::string(name_of(of)) + " is defined twice");
  }
}

void Compiler::declare(std::size_t at, const pb::Definition& said) {
  using D = pb::Definition;
  at_ = at;
  const auto id = [](const auto& each) { return each.id(); };
  declare_all(Of::Codes, D::kCodesFieldNumber, at, said.codes(), id);
  declare_all(Of::Subject, D::kSubjectFieldNumber, at, said.subject(), id);
  declare_all(Of::Relation, D::kRelationFieldNumber, at, said.relation(), id);
  declare_all(Of::Fact, D::kFactFieldNumber, at, said.fact(), id);
  declare_all(Of::Parameter, D::kParameterFieldNumber, at, said.parameter(),
              [](const pb::Parameter& each) { return each.key(); });
  declare_all(Of::NamedDay, D::kNamedDayFieldNumber, at, said.named_day(), id);
  declare_all(Of::Aggregate, D::kAggregateFieldNumber, at, said.aggregate(), id);
  declare_all(Of::Ratio, D::kRatioFieldNumber, at, said.ratio(), id);
  declare_all(Of::Table, D::kTableFieldNumber, at, said.table(), id);
  declare_all(Of::Calculation, D::kCalculationFieldNumber, at, said.calculation(), id);
  declare_all(Of::Form, D::kFormFieldNumber, at, said.form(),
              [&](const pb::Form& each) { return said.programme() + "." + each.id(); });
  declare_all(Of::Procedure, D::kProcedureFieldNumber, at, said.procedure(), id);
  declare_all(Of::Duty, D::kDutyFieldNumber, at, said.duty(), id);
  declare_all(Of::Card, D::kCardFieldNumber, at, said.card(), id);
  declare_all(Of::Warning, D::kWarningFieldNumber, at, said.warning(), id);
  declare_all(Of::Report, D::kReportFieldNumber, at, said.report(), id);
  for (const pb::Subject& each : said.subject()) {
    if (!each.parent().empty()) parents_[word(each.id())] = word(each.parent());
    if (!each.episode_of().empty()) episode_of_[word(each.id())] = word(each.episode_of());
  }
}

const Compiler::Declared* Compiler::find(Of of, std::string_view id) const {
  const auto& known = declared_[static_cast<std::size_t>(of)];
  const auto found = known.find(id);
  return found == known.end() ? nullptr : &found->second;
}

Symbol Compiler::known(Of of, const std::string& id, int field, int index) {
  if (id.empty()) return kNoSymbol;
  const std::string name = of == Of::Form ? full(id) : id;
  if (find(of, name) == nullptr) {
    const Step step(*this, field, index);
    problem(Problem::Kind::Unknown, "no " + std::string(name_of(of)) + " \"" + id + "\"");
  }
  return word(name);
}

// "visit" of this programme, else of the register: what all programmes share.
std::string Compiler::full(const std::string& form) const {
  if (form.find('.') != std::string::npos) return form;
  const std::string own = (*definitions_)[at_].programme() + "." + form;
  const std::string shared = "register." + form;
  return find(Of::Form, own) == nullptr && find(Of::Form, shared) != nullptr ? shared : own;
}

const pb::Fact* Compiler::fact_of(std::string_view id) const {
  const Declared* at = find(Of::Fact, id);
  return at == nullptr ? nullptr : &(*definitions_)[at->definition].fact(at->index);
}
const pb::Form* Compiler::form_of(const std::string& id) const {
  const Declared* at = find(Of::Form, full(id));
  return at == nullptr ? nullptr : &(*definitions_)[at->definition].form(at->index);
}
const pb::Procedure* Compiler::procedure_of(std::string_view id) const {
  const Declared* at = find(Of::Procedure, id);
  return at == nullptr ? nullptr : &(*definitions_)[at->definition].procedure(at->index);
}

Label Compiler::label(const pb::Label& said, bool needed) {
  if (needed && (said.zh().empty() || said.en().empty()))
    missing("it needs a label in both languages");
  return {said.zh(), said.en()};
}

static constexpr std::pair<std::string_view, std::string_view> kBuiltIn[] = {
    {"county", ""},           {"town", "county"},      {"village", "town"},
    {"household", "village"}, {"person", "household"}, {"office", "county"}};

Symbol Compiler::type(const std::string& id, int field, int index) {
  if (id.empty()) return kNoSymbol;
  for (const auto& [name, parent] : kBuiltIn) {
    if (id == name) return word(id);
  }
  return known(Of::Subject, id, field, index);
}

Symbol Compiler::parent_of(Symbol type) const {
  const auto found = parents_.find(type);
  return found == parents_.end() ? kNoSymbol : found->second;
}

bool Compiler::lies_under(Symbol type, Symbol ancestor) const {
  // A circle of parents is reported elsewhere; here it only has to end.
  for (std::size_t steps = 0; type != kNoSymbol && steps <= parents_.size(); ++steps) {
    if (type == ancestor) return true;
    type = parent_of(type);
  }
  return false;
}

bool Compiler::is_readable_of(Symbol unit, Symbol owner) const {
  if (unit == kNoSymbol || owner == kNoSymbol || lies_under(unit, owner)) return true;
  const auto episode = episode_of_.find(owner);
  return episode != episode_of_.end() && lies_under(unit, episode->second);
}

void Compiler::run(const std::vector<pb::Definition>& definitions) {
  definitions_ = &definitions;
  for (const auto& [name, parent] : kBuiltIn) {
    if (!parent.empty()) parents_[symbols_.of(name)] = symbols_.of(parent);
  }
  for (std::size_t at = 0; at < definitions.size(); ++at) declare(at, definitions[at]);
  for (std::size_t at = 0; at < definitions.size(); ++at) compile(at, definitions[at]);
  std::sort(out_.unset.begin(), out_.unset.end());
}

Loaded load(std::span<const BytesView> encoded, Symbols& symbols,
            std::span<const std::string> calculations) {
  Loaded out;
  std::vector<pb::Definition> definitions(encoded.size());
  std::set<std::string> programmes;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    const auto refuse = [&](std::string what) {
      out.problems.push_back({.definition = i, .id = definitions[i].programme(), .what = what});
    };
    if (!definitions[i].ParseFromArray(encoded[i].data(), static_cast<int>(encoded[i].size()))) {
      refuse("it is no definition");
    } else if (!programmes.insert(definitions[i].programme()).second) {
      refuse("the programme is given twice");
    }
  }
  if (out.problems.empty()) Compiler(symbols, out, calculations).run(definitions);
  return out;
}
}  // namespace cunji::programme
