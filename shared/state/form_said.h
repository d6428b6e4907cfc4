#pragma once
// What a form's part said, as the fold keeps it.
#include <memory>
#include <optional>
#include <span>
#include <utility>
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

// Answers one after the other, a few bytes each: most of a form is small numbers.
class PackedAnswers {
 public:
  PackedAnswers() = default;
  explicit PackedAnswers(std::span<const FieldAnswer> answers);
  PackedAnswers(const PackedAnswers& other);
  PackedAnswers& operator=(const PackedAnswers& other);
  PackedAnswers(PackedAnswers&& other) noexcept
      : size_(std::exchange(other.size_, 0)), bytes_(std::move(other.bytes_)) {}
  PackedAnswers& operator=(PackedAnswers&& other) noexcept;
  ~PackedAnswers() = default;

  std::vector<FieldAnswer> all() const;
  // None where the field was not answered.
  Val find(Symbol field) const;

 private:
  std::uint32_t size_ = 0;
  std::unique_ptr<std::uint8_t[]> bytes_;
};

// What is seldom said beside the answers.
struct FormMore {
  Symbol procedure = kNoSymbol, stage = kNoSymbol;  // Of a step without a form.
  Symbol outcome = kNoSymbol;
  std::vector<Symbol> go{};
  event::NoticeAct notice = event::NoticeAct::None;
  event::Medium medium = event::Medium::Direct;
  std::uint32_t case_id = kNoNumber, list = kNoNumber;
  std::optional<Digest> last_step{};
  std::optional<Acting> acted_by{};  // Nothing: the recorder.
  std::vector<Acting> participants{};
  std::vector<RowAnswers> rows{};

  bool says_nothing() const;
};

struct FormSaid {
  Symbol form = kNoSymbol;  // "monitoring.alert"; none: a step of a case.
  PackedAnswers answers{};  // One of a field.

  const FormMore& more() const { return more_ == nullptr ? nothing() : *more_; }
  void set_more(FormMore more) {
    more_ = more.says_nothing() ? nullptr : std::make_shared<const FormMore>(std::move(more));
  }
  // None where the field was not answered.
  Val answer(Symbol field) const { return answers.find(field); }

 private:
  static const FormMore& nothing();
  std::shared_ptr<const FormMore> more_{};  // Null for nearly all; shared by copies of a state.
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
