#include "shared/state/form_said.h"

#include <algorithm>
#include <utility>

namespace cunji::state {
namespace {
// Seven bits a byte, the lowest first; a set eighth says that more follow.
void put(std::vector<std::uint8_t>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}
std::uint64_t take(const std::uint8_t*& at) {
  std::uint64_t out = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint8_t byte = *at++;
    out |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return out;
  }
}
// The sign last, so that what is near to 0 is short.
std::uint64_t folded(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~bits << 1 | 1 : bits << 1;
}
std::int64_t unfolded(std::uint64_t value) {
  return static_cast<std::int64_t>((value & 1) != 0 ? ~(value >> 1) : value >> 1);
}
FieldAnswer take_answer(const std::uint8_t*& at) {
  FieldAnswer out{.field = static_cast<Symbol>(take(at))};
  out.val.kind = static_cast<Val::Kind>(*at++);
  out.val.number = unfolded(take(at));
  return out;
}
std::unique_ptr<std::uint8_t[]> copy_of(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return nullptr;
  auto out = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(bytes, size, out.get());
  return out;
}
}  // namespace

PackedAnswers::PackedAnswers(std::span<const FieldAnswer> answers) {
  std::vector<std::uint8_t> out;
  out.reserve(answers.size() * 8);
  for (const FieldAnswer& each : answers) {
    put(out, each.field);
    out.push_back(static_cast<std::uint8_t>(each.val.kind));
    put(out, folded(each.val.number));
  }
  size_ = static_cast<std::uint32_t>(out.size());
  bytes_ = copy_of(out.data(), out.size());
}

PackedAnswers::PackedAnswers(const PackedAnswers& other)
    : size_(other.size_), bytes_(copy_of(other.bytes_.get(), other.size_)) {}

PackedAnswers& PackedAnswers::operator=(const PackedAnswers& other) {
  return *this = PackedAnswers(other);
}

PackedAnswers& PackedAnswers::operator=(PackedAnswers&& other) noexcept {
  size_ = std::exchange(other.size_, 0);
  bytes_ = std::move(other.bytes_);
  return *this;
}

std::vector<FieldAnswer> PackedAnswers::all() const {
  std::vector<FieldAnswer> out;
  for (const std::uint8_t* at = bytes_.get(); at != bytes_.get() + size_;)
    out.push_back(take_answer(at));
  return out;
}

Val PackedAnswers::find(Symbol field) const {
  for (const std::uint8_t* at = bytes_.get(); at != bytes_.get() + size_;) {
    const FieldAnswer each = take_answer(at);
    if (each.field == field) return each.val;
  }
  return {};
}

bool FormMore::says_nothing() const {
  return procedure == kNoSymbol && stage == kNoSymbol && outcome == kNoSymbol && go.empty() &&
         notice == event::NoticeAct::None && medium == event::Medium::Direct &&
         case_id == kNoNumber && list == kNoNumber && !last_step && !acted_by &&
         participants.empty() && rows.empty();
}

const FormMore& FormSaid::nothing() {
  static const FormMore kNothing;
  return kNothing;
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

static void compact(const event::AnswersPart& said, Values& values, FormMore& out) {
  out.procedure = values.words.of(said.procedure);
  out.stage = values.words.of(said.stage);
  out.outcome = values.words.of(said.outcome);
  for (const std::string& stage : said.go) out.go.push_back(values.words.of(stage));
  out.notice = said.notice;
  if (!said.case_id.is_zero()) out.case_id = values.subjects.of(said.case_id);
  if (!said.list.is_zero()) out.list = values.subjects.of(said.list);
  out.last_step = said.last_step;
}

static std::vector<FieldAnswer> compact(const std::vector<event::Answer>& said, Values& values,
                                        std::vector<RowAnswers>& rows) {
  std::vector<FieldAnswer> out;
  out.reserve(said.size());
  for (const event::Answer& answer : said) {
    if (answer.value.type != event::Value::Type::Rows) {
      add(answer, values, out);
      continue;
    }
    RowAnswers& made = rows.emplace_back();
    made.field = values.words.of(answer.field);
    for (const auto& row : answer.value.rows) {
      std::vector<FieldAnswer>& cells = made.rows.emplace_back();
      for (const event::Answer& cell : row) add(cell, values, cells);
    }
  }
  return out;
}

FormSaid compact(const event::Part& part, Values& values) {
  const event::PartFrame& frame = part.frame;
  FormSaid out;
  FormMore more{.medium = frame.medium};
  if (frame.acted_by) more.acted_by = compact(*frame.acted_by, values);
  for (const event::Actor& who : frame.participants)
    more.participants.push_back(compact(who, values));
  if (const auto* said = std::get_if<event::AnswersPart>(&part.content)) {
    if (!frame.form.empty()) out.form = values.words.of(frame.programme + "." + frame.form);
    compact(*said, values, more);
    out.answers = PackedAnswers(compact(said->answers, values, more.rows));
  }
  out.set_more(std::move(more));
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
