#pragma once
// What definitions say, checked and with every id resolved: what the fold works with. The schema's
// comments (protocol/definition.proto) and README.md say what each thing means. Ids are symbols of
// one table (shared/base/symbols.h), which outlives all versions of a definition.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/symbols.h"
#include "shared/event/kinds.h"

namespace cunji::programme {
struct Label {
  std::string zh{}, en{};
};

// As in the schema, number by number.
enum class Type : std::uint8_t {
  None,
  Text,
  YesNo,
  Integer,
  Money,
  Area,
  Length,
  BasisPoints,
  Points,
  Date,
  Instant,
  Code,
  CodeSet,
  Place,
  Subject,
  Blob,
  Signature,
  Ranking,
  Rows
};
enum class Period : std::uint8_t {
  None,
  Day,
  Month,
  Quarter,
  Half,
  Semester,
  Year,
  PovertyYear,
  SchoolYear
};
enum class Unit : std::uint8_t { None, Days, WorkingDays, SchoolDays, Months, Years, Minutes };
enum class Force : std::uint8_t { None, Block, Reason, Warn };
enum class PopulationAt : std::uint8_t { None, Now, Start, End };
enum class JudgedBy : std::uint8_t { None, Happened, Received };
enum class Merge : std::uint8_t { None, Last, First, Sum, Set };
enum class Basis : std::uint8_t { None, Printed, Recommended, Unset };
enum class Op : std::uint8_t { None, Count, Sum, Min, Max, Distinct };
enum class Rounding : std::uint8_t { None, HalfUp, Down, Up };
enum class Standing : std::uint8_t { None, Confirmed, Reported };
enum class Life : std::uint8_t { None, Create, Close, Move, Split, Merge };
enum class Layout : std::uint8_t { None, List, Card, Matrix, Board };
// Of whose events something is made; the order is that of reach.
enum class Scope : std::uint8_t { Subject, Village, County };

struct SubjectType {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol parent = kNoSymbol;  // What it belongs to.
  Symbol episode_of = kNoSymbol;
};

struct Relation {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol from = kNoSymbol, to = kNoSymbol;
  std::uint32_t from_max = 0, to_max = 0;
  bool seat = false;
};

struct Codes {
  Symbol id = kNoSymbol;
  Label label{};
  struct Code {
    Symbol id = kNoSymbol;
    Label label{};
    Symbol parent = kNoSymbol;
  };
  std::vector<Code> codes{};
  bool county_may_add = false;
};

struct Fact {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol programme = kNoSymbol;
  Symbol subject = kNoSymbol;
  Type type = Type::None;
  std::string unit{};
  Symbol codes = kNoSymbol;
  Period keyed_by = Period::None;
  Merge merge = Merge::Last;
  std::vector<Symbol> sources{};  // The strongest first.
  bool keep_sources_apart = false, personal = false, derived = false;
  Symbol subject_type = kNoSymbol;
};

struct Parameter {
  Symbol key = kNoSymbol;
  Label label{};
  Basis basis = Basis::None;
  std::string unit{};
  std::optional<std::int64_t> value{};
  struct Row {
    std::vector<Symbol> when{};  // kNoSymbol matches all.
    std::int64_t value = 0;
  };
  std::vector<Row> rows{};
  std::vector<Symbol> list{};
  std::vector<std::string> divisions{};
  Symbol text = kNoSymbol;
  std::vector<std::string> rules{};
};

struct NamedDay {
  Symbol id = kNoSymbol;
  Label label{};
  std::uint32_t month = 0, day = 0;  // Every year; or
  std::vector<Date> on{};            // each year's own, ascending.
};

struct Value {
  enum class From : std::uint8_t {
    None,
    Fact,
    Field,
    Parameter,
    Aggregate,
    Ratio,
    Stage,
    Calculation,
    NamedDay,
    Number,
    Today,
    Text,
    Arrived,
    Opened,
    Elapsed
  };
  enum class Part : std::uint8_t { Whole, Year, Month, Day };
  From from = From::None;
  Part part = Part::Whole;
  Unit unit = Unit::None;  // Elapsed: between the two `args`.
  Symbol id = kNoSymbol;   // Of what; the word of a Text.
  Symbol via = kNoSymbol;
  Symbol source = kNoSymbol;
  Symbol procedure = kNoSymbol;
  std::int32_t period_back = 0;
  std::int64_t number = 0;
  std::vector<Value> at{};    // At most one.
  std::vector<Value> args{};  // Keys of a parameter; ends of Elapsed.
  bool is_set() const { return from != From::None; }
};

struct Bound {
  Value at_least{}, above{}, at_most{}, below{}, margin{};
  Period pro_rata = Period::None;
};

struct Condition {
  enum class Kind : std::uint8_t {
    None,
    All,
    Any,
    Not,
    Is,
    In,
    Known,
    Differs,
    Related,
    Case,
    Duty
  };
  Kind kind = Kind::None;
  std::vector<Condition> parts{};  // All, Any, Not; the `where` of Related.
  Value value{};
  Bound bound{};
  std::vector<Symbol> codes{};  // In: codes; Differs: sources.
  bool flag = false;            // Known: the answer asked for. Related: none.
  Symbol id = kNoSymbol;        // Relation or type; procedure; duty.
  Symbol state = kNoSymbol;     // Case: a stage; Duty: the state.
  Symbol outcome = kNoSymbol;
  enum class Case : std::uint8_t { Reached, WaitsAt, NoneOpen, Open, CannotMeet, Late };
  Case is_case = Case::Open;
  std::uint32_t holds_for_days = 0;
  bool is_set() const { return kind != Kind::None; }
};

struct Deadline {
  enum class Kind : std::uint8_t { None, DayOf, NextDayOf, After, On, LatestOf, EarliestOf };
  Kind kind = Kind::None;
  Condition when{};              // It applies only then.
  Period period = Period::None;  // DayOf, NextDayOf:
  std::uint32_t day = 0, month = 0;
  bool last = false;
  std::int32_t plus = 0;
  Value of{}, count{};  // After: count of `unit`.
  Unit unit = Unit::None;
  bool strictly = false, before = false;
  std::vector<Deadline> parts{};   // LatestOf, EarliestOf.
  Symbol extended_by = kNoSymbol;  // A stage.
  Value extended_max{};
  Unit extended_unit = Unit::None;
  bool is_set() const { return kind != Kind::None; }
};

struct Aggregate {
  Symbol id = kNoSymbol;
  Label label{};
  std::vector<Symbol> on{};
  Symbol over = kNoSymbol, via = kNoSymbol;
  Condition where{};
  Op op = Op::None;
  Value of{};
  Period period = Period::None;
  std::uint32_t rolling = 0;
  Unit rolling_unit = Unit::None;
  PopulationAt population_at = PopulationAt::Now;
  Symbol or_stated_by = kNoSymbol;
  Value dated_by{};
  Scope scope = Scope::County;
};

struct Ratio {
  Symbol id = kNoSymbol;
  Label label{};
  std::vector<Symbol> on{}, plus{}, over{}, over_minus{};  // Aggregates or facts.
  Bound target{};
};

struct Table {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol writes = kNoSymbol;
  struct Row {
    Condition when{};
    Symbol value = kNoSymbol, reason = kNoSymbol;
    Label label{};
  };
  std::vector<Row> rows{};
  Symbol otherwise = kNoSymbol;
};

struct Calculation {
  Symbol id = kNoSymbol;
  Label label{};
  std::uint32_t version = 1;
  Symbol on = kNoSymbol;
  std::vector<Value> in{};
  std::vector<Symbol> out{};  // Derived facts.
  Rounding rounding = Rounding::HalfUp;
  Scope scope = Scope::Subject;
  enum class Visits : std::uint8_t { None, Household, Recorder };
  Visits visits = Visits::None;
  Symbol duty = kNoSymbol, duty_person = kNoSymbol;
};

struct Actor {
  Symbol role = kNoSymbol, office = kNoSymbol, level = kNoSymbol, relation = kNoSymbol;
  bool countersigns = false;
};

struct Field {
  Symbol key = kNoSymbol;
  Label label{};
  Type type = Type::None;
  std::string unit{};
  Symbol codes = kNoSymbol;
  Bound range{};
  Force force = Force::Block;
  bool required = false;
  Symbol required_from = kNoSymbol;
  Condition visible_if{};
  Value prefill{};
  bool frozen = false, excludes_rater = false, mask = false;
  std::vector<Field> row{};
  Symbol row_subject = kNoSymbol, population = kNoSymbol, fact = kNoSymbol,
         subject_type = kNoSymbol;
};

struct Check {
  enum class Kind : std::uint8_t { SumOf, NotAllEqual, InOrder, Disjoint, OneOf, Must };
  Kind kind = Kind::Must;
  std::vector<Symbol> fields{};  // "items.amount": the row's field in `rows`.
  std::vector<Symbol> rows{};    // Beside each field: of which ROWS field it is a column, or none.
  Value equals{};
  Condition must{};
  Force force = Force::Block;
  Label label{};
  std::string rule{};
};

struct Effect {
  Condition when{};
  Symbol on = kNoSymbol;
  bool all_open_cases = false;
  Symbol fact = kNoSymbol;
  enum class How : std::uint8_t { None, Set, Add, FromField, FromValue };
  How how = How::None;
  Symbol code = kNoSymbol;   // Set: to this word.
  Symbol field = kNoSymbol;  // Add, FromField; the other end of link and unlink.
  Value value{};
  Standing standing = Standing::Confirmed;
  Symbol open = kNoSymbol, close = kNoSymbol, link = kNoSymbol, unlink = kNoSymbol;
  Life life = Life::None;
  Value since{}, until{};  // Of a link; else from that day on, for good.
  bool replaces = false;   // Of a link.
};

struct Form {
  Symbol id = kNoSymbol;  // "monitoring.sector_alert".
  Label label{};
  Symbol programme = kNoSymbol;
  event::Kind kind = event::Kind::Visit;
  Symbol subject = kNoSymbol;
  std::vector<Actor> recorders{}, acts_for{}, participants{}, readers{};
  JudgedBy judged_by = JudgedBy::Received;
  std::vector<Field> fields{};
  std::vector<Check> checks{};
  std::vector<Symbol> evidence{};
  std::vector<Effect> effects{};
  std::vector<std::string> rules{};
  Condition due{};
  bool creates = false;
  Symbol source = kNoSymbol;
};

struct Guard {
  Condition condition{};
  Force force = Force::Block;
  Label label{};
  std::string rule{};
};
struct Outcome {
  Symbol code = kNoSymbol;
  Label label{};
  std::vector<Symbol> go{}, go_one_of{};
};
struct Notice {
  Value days{};
  Symbol level = kNoSymbol;
  std::vector<Symbol> content{};
  bool upheld_restarts = true, dismissed_resumes = true;
  Symbol upheld_goto = kNoSymbol;
};
struct Vote {
  Value of{}, quorum{}, majority{};
};
struct Payment {
  Symbol entitlement = kNoSymbol, tranche = kNoSymbol, payer = kNoSymbol, ledger = kNoSymbol;
};
struct Stage {
  Symbol id = kNoSymbol;
  Label label{};
  std::vector<Actor> by{};
  std::vector<Symbol> each_of{}, after{}, after_any{};
  Symbol form = kNoSymbol;
  bool list = false, repeats = false, optional = false;
  Symbol while_at = kNoSymbol;
  std::vector<Outcome> outcomes{};
  std::vector<Guard> guards{};
  Deadline opens{};
  std::vector<Deadline> due{};
  JudgedBy judged_by = JudgedBy::Received;
  std::optional<Notice> notice{};
  std::optional<Vote> vote{};
  std::vector<Payment> payments{};
  Symbol statement = kNoSymbol;
  std::vector<Effect> effects{};
  std::vector<Symbol> evidence{};
  bool by_goto = false;  // Some outcome names it: it waits only where that was taken.
  std::vector<std::string> rules{};
};
struct Exit {
  Symbol id = kNoSymbol;
  Label label{};
  std::vector<Actor> by{};
  Symbol form = kNoSymbol;
  std::vector<Symbol> from{};
};
struct Procedure {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol programme = kNoSymbol;
  Symbol subject = kNoSymbol;
  Period one_per = Period::None;
  std::vector<Symbol> opened_by{}, reopened_by{};  // Forms.
  Condition opens_when{};
  std::vector<Stage> stages{};
  std::vector<Exit> exits{};
  // Place of a stage, or the number of stages.
  std::size_t place_of(Symbol stage) const;
};

struct Duty {
  Symbol id = kNoSymbol;
  Label label{};
  Actor who{};
  Symbol each = kNoSymbol;
  Condition where{};
  PopulationAt population_at = PopulationAt::Now;
  Period period = Period::None;
  std::uint32_t every = 0;
  Value every_days{};
  Deadline opens{}, due{};
  Value at_least{};
  Condition counts_if{};
  Symbol distinct_by = kNoSymbol;
  struct By {
    Symbol form = kNoSymbol, stage = kNoSymbol, procedure = kNoSymbol, participant = kNoSymbol,
           statement = kNoSymbol;
  };
  std::vector<By> fulfilled_by{};
  struct Instead {
    Symbol form = kNoSymbol;
    std::uint32_t times = 1;
    bool on_different_days = false;
    Symbol confirmed_form = kNoSymbol;
    Condition confirmed_if{};
    Value confirmed_for{};  // A day of the period that is meant.
    Actor confirmed_by{};
  };
  std::vector<Instead> instead{};
  struct Share {
    Value of{}, at_least{};
    Symbol group = kNoSymbol;
    Rounding rounding = Rounding::Up;
    bool drawn = false;
  };
  std::optional<Share> share{};
  JudgedBy judged_by = JudgedBy::Received;
  std::vector<std::uint32_t> in_months{};
  std::optional<Month> from{};
};

struct Card {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol subject = kNoSymbol, population = kNoSymbol;
  Period period = Period::None;
  struct Item {
    Symbol id = kNoSymbol;
    Label label{};
    Value max{}, min{}, weight{};
    bool deducts = false;
    Condition when{};
    Symbol sum = kNoSymbol, ratio = kNoSymbol, entry = kNoSymbol, card = kNoSymbol,
           calculation = kNoSymbol, ranks_form = kNoSymbol, ranks_mean_over = kNoSymbol,
           once_per = kNoSymbol;
    std::vector<Symbol> duties{};
  };
  std::vector<Item> items{};
  struct RankBy {
    Symbol what = kNoSymbol;
    bool lowest_first = false;
  };
  std::vector<RankBy> rank_by{};
  bool show_ties = false;
  struct Grade {
    Symbol code = kNoSymbol;
    Label label{};
    Value top_share{}, top{}, bottom{};
    Condition when{};
  };
  std::vector<Grade> grades{};
  struct Override {
    Condition when{};
    Symbol place = kNoSymbol;
    Value score{};
  };
  std::vector<Override> overrides{};
  Scope scope = Scope::County;
};

enum class Level : std::uint8_t { Info, Reminder, Urgent, Breach };
struct Warning {
  Symbol id = kNoSymbol;
  Label label{};
  Symbol each = kNoSymbol;
  Condition when{};
  struct Step {
    Deadline deadline{};
    std::uint32_t days = 0;
    Level level = Level::Reminder;
    std::vector<Actor> tell{};
  };
  std::vector<Step> steps{};
  Symbol offer = kNoSymbol;  // A form.
  std::vector<Value> show{};
  std::vector<std::string> rules{};
};

struct Report {
  Symbol id = kNoSymbol;
  Label label{};
  Layout layout = Layout::List;
  Symbol rows = kNoSymbol;
  Condition where{};
  struct Column {
    Label title{};
    Value value{};
    std::string format{};
  };
  std::vector<Column> columns{}, header{};
  std::vector<Symbol> group_by{}, sort{}, of{}, signers{};
  std::string note{};
  bool mask = false;
  Period period = Period::None;
  std::vector<Actor> readers{};
};

// One version of one programme's definition.
struct Definition {
  Symbol programme = kNoSymbol;
  Label label{};
  std::string prefix{}, document{};
  std::uint32_t version = 0;
  Date effective_from{};
  std::vector<Codes> codes{};
  std::vector<SubjectType> subjects{};
  std::vector<Relation> relations{};
  std::vector<Fact> facts{};
  std::vector<Parameter> parameters{};
  std::vector<NamedDay> named_days{};
  std::vector<Aggregate> aggregates{};
  std::vector<Ratio> ratios{};
  std::vector<Table> tables{};
  std::vector<Calculation> calculations{};
  std::vector<Form> forms{};
  std::vector<Procedure> procedures{};
  std::vector<Duty> duties{};
  std::vector<Card> cards{};
  std::vector<Warning> warnings{};
  std::vector<Report> reports{};
  struct Move {
    Symbol procedure = kNoSymbol, from = kNoSymbol, to = kNoSymbol;
  };
  std::vector<Move> moves{};
};
}  // namespace cunji::programme
