#pragma once
// What a form asks of whoever fills it in, and what is wrong with it so far, by what a State holds
// on a day. Programs show it and ask; every rule is judged here (form_rules.h), so that terminal
// and page refuse the same, before anything is signed. Pure: no terminal, clock, store or socket.
#include <optional>
#include <string>
#include <vector>

#include "shared/programme/model.h"
#include "shared/state/inquiry.h"
#include "shared/state/state.h"

namespace cunji::state {
// Who fills it in, as his credential says.
struct Recorder {
  std::string role{}, office{};
  SubjectId person{};  // Zero: not known.
};

// One part as far as it is filled in.
struct Filled {
  std::string form{};  // "monitoring.sector_alert".
  SubjectId subject{};
  std::vector<event::Answer> answers{};
  SubjectId case_id{};                     // Zero: found by the subject.
  std::optional<event::Actor> acted_by{};  // Nothing: the recorder.
  std::vector<event::Actor> participants{};
  std::vector<std::string> evidence{};  // Kinds at hand: "photo", "household_signature".
  // What the household refused: "signature", "photo" (register.visit). It excuses that evidence.
  std::vector<std::string> refused{};

  const event::Value* answer(const std::string& field) const;  // Null: not answered.
  // One answer a field; nothing takes it away.
  void answer(const std::string& field, std::optional<event::Value> value);
};

// A code, with what people read.
struct Choice {
  std::string code{};
  programme::Label label{};
};

// A field as it stands with the answers so far.
struct FieldNow {
  std::string key{};
  programme::Label label{};
  programme::Type type = programme::Type::None;
  std::string unit{}, subject_type{};
  // Of CODE and CODE_SET; of SUBJECT those that come into question, by id.
  std::vector<Choice> choices{};
  bool other_codes = false;  // There may be others.
  bool visible = true, required = false, mask = false;
  bool frozen = false;       // Signed with what is known (GEN-18): `prefill`, where there is one.
  programme::Label range{};  // "0 to 5", for people; empty: none.
  std::optional<event::Value> prefill{};
  std::optional<event::Value> last{};  // What this form said of this subject the last time.
  std::vector<FieldNow> row{};         // ROWS: its columns.
};

struct FormNow {
  std::string id{};
  programme::Label label{};
  event::Kind kind = event::Kind::Visit;
  std::uint32_t version = 0;
  std::string subject_type{};
  bool creates = false;
  std::vector<Whom> recorders{};
  // The roles and offices that may take part; others stand under them ("village_role").
  std::vector<Choice> participants{};
  std::vector<Choice> evidence{};  // GEN-14: the kinds that it must come with, and no others.
  std::vector<FieldNow> fields{};
  std::optional<Date> last_on{};  // When this form was last answered about the subject.
};

// What is wrong. Names the field and says what is allowed.
struct Fault {
  enum class Kind : std::uint8_t {
    NoForm,
    NotAllowed,
    Subject,
    Unknown,
    Type,
    TooLong,
    Code,
    Invisible,
    Frozen,
    Range,
    Check,
    Required,
    Evidence,
    SecondOfPeriod
  };
  Kind kind = Kind::Unknown;
  std::string field{};       // "amount", "items.2.code" from 1; empty: the form as a whole.
  programme::Label label{};  // The field's.
  programme::Label what{};
  std::string rule{};
  // BLOCK: it can't be recorded. REASON: not without the answer `reason`. WARN: shown, no more.
  programme::Force force = programme::Force::Block;
  bool stops() const { return force != programme::Force::Warn; }
};
std::string_view name_of(Fault::Kind kind);  // "range".

// A part that is due in a house: by a form's own condition, a case that waits for it, or a duty.
struct PartDue {
  enum class Why : std::uint8_t { Case, Form, Duty };
  Why why = Why::Form;
  std::string form{};
  programme::Label label{};
  SubjectId subject{};
  SubjectId case_id{};         // Of a case about that very subject; else zero.
  programme::Label because{};  // The case's stage, or the duty.
  std::optional<Date> due{};
};

class FormDesk {
 public:
  struct Look;  // form_look.h; only for this class's own code.
  // Looks at `state` each time it is asked; it must outlive the desk. Words of answers are taken up
  // in its tables of words, which no inquiry and no digest depends on: not while another thread
  // reads.
  FormDesk(const State& state, Date on, Recorder recorder);
  FormDesk(State&&, Date, Recorder) = delete;

  // Forms that this person may record, by id: of somebody with a relation to the subject, too.
  std::vector<FormNow> forms() const;
  // `name` in full, or what follows the dot where only one programme has it; nothing where there is
  // none in force, or several.
  std::optional<std::string> form_named(const std::string& name) const;
  // The form as it stands; without fields' choices nothing can be asked. Nothing: not in force.
  std::optional<FormNow> look(const Filled& filled) const;
  // Everything that is wrong, the form as a whole first, then in the order of the fields.
  std::vector<Fault> faults(const Filled& filled) const;
  // Answers what the definition answers beforehand, field by field, where nothing was said.
  void prefill(Filled& filled) const;
  // The answers of the last time for all that is asked and not answered yet: nothing has changed.
  // False where this form never said anything of the subject.
  bool repeat(Filled& filled) const;
  // Parts of a visit to the house that are due and that this person may record, cases first.
  std::vector<PartDue> due_at(const SubjectId& household) const;

 private:
  const State& state_;
  Date on_;
  Recorder recorder_;
};

// The visit that answers to register.visit or register.visit_attempt speak of: what stands in the
// event's first part (protocol/README.md, "Visits"). Nothing while `outcome` is not answered.
std::optional<event::VisitPart> visit_of(const Filled& filled);
bool is_visit_form(const std::string& form);
}  // namespace cunji::state
