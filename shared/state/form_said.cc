#include "shared/state/form_said.h"

#include <algorithm>

namespace cunji::state {
Val FormSaid::answer(Symbol field) const {
  const auto found = std::find_if(answers.begin(), answers.end(),
                                  [&](const FieldAnswer& each) { return each.field == field; });
  return found == answers.end() ? Val{} : found->val;
}

static Acting compact(const event::Actor& said, Values& values) {
  return {.role = values.words.of(said.role),
          .office = values.words.of(said.office),
          .person =
              said.person.is_zero() ? kNoNumber : values.subjects.of(SubjectId{said.person.bytes})};
}

static void add(const event::Answer& answer, Values& values, std::vector<FieldAnswer>& out) {
  const Symbol field = values.words.of(answer.field);
  const auto same = std::find_if(out.begin(), out.end(),
                                 [&](const FieldAnswer& each) { return each.field == field; });
  if (same == out.end()) {
    out.push_back({field, values.of(answer.value)});
  } else {
    same->val = values.of(answer.value);  // Said twice in one breath: the last word counts.
  }
}

FormSaid compact(const event::Part& part, Values& values) {
  const event::PartFrame& frame = part.frame;
  FormSaid out{.medium = frame.medium};
  if (frame.acted_by) out.acted_by = compact(*frame.acted_by, values);
  for (const event::Actor& who : frame.participants)
    out.participants.push_back(compact(who, values));
  const auto* said = std::get_if<event::AnswersPart>(&part.content);
  if (said == nullptr) return out;
  if (!frame.form.empty()) out.form = values.words.of(frame.programme + "." + frame.form);
  out.procedure = values.words.of(said->procedure);
  out.stage = values.words.of(said->stage);
  out.outcome = values.words.of(said->outcome);
  for (const std::string& stage : said->go) out.go.push_back(values.words.of(stage));
  out.notice = said->notice;
  if (!said->case_id.is_zero()) out.case_id = values.subjects.of(said->case_id);
  if (!said->list.is_zero()) out.list = values.subjects.of(said->list);
  out.last_step = said->last_step;
  out.answers.reserve(said->answers.size());
  for (const event::Answer& answer : said->answers) {
    if (answer.value.type != event::Value::Type::Rows) {
      add(answer, values, out.answers);
      continue;
    }
    RowAnswers& rows = out.rows.emplace_back();
    rows.field = values.words.of(answer.field);
    for (const auto& row : answer.value.rows) {
      std::vector<FieldAnswer>& made = rows.rows.emplace_back();
      for (const event::Answer& cell : row) add(cell, values, made);
    }
  }
  return out;
}

StatementSaid compact(const event::StatementPart& said, Values& values) {
  StatementSaid out{.of = values.words.of(said.of),
                    .period = values.words.of(said.period),
                    .valid_at = said.valid_at,
                    .log_size = said.log_size,
                    .supplement = said.supplement};
  for (const event::StatementPart::Row& row : said.rows)
    if (!row.subject.is_zero()) out.subjects.push_back(values.subjects.of(row.subject));
  return out;
}
}  // namespace cunji::state
