#pragma once
// Reads values and judges conditions of definitions in what the fold holds (README.md, "Judging").
// Pure; nothing is kept. Every answer is for the end of a day, or a moment, and may be limited to
// what stood in the log before a place.
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "shared/programme/calculation.h"
#include "shared/state/cases.h"
#include "shared/state/events.h"
#include "shared/state/rules.h"

namespace cunji::state {
// No and Yes are certain. Missing: something was never said. Unset: a parameter has no value (S8).
enum class Truth : std::uint8_t { No, Yes, Missing, Unset };

// Of what, for when, and as far as the log was known.
struct At {
  std::uint32_t subject = kNoNumber;
  Date day{};
  When until{};                     // What happened at it or after it does not count.
  std::uint32_t known = kNoNumber;  // Nor what stands in the log at this place or after it.
  const FormSaid* form = nullptr;   // Whose fields may be read,
  const std::vector<FieldAnswer>* row = nullptr;  // and of which of its rows.
  const Occurrence* visit = nullptr;              // Whose outcome is a field too.
  const CaseRun* run = nullptr;                   // The case at hand,
  std::optional<Date> arrived{};                  // and when it came to the stage at hand.
  const programme::Procedure* procedure = nullptr;
  int depth = 0;  // Derived facts that rest on each other.

  static At end_of_day(std::uint32_t subject, Date day) {
    return {.subject = subject, .day = day, .until = end_of(day)};
  }
};

struct DayWatch {
  Date day{};
  std::optional<Date> otherwise{};  // Nothing: never.
  // It rests on what lies under a division, of which any day may be one on which something turned.
  bool wide = false;
};

class Tallies;

class World {
 public:
  using Calculations = std::span<const programme::NamedCalculation>;
  World(const Events& events, const Rules& rules, const Cases& cases, Calculations calculations)
      : events_(events), rules_(rules), cases_(cases), calculations_(calculations) {}
  const Events& events() const { return events_; }
  const Register& facts() const { return events_.facts(); }
  const Values& values() const { return events_.facts().values(); }
  const Cases& cases() const { return cases_; }
  const programme::Catalogue& catalogue(Date on) const { return rules_.at(on); }

  // While a root's cases are run, these are what it has; of other roots it is noted whose facts,
  // relations or cases were looked at.
  void set_running(std::uint32_t root, const std::vector<const CaseRun*>* runs,
                   RunGrounds* grounds) {
    running_root_ = root;
    running_ = runs;
    grounds_ = grounds;
  }
  void note(std::uint32_t subject) const {
    if (is_elsewhere(subject)) grounds_->read.insert(subject);
  }
  // Anything under it may have been looked at,
  void note_whole(std::uint32_t subject) const {
    if (watch_ != nullptr && facts().division_of(subject)) watch_->wide = true;
    note_within(subject);
  }
  // of which it is known when it turns.
  void note_within(std::uint32_t subject) const {
    if (grounds_ == nullptr || subject == kNoNumber) return;
    note(subject);
    grounds_->whole.insert(subject);
  }
  // Something was looked at of which nobody says when it changes.
  void note_unknown() const {
    if (grounds_ != nullptr) grounds_->known = false;
  }
  // While something is judged for a day, the first day after it on which it may be otherwise by the
  // passing of time alone. What was said, or happened, for a later day is turns.h's.
  void set_watch(DayWatch* watch) { watch_ = watch; }
  void note_day(Date otherwise) const {
    if (watch_ == nullptr) return;
    const Date day = std::max(otherwise, next_day(watch_->day));
    if (!watch_->otherwise || day < *watch_->otherwise) watch_->otherwise = day;
  }
  void note_next_day() const {
    if (watch_ != nullptr) note_day(next_day(watch_->day));
  }
  void note_period(programme::Period period, Date in) const;  // It may be when that is over.
  // Where given, what is counted under divisions is read there instead, on days up to its own.
  void set_tallies(Tallies* tallies) { tallies_ = tallies; }
  bool has_tallies() const { return tallies_ != nullptr; }
  std::vector<const CaseRun*> runs_of(std::uint32_t root) const;

  // Built-in types by level, others as registered.
  Symbol type_of(std::uint32_t subject) const;
  // What the subject belongs to on the day; kNoNumber at the top, or where nothing says it.
  std::uint32_t parent_of(std::uint32_t subject, Date on) const;
  // The subject itself or what it belongs to, of that type; of a spell, the newest one under it.
  std::uint32_t owner_of(Symbol type, std::uint32_t subject, const At& at) const;
  // Where the subject is on the day.
  std::optional<DivisionCode> division_of(std::uint32_t subject, Date on) const;
  // Whether under(above, type of the subject) has it, or it is that itself.
  bool lies_under(std::uint32_t subject, std::uint32_t above, Date on) const;
  // Subjects of a type that belong to this one by one or more steps, by id.
  std::vector<std::uint32_t> under(std::uint32_t subject, Symbol type, Date on) const;

  struct Got {
    Val val;
    bool unset = false;  // It rests on a parameter without a value.
  };
  Got read(const programme::Value& value, const At& at) const;
  Truth holds(const programme::Condition& condition, const At& at) const;
  // A value against the ends of a bound.
  Truth compare(const programme::Value& value, const programme::Bound& bound, const At& at) const;
  // A fact of the very subject.
  Got fact(const programme::Fact& fact, std::uint32_t subject, const At& at, Symbol key = kNoSymbol,
           Symbol source = kNoSymbol) const;
  // The day that a deadline names; nothing where it can't be said.
  std::optional<Date> day_of(const programme::Deadline& deadline, const At& at) const;
  // The first that applies of several.
  std::optional<Date> due(std::span<const programme::Deadline> deadlines, const At& at) const;

  // What a ratio is made of: compared by cross-multiplication (GEN-05). Nothing for an unknown one.
  struct Terms {
    std::int64_t plus = 0, over = 0;
    bool unset = false;
  };
  std::optional<Terms> terms(Symbol ratio, const At& at) const;
  // What a household, with what lies under it, adds to an aggregate that counts under divisions, at
  // the end of a day, and where it counts.
  struct Share {
    std::optional<DivisionCode> division{};
    std::int64_t count = 0;
    bool unset = false;
    bool operator==(const Share&) const = default;
  };
  Share share_of(const programme::Aggregate& aggregate, std::uint32_t household, Date day) const;
  // All subjects of a type, by id; divisions by level too.
  std::vector<std::uint32_t> all_of(Symbol type) const;

  // The row of a table that gives a fact its code.
  struct Derived {
    Symbol value = kNoSymbol, reason = kNoSymbol;
    const programme::Label* label = nullptr;  // The reason, for people; null for `otherwise`.
  };
  Derived judge(const programme::Table& table, const At& at) const;

  // Where `via` leads: a relation's other ends, what a field or fact names, what it belongs to, or
  // what lies under it.
  std::vector<std::uint32_t> go(Symbol via, const At& at) const;

 private:
  Got read_from(const programme::Value& value, const At& at) const;
  std::uint32_t spell_of(Symbol type, std::uint32_t parent, const At& at) const;
  Got parameter(Symbol key, const std::vector<programme::Value>& keys, const At& at) const;
  Got aggregate(Symbol id, const At& at) const;
  // An aggregate's period: of it counts what is `from` on and before `there.until`.
  struct Counting {
    At there;
    When from{};
    bool in_time = false;
    Date population{};  // When whoever is counted is there.
  };
  Counting counting(const programme::Aggregate& aggregate, const At& at) const;
  Got count(const programme::Aggregate& aggregate, Counting by,
            const std::vector<std::uint32_t>& population) const;
  std::optional<Got> kept_count(const programme::Aggregate& aggregate, std::uint32_t unit,
                                const At& at) const;
  Got ratio(Symbol id, const At& at) const;
  Got calculate(const programme::Calculation& calculation, Symbol fact, const At& at) const;
  std::vector<programme::Visited> visits_for(const programme::Calculation& calculation,
                                             const At& at) const;
  std::vector<programme::DutyMonth> months_for(const programme::Calculation& calculation,
                                               const At& at) const;
  Truth is_in(const programme::Condition& condition, const At& at) const;
  Truth duty_is(const programme::Condition& condition, const At& at) const;
  bool cannot_meet(const CaseRun& run, std::size_t stage, const At& at) const;
  Truth related(const programme::Condition& condition, const At& at) const;
  Truth case_is(const programme::Condition& condition, const At& at) const;
  std::optional<Date> stage_day(const programme::Value& value, const At& at) const;
  std::optional<Date> named_day(Symbol id, const At& at) const;
  std::optional<Date> in_period(const programme::Deadline& deadline, const At& at) const;
  bool is_known(const FactVersion& version, const At& at) const {
    return version.when.place < at.known;
  }

  const Events& events_;
  const Rules& rules_;
  const Cases& cases_;
  Calculations calculations_;
  std::uint32_t running_root_ = kNoNumber;
  const std::vector<const CaseRun*>* running_ = nullptr;  // Null: as the cases have it.
  // While cases are run, and of a subject of another root.
  bool is_elsewhere(std::uint32_t subject) const {
    return grounds_ != nullptr && subject != kNoNumber &&
           root_of(facts(), subject) != running_root_;
  }
  RunGrounds* grounds_ = nullptr;
  DayWatch* watch_ = nullptr;
  Tallies* tallies_ = nullptr;
};
}  // namespace cunji::state
