#pragma once
// What a form's part said, as the fold keeps it.
#include <optional>
#include <vector>

#include "shared/event/parts.h"
#include "shared/state/values.h"

namespace cunji::state {
struct FieldAnswer {
  Symbol field = kNoSymbol;
  Val val{};
};
struct RowAnswers {
  Symbol field = kNoSymbol;
  std::vector<std::vector<FieldAnswer>> rows{};
};
struct Acting {
  Symbol role = kNoSymbol, office = kNoSymbol;
  std::uint32_t person = kNoNumber;
  bool operator==(const Acting&) const = default;
};

struct FormSaid {
  Symbol form = kNoSymbol;                          // "monitoring.alert"; none: a step of a case.
  Symbol procedure = kNoSymbol, stage = kNoSymbol;  // Of such a step.
  Symbol outcome = kNoSymbol;
  std::vector<Symbol> go{};
  event::NoticeAct notice = event::NoticeAct::None;
  event::Medium medium = event::Medium::Direct;
  std::uint32_t case_id = kNoNumber, list = kNoNumber;
  std::optional<Digest> last_step{};
  std::optional<Acting> acted_by{};  // Nothing: the recorder.
  std::vector<Acting> participants{};
  std::vector<FieldAnswer> answers{};  // One of a field.
  std::vector<RowAnswers> rows{};

  // None where the field was not answered.
  Val answer(Symbol field) const;
};

// A list, report or score that an office signed and sent.
struct StatementSaid {
  Symbol of = kNoSymbol, period = kNoSymbol;
  Date valid_at{};
  std::uint64_t log_size = 0;
  std::uint32_t supplement = 0;
  std::vector<std::uint32_t> subjects{};  // Of its rows.
};

// `part` has AnswersPart or VisitPart as content, of which the frame counts.
FormSaid compact(const event::Part& part, Values& values);
StatementSaid compact(const event::StatementPart& said, Values& values);
}  // namespace cunji::state
