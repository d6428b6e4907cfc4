#pragma once
// How load() works: two walks over the messages. The first declares every id, the second resolves
// them. Only the files of load() include this.
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/definition.pb.h"
#include "shared/programme/load.h"

namespace cunji::programme {
namespace pb = cunji::definition;

// The kinds of things that have ids.
enum class Of : std::uint8_t {
  Codes,
  Subject,
  Relation,
  Fact,
  Parameter,
  NamedDay,
  Aggregate,
  Ratio,
  Table,
  Calculation,
  Form,
  Procedure,
  Duty,
  Card,
  Warning,
  Report
};
std::string_view name_of(Of of);
// False for a word that names no scope.
bool read_scope(const std::string& said, Scope& out);

class Compiler {
 public:
  Compiler(Symbols& symbols, Loaded& out, std::span<const std::string> calculations)
      : symbols_(symbols), out_(out), calculations_(calculations) {}
  void run(const std::vector<pb::Definition>& definitions);

 private:
  // What a value or condition is read of.
  struct Context {
    Symbol subject = kNoSymbol;       // Type of the unit's subject.
    const pb::Form* form = nullptr;   // Whose fields may be read,
    const pb::Field* rows = nullptr;  // or of whose rows.
    const pb::Procedure* procedure = nullptr;
    const pb::Stage* stage = nullptr;
  };
  // What kind of value comes of something; None: nothing is known about it.
  struct Kind {
    Type type = Type::None;
    Symbol codes = kNoSymbol;
    std::string unit;
    Symbol subject_type = kNoSymbol;
    std::string name;
  };
  struct Declared {
    std::size_t definition = 0;
    int index = 0;
  };

  // Where we are. Each Step lives as long as what it stands for is looked at.
  class Step {
   public:
    Step(Compiler& compiler, int field, int index = 0, std::string_view id = {})
        : compiler_(compiler), id_before_(compiler.id_) {
      compiler_.path_.emplace_back(field, index);
      if (!id.empty()) compiler_.id_ = id;
    }
    ~Step() {
      compiler_.path_.pop_back();
      compiler_.id_ = id_before_;
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Compiler& compiler_;
    std::string id_before_;
  };
  template <class List, class Take>
  void each(int field, const List& list, Take take) {
    for (int i = 0; i < list.size(); ++i) {
      const Step step(*this, field, i);
      take(list[i]);
    }
  }

  void problem(Problem::Kind kind, std::string what);
  void wrong(std::string what) { problem(Problem::Kind::Wrong, std::move(what)); }
  void missing(std::string what) { problem(Problem::Kind::Missing, std::move(what)); }

  // First walk (compiler.cc).
  void declare(std::size_t at, const pb::Definition& said);
  template <class List, class IdOf>
  void declare_all(Of of, int field, std::size_t at, const List& list, IdOf id_of);
  const Declared* find(Of of, std::string_view id) const;
  // The symbol of an id that must be defined; none for an empty one.
  Symbol known(Of of, const std::string& id, int field, int index = 0);
  std::string full(const std::string& form) const;  // A form's id with its programme.
  const pb::Fact* fact_of(std::string_view id) const;
  const pb::Form* form_of(const std::string& id) const;
  const pb::Procedure* procedure_of(std::string_view id) const;
  Label label(const pb::Label& said, bool needed = true);
  std::vector<std::string> rules(const google::protobuf::RepeatedPtrField<std::string>& said);
  Symbol word(const std::string& said) { return symbols_.of(said); }

  // Types of subjects.
  Symbol type(const std::string& id, int field, int index = 0);
  Symbol parent_of(Symbol type) const;
  bool lies_under(Symbol type, Symbol ancestor) const;  // Or is it.
  bool is_readable_of(Symbol unit, Symbol owner) const;

  // Values, conditions, deadlines (compile_values.cc).
  Value value(const pb::Value& said, const Context& in, Kind* kind = nullptr);
  Value value_at(int field, const pb::Value& said, const Context& in, Kind* kind = nullptr);
  Kind kind_of_fact(const pb::Fact& fact);
  std::optional<Kind> kind_of_field(const std::string& key, const Context& in);
  Symbol via(const std::string& said, const Context& in, Context& there);
  void read_fact(const pb::Fact& fact, const Context& in);
  void read_parameter(std::string_view key);
  Bound bound(const pb::Bound& said, const Context& in, const Kind& what);
  Condition condition(const pb::Condition& said, const Context& in, int depth = 1);
  Condition condition_at(int field, const pb::Condition& said, const Context& in);
  void put_alternatives(const pb::Condition& said, const Context& in, int depth, Condition& out);
  void put_in(const pb::Condition& said, const Kind& kind, Condition& out);
  void put_case(const pb::CaseState& said, Condition& out);
  void check_codes(const Kind& kind, const std::string& code, int field, int index);
  Deadline deadline(const pb::Deadline& said, const Context& in);
  Deadline deadline_at(int field, const pb::Deadline& said, const Context& in, int index = 0);

  // Mechanisms (compile_mechanisms.cc).
  void compile(std::size_t at, const pb::Definition& said);
  void compile_register(const pb::Definition& said, Definition& out);
  void compile_derived(const pb::Definition& said, Definition& out);
  void compile_score_cards(const pb::Definition& said, Definition& out);
  void compile_warnings(const pb::Definition& said, Definition& out);
  void compile_reports(const pb::Definition& said, Definition& out);
  std::vector<Actor> actors(int field, const google::protobuf::RepeatedPtrField<pb::Actor>& said);
  Actor actor(const pb::Actor& said);
  Field field(const pb::Field& said, const Context& in);
  Check check(const pb::Check& said, const Context& in);
  Effect effect(const pb::Effect& said, const Context& in);
  Form form(const pb::Form& said);
  Duty duty(const pb::Duty& said);
  void writes(const pb::Fact& fact, bool derived);

  // Procedures and their ways (compile_procedures.cc).
  Procedure procedure(const pb::Procedure& said);
  Stage stage(const pb::Procedure& of, const pb::Stage& said);
  void check_ways(const pb::Procedure& said, const Procedure& out);

  Symbols& symbols_;
  Loaded& out_;
  std::span<const std::string> calculations_;
  const std::vector<pb::Definition>* definitions_ = nullptr;
  std::array<std::map<std::string, Declared, std::less<>>, 16> declared_;
  std::map<Symbol, Symbol> parents_;  // Type -> type of what it belongs to.
  std::map<Symbol, Symbol> episode_of_;
  std::set<std::string> unset_;
  std::size_t at_ = 0;  // Which definition is looked at.
  std::vector<std::pair<int, int>> path_;
  std::string id_;
};
}  // namespace cunji::programme
