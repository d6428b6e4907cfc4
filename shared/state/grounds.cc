// What a derived fact rests on: `explain` (D15).
#include <set>

#include "shared/state/data.h"
#include "shared/state/inquiry.h"

namespace cunji::state {
namespace pg = programme;

namespace {
class Grounds {
 public:
  Grounds(const Inquiry& inquiry, const World& world, const SubjectId& subject, At at)
      : inquiry_(inquiry), world_(world), subject_(subject), at_(std::move(at)) {}

  void add(const pg::Condition& condition) {
    for (const pg::Condition& part : condition.parts) add(part);
    switch (condition.kind) {
      case pg::Condition::Kind::Is:
      case pg::Condition::Kind::In:
      case pg::Condition::Kind::Known:
      case pg::Condition::Kind::Differs: {
        add(condition.value);
        const pg::Bound& bound = condition.bound;
        for (const pg::Value* value : {&bound.at_least, &bound.above, &bound.at_most, &bound.below})
          add(*value);
        return;
      }
      case pg::Condition::Kind::Case: return add_case(condition);
      case pg::Condition::Kind::Duty: {
        const pg::Duty* duty = world_.catalogue(at_.day).duties.find(condition.id);
        if (duty != nullptr)
          put(condition.id, duty->label, word(condition.state) + ": " + truth(condition));
        return;
      }
      case pg::Condition::Kind::None:
      case pg::Condition::Kind::All:
      case pg::Condition::Kind::Any:
      case pg::Condition::Kind::Not:
      case pg::Condition::Kind::Related: return;
    }
  }

  void add(const pg::Value& value) {
    const pg::Catalogue& catalogue = world_.catalogue(at_.day);
    switch (value.from) {
      case pg::Value::From::Fact: {
        const pg::Fact* fact = catalogue.facts.find(value.id);
        if (fact == nullptr || !seen_.insert(word(value.id)).second) return;
        Ground ground{.what = word(value.id), .label = fact->label};
        if (value.via == kNoSymbol) ground.fact = inquiry_.fact(subject_, ground.what);
        if (!ground.fact) ground.value = text(value);
        out_.push_back(std::move(ground));
        return;
      }
      case pg::Value::From::Parameter:
        if (const pg::Parameter* parameter = catalogue.parameters.find(value.id))
          put(value.id, parameter->label, text(value));
        return;
      case pg::Value::From::Aggregate:
        if (const pg::Aggregate* aggregate = catalogue.aggregates.find(value.id))
          put(value.id, aggregate->label, text(value));
        return;
      case pg::Value::From::Ratio:
        if (const pg::Ratio* ratio = catalogue.ratios.find(value.id))
          put(value.id, ratio->label, text(value));
        return;
      case pg::Value::From::None:
      case pg::Value::From::Field:
      case pg::Value::From::Stage:
      case pg::Value::From::Calculation:
      case pg::Value::From::NamedDay:
      case pg::Value::From::Number:
      case pg::Value::From::Today:
      case pg::Value::From::Text:
      case pg::Value::From::Arrived:
      case pg::Value::From::Opened:
      case pg::Value::From::Elapsed: return;
    }
  }
  std::vector<Ground> take() { return std::move(out_); }

 private:
  const std::string& word(Symbol symbol) const { return world_.values().words.word(symbol); }
  void put(Symbol id, const pg::Label& label, std::string value) {
    if (seen_.insert(word(id) + " " + value).second)
      out_.push_back({.what = word(id), .label = label, .value = std::move(value)});
  }
  std::string truth(const pg::Condition& condition) const {
    static constexpr const char* kNames[] = {"no", "yes", "missing", "UNSET"};
    return kNames[static_cast<std::size_t>(world_.holds(condition, at_))];
  }
  void add_case(const pg::Condition& condition) {
    const pg::Procedure* procedure = world_.catalogue(at_.day).procedures.find(condition.id);
    if (procedure == nullptr) return;
    static constexpr const char* kWhat[] = {"reached", "waits at",    "none open",
                                            "is open", "cannot meet", "late"};
    std::string what = kWhat[static_cast<std::size_t>(condition.is_case)];
    if (condition.state != kNoSymbol) what += " " + word(condition.state);
    put(condition.id, procedure->label, what + ": " + truth(condition));
  }
  std::string text(const pg::Value& value) const {
    const World::Got got = world_.read(value, at_);
    if (got.unset) return "UNSET";
    if (!got.val.is_set()) return {};
    const event::Value said = world_.values().value_of(got.val);
    switch (said.type) {
      case event::Value::Type::Integer: return std::to_string(said.integer);
      case event::Value::Type::Yes: return said.yes ? "yes" : "no";
      case event::Value::Type::Subject: return to_hex(said.subject.view());
      case event::Value::Type::Codes: {
        std::string out;
        for (const std::string& code : said.codes) out += (out.empty() ? "" : " ") + code;
        return out;
      }
      case event::Value::Type::Place:
      case event::Value::Type::Rows: return "…";
      case event::Value::Type::Text:
      case event::Value::Type::Code:
      case event::Value::Type::Date: return said.text;
    }
    return {};
  }

  const Inquiry& inquiry_;
  const World& world_;
  const SubjectId& subject_;
  At at_;
  std::set<std::string> seen_;
  std::vector<Ground> out_;
};
}  // namespace

std::vector<Ground> Inquiry::grounds(const SubjectId& subject, const std::string& fact) const {
  const World world = state_.data_->world();
  const std::uint32_t number = world.values().subjects.find(subject);
  const pg::Catalogue& catalogue = world.catalogue(on_);
  const pg::Fact* declared = catalogue.facts.find(world.values().words.find(fact));
  if (number == kNoNumber || declared == nullptr || !declared->derived) return {};
  const At at = At::end_of_day(number, on_);
  Grounds out(*this, world, subject, at);
  if (const pg::Table* table = catalogue.table_of(declared->id)) {
    const World::Derived now = world.judge(*table, at);
    for (const pg::Table::Row& row : table->rows) {
      // The row that holds; where none does, all of them say why.
      const bool holds = now.label == nullptr || &row.label == now.label;
      if (holds) out.add(row.when);
    }
  }
  if (const pg::Calculation* calculation = catalogue.calculation_of(declared->id))
    for (const pg::Value& in : calculation->in) out.add(in);
  return out.take();
}
}  // namespace cunji::state
