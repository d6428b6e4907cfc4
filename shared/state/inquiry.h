#pragma once
// What definitions make of the state on a day: facts with what they are derived from, cases,
// duties, warnings. A look at a State that lives longer; every answer is worked out anew.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/programme/model.h"
#include "shared/state/state.h"

namespace cunji::state {
// Whom a definition names: whoever fits all that is set (audience.h).
struct Whom {
  std::string role{}, office{}, level{}, relation{};
};

// A fact as it is on the day, or as a table or calculation makes it.
struct FactNow {
  std::string name, key;
  programme::Label label;
  event::Value value;
  bool derived = false;
  Date since{};        // The day since which it has been so.
  std::string reason;  // Of a table: which row.
  programme::Label reason_label;
  programme::Type type = programme::Type::None;
  std::string unit{};
  std::vector<programme::Label> codes{};  // Of the value's codes, in their order.
  std::optional<std::uint64_t> index{};   // Of the event that said so since then.
};

struct StageView {
  std::string stage;
  programme::Label label;
  std::uint32_t round = 0;
  TimePoint arrived{};
  std::optional<TimePoint> reached{};  // When it happened, or was received.
  std::string outcome;
  std::optional<Date> due{};
  // Days after the later of due day and arrival (S4), and how late the case came here.
  std::int64_t late_own = 0, late_inherited = 0;
  bool withdrawn = false;  // The case was sent back behind it.
  std::vector<Whom> by{};  // Who may take it; of `each_of`, the offices that have not answered.
};
struct ListedView {
  std::uint64_t index = 0;  // Of the event.
  std::uint32_t part = 0;
  std::string stage, why;  // "not_allowed", "blocked" …
  std::string rule;
  programme::Label label;  // What people read.
};
struct CaseView {
  SubjectId id, subject, root;
  DivisionCode division{};  // Of cases_in(): where the root is; zeros where nothing says it.
  std::string procedure;
  programme::Label label;
  TimePoint opened{};
  std::optional<TimePoint> closed{};
  std::string exit;
  std::vector<StageView> stages;  // In the order in which the case came to them.
  std::vector<ListedView> listed;
};

// How one subject stands in a period of a duty.
struct DutyNow {
  std::string duty;
  programme::Label label;
  SubjectId subject;
  DivisionCode division;  // To which it counts in this period.
  DutyStatus status = DutyStatus::Missing;
  TimeClass time_class = TimeClass::ClaimedInTime;
  std::int64_t counted = 0, needed = 1;
  std::optional<TimePoint> done_at{};  // Effective, of what fulfilled it, came late or is in doubt.
  bool received = true;                // False: own event, not yet at the county.
  std::optional<Date> due{};
  Whom who{};
};

// How many households of a duty stand in which way.
struct DutyTally {
  std::uint32_t households = 0, done = 0, late = 0, missing = 0, open = 0, contradicted = 0;
  std::uint32_t done_claimed =
      0;  // Of `done`: claimed, not proven in time. Counts remoteness only.
};
DutyTally tally_of(std::span<const DutyNow> lines);

// A warning that holds on the day, at the last of its steps that applies.
struct WarningNow {
  std::string id;  // "MON-W01".
  programme::Label label;
  std::vector<std::string> rules;
  SubjectId subject;
  DivisionCode division;
  Date since{};  // The condition has held since then.
  programme::Level level = programme::Level::Reminder;
  Date level_since{};
  std::vector<Whom> tell;
  std::string offer;              // A form that a person may sign.
  bool cannot_be_judged = false;  // A parameter has no value: for whoever sets it.
};

// One line of a score card.
struct ScoreNow {
  SubjectId subject;
  DivisionCode division;
  struct Item {
    std::string id;
    programme::Label label;
    std::optional<std::int64_t> points{};  // 0.01 point; nothing: cannot be judged.
  };
  std::vector<Item> items;
  std::int64_t total = 0;
  std::uint32_t rank = 0;  // Equal ones share it.
  bool tied = false, border = false;
  std::string grade;
  programme::Label grade_label;
};
struct LinkView {
  SubjectId from, to;
  Date since{};
  std::optional<Date> until{};
};
// An aggregate, or a ratio by its terms: `over` is 0 for an aggregate.
struct NumberNow {
  std::int64_t of = 0, over = 0;
};
// A link by which one has more of a relation than its definition allows.
struct OverLimitView {
  std::string relation;
  LinkView link;
  std::uint64_t index = 0;  // Of the event that made it: the later one in the log.
};

// What a subject is, and where.
struct SubjectView {
  std::string type;  // "household", "lead"; empty where nothing registered it.
  programme::Label label;
  std::string name;                      // A person's, office's or division's; or empty.
  std::optional<SubjectId> household{};  // That it is, or lies under.
  std::optional<DivisionCode> division{};
};

// A visit to a household, or an attempt.
struct VisitView {
  TimePoint occurred{};
  event::VisitOutcome outcome = event::VisitOutcome::Unspecified;
  bool check_in = false;     // Presence alone.
  std::string role, office;  // Of whoever recorded it.
  DivisionCode division;
  std::optional<std::uint64_t> index{};  // Nothing: own event, not yet at the county.
  bool contradicted = false;             // It can't have been then.
};

// Something that a derived fact rests on: another fact, or what a count, parameter or case is.
struct Ground {
  std::string what;
  programme::Label label;
  std::optional<FactNow> fact{};
  std::string value{};  // Where it is no fact of the subject; empty: missing.
};

// A programme's definition that is in force.
struct DefinitionView {
  std::string programme;
  programme::Label label;
  std::uint32_t version = 0;
  Date effective_from{};
};

// What people are told where kMonthlyVisit is not declared.
inline constexpr std::string_view kNoMonthlyVisitZh =
    "该月没有已公布且生效的方案规定每月入户走访，名单为空";
inline constexpr std::string_view kNoMonthlyVisitEn =
    "no programme with the duty monthly_visit is published yet for that month: the list is empty";

class World;

class Inquiry {
 public:
  // At the end of the day `on`.
  Inquiry(const State& state, Date on) : state_(state), on_(on) {}
  Date on() const { return on_; }
  World world() const;  // For what else this folder makes of a State.

  // A division as a subject: as it registered itself, else by its code.
  SubjectId division_subject(const DivisionCode& division) const;
  // Nothing for a fact that is not declared, or has no value.
  std::optional<FactNow> fact(const SubjectId& subject, const std::string& name) const;
  // All that have a value: those of the subject's type that are declared, by name, then key.
  std::vector<FactNow> facts(const SubjectId& subject) const;
  // What a derived fact of the subject rests on; empty for one that was said.
  std::vector<Ground> grounds(const SubjectId& subject, const std::string& fact) const;
  // Of what lies under the subject, in the order in which they were opened.
  std::vector<CaseView> cases(const SubjectId& subject) const;
  // An aggregate or a ratio of the subject; nothing where it can't be said.
  std::optional<NumberNow> number(const SubjectId& subject, const std::string& name) const;
  // Of everything in divisions of the prefix; what is in none counts to the county.
  std::vector<CaseView> cases_in(std::string_view prefix) const;
  // Parts about the subject that opened nothing or belong to no case, with the reason.
  std::vector<ListedView> listed(const SubjectId& subject) const;
  // Of all subjects under this one, or itself; `duty`: one of them, else all.
  std::vector<DutyNow> duties(const SubjectId& under, const std::string& duty = {}) const;
  // How a duty of households stands for a month, which may be over on the inquiry's day or still to
  // come: of all who count to divisions of the prefix, by code, then id. By the definition in force
  // on that day, or on the month's day nearest to it; empty where none declares the duty then.
  std::vector<DutyNow> duty_of_month(std::string_view prefix, std::string_view duty,
                                     Month month) const;
  bool is_declared(std::string_view duty, Month month) const;  // Likewise.
  // Of all subjects under this one, itself among them; by division, id, subject.
  std::vector<WarningNow> warnings(const SubjectId& under) const;
  // A score card's whole population, the first first; empty for a card that is not declared.
  std::vector<ScoreNow> scores(const std::string& card) const;
  // A relation's links of the subject, at either end, that are in force.
  std::vector<LinkView> links(const SubjectId& subject, const std::string& relation) const;
  // Links in force that take a relation over a limit, by relation. What forms would add beyond it
  // has no effect and is listed with its case or subject; these a desk has set itself.
  std::vector<OverLimitView> over_limits() const;
  // Of a household, the newest last, up to the day.
  std::vector<VisitView> visits(const SubjectId& household) const;
  SubjectView about(const SubjectId& subject) const;
  // Whether `whom` names the holder of a role in an office, as credentials or definitions write it.
  bool is_for(const Whom& whom, const std::string& role, const std::string& office) const;
  // A code of a list in force; nothing where there is none.
  std::optional<programme::Label> code(const std::string& list, const std::string& code) const;
  // In force on the day, by programme; and what they declare, by id.
  std::vector<DefinitionView> definitions() const;
  std::vector<std::string> duty_ids() const;
  std::vector<std::string> procedure_ids() const;
  std::vector<std::string> form_ids() const;
  // Definitions without effect: "definition 17: lead: no fact …".
  std::vector<std::string> refused_definitions() const;

 private:
  const State& state_;
  Date on_;
};
}  // namespace cunji::state
