#pragma once
// What definitions make of the state on a day: facts with what they are derived from, cases,
// duties, warnings. A look at a State that lives longer; every answer is worked out anew.
#include <optional>
#include <string>
#include <vector>

#include "shared/programme/model.h"
#include "shared/state/state.h"

namespace cunji::state {
// A fact as it is on the day, or as a table or calculation makes it.
struct FactNow {
  std::string name, key;
  programme::Label label;
  event::Value value;
  bool derived = false;
  Date since{};        // The day since which it has been so.
  std::string reason;  // Of a table: which row.
  programme::Label reason_label;
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
  std::string procedure;
  programme::Label label;
  TimePoint opened{};
  std::optional<TimePoint> closed{};
  std::string exit;
  std::vector<StageView> stages;  // In the order in which the case came to them.
  std::vector<ListedView> listed;
};

class Inquiry {
 public:
  // At the end of the day `on`.
  Inquiry(const State& state, Date on) : state_(state), on_(on) {}

  // Nothing for a fact that is not declared, or has no value.
  std::optional<FactNow> fact(const SubjectId& subject, const std::string& name) const;
  // All that have a value: those of the subject's type that are declared, by name, then key.
  std::vector<FactNow> facts(const SubjectId& subject) const;
  // Of what lies under the subject, in the order in which they were opened.
  std::vector<CaseView> cases(const SubjectId& subject) const;
  // Parts about the subject that opened nothing or belong to no case, with the reason.
  std::vector<ListedView> listed(const SubjectId& subject) const;
  // Definitions without effect: "definition 17: lead: no fact …".
  std::vector<std::string> refused_definitions() const;

 private:
  const State& state_;
  Date on_;
};
}  // namespace cunji::state
