#pragma once
// What a snapshot holds, by columns: a column is one block to write. Only snapshot.cc includes
// this.
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/state/form_said.h"
#include "shared/state/register.h"

namespace cunji::state {
// A date or a time that may be missing.
inline constexpr std::int64_t kNone = INT64_MIN;
inline std::int64_t millis_of(TimePoint time) { return time.time_since_epoch().count(); }
inline TimePoint time_of(std::int64_t millis) { return TimePoint{Duration{millis}}; }
inline std::int64_t number_of(Date date) {  // Of any date, the impossible ones too.
  return int{date.year()} * std::int64_t{65'536} + unsigned{date.month()} * 256 +
         unsigned{date.day()};
}
inline Date date_of(std::int64_t number) {
  const auto low = static_cast<unsigned>(number & 0xffff);
  return std::chrono::year{static_cast<int>(number >> 16)} / static_cast<int>(low >> 8) /
         static_cast<int>(low & 0xff);
}

// A snapshot whose content makes no sense: caught where it is read.
[[noreturn]] void fail_snapshot(const char* what);

struct SavedAssignment {
  Symbol relation = kNoSymbol;
  std::uint32_t from = 0, to = 0;
  std::int64_t since = 0, until = kNone;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(relation, from, to, since, until);
  }
};
struct SavedStatement {
  Symbol of = kNoSymbol, period = kNoSymbol;
  std::int64_t valid_at = 0;
  std::uint64_t log_size = 0;
  std::uint32_t supplement = 0;
  std::vector<std::uint32_t> subjects;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(of, period, valid_at, log_size, supplement, subjects);
  }
};
struct SavedForm {
  Symbol form = kNoSymbol;
  FormMore more{};
  std::vector<FieldAnswer> answers{};
};
// What all numbers of the columns below stand for.
struct ValueColumns {
  std::vector<std::string> words;
  std::vector<SubjectId> subjects;
  std::vector<std::vector<Symbol>> sets;
  std::vector<event::Place> places;
  std::vector<Symbol> forms;
  std::map<std::uint32_t, DivisionCode> divisions;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(words, subjects, sets, places, forms, divisions);
  }
};
struct SavedNaming {
  std::vector<Digest> events;
  std::uint32_t part = 0;
  std::optional<event::EndorsementPurpose> purpose;
  bool receipt = false;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(events, part, purpose, receipt);
  }
};

// The events by columns: a column is one block to write. What can be worked out again is left out:
// tables, register, visits, effective times.
struct EventColumns {
  std::vector<DivisionCode> divisions;
  Bytes digests;
  std::vector<std::uint64_t> index, sequence;
  std::vector<std::uint32_t> author, division;
  std::vector<std::uint16_t> kind, verdict;
  std::vector<std::int64_t> recorded, lower, upper;
  std::vector<std::uint8_t> flags, parts;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(divisions, digests, index, sequence, author, division, kind, verdict, recorded, lower,
            upper, flags, parts);
  }
};
inline constexpr std::uint8_t kWithdrawn = 1, kInEffect = 2, kConfirmed = 4;
inline constexpr std::uint8_t kApplied = 1, kHasContent = 2;  // Of parts.

// Contents are in lists of their own, each in the order of the parts.
struct PartColumns {
  std::vector<std::uint32_t> subject;
  std::vector<std::uint8_t> number, form, content, outcome, flags;
  std::vector<std::int64_t> occurred;
  std::vector<Registered> registrations;
  std::vector<SavedAssignment> assignments;
  std::vector<SavedNaming> namings;
  std::vector<SavedForm> forms;
  std::vector<SavedStatement> statements;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(subject, number, form, content, outcome, flags, occurred, registrations, assignments,
            namings, forms, statements);
  }
};

inline SavedAssignment saved(const Assigned& seat) {
  return {.relation = seat.relation,
          .from = seat.from,
          .to = seat.to,
          .since = number_of(seat.since),
          .until = seat.until ? number_of(*seat.until) : kNone};
}
inline Assigned assigned(const SavedAssignment& saved) {
  Assigned out{.relation = saved.relation,
               .from = saved.from,
               .to = saved.to,
               .since = date_of(saved.since)};
  if (saved.until != kNone) out.until = date_of(saved.until);
  return out;
}
inline SavedStatement saved(const StatementSaid& said) {
  return {said.of,       said.period,     number_of(said.valid_at),
          said.log_size, said.supplement, said.subjects};
}
inline StatementSaid statement(SavedStatement& saved) {
  return {saved.of,       saved.period,     date_of(saved.valid_at),
          saved.log_size, saved.supplement, std::move(saved.subjects)};
}

inline SavedForm saved(const FormSaid& said) {
  return {said.form, said.more(), said.answers.all()};
}
inline FormSaid form_said(SavedForm& saved) {
  FormSaid out;
  out.form = saved.form;
  out.answers = PackedAnswers(saved.answers);
  out.set_more(std::move(saved.more));
  return out;
}

// Numbers in a snapshot must stand for something: it has a digest, but who wrote it may be wrong.
struct Bounds {
  std::size_t words = 0, subjects = 0, sets = 0, places = 0;

  void word(Symbol number) const {
    if (number >= words) fail_snapshot("an unknown word");
  }
  void subject(std::uint32_t number) const {
    if (number != kNoNumber && number >= subjects) fail_snapshot("an unknown subject");
  }
  void val(const Val& val) const {
    const auto below = [&](std::size_t size) {
      if (val.number < 0 || static_cast<std::uint64_t>(val.number) >= size)
        fail_snapshot("a wrong value");
    };
    switch (val.kind) {
      case Val::Kind::Text:
      case Val::Kind::Code: return below(words);
      case Val::Kind::Subject: return below(subjects);
      case Val::Kind::Codes: return below(sets);
      case Val::Kind::Place: return below(places);
      case Val::Kind::None:
      case Val::Kind::Integer:
      case Val::Kind::Yes:
      case Val::Kind::Date: return;
    }
    fail_snapshot("a value of no kind");
  }
  void actor(const Acting& who) const {
    word(who.role);
    word(who.office);
    subject(who.person);
  }
  void answers(const std::vector<FieldAnswer>& list) const {
    for (const FieldAnswer& each : list) {
      word(each.field);
      val(each.val);
    }
  }
  void check(const Registered& said) const {
    word(said.type);
    word(said.source);
    subject(said.parent);
    for (const Registered::Fact& fact : said.facts) {
      word(fact.name);
      word(fact.key);
      val(fact.val);
    }
  }
  void check(const SavedForm& said) const {
    const FormMore& more = said.more;
    for (const Symbol each : {said.form, more.procedure, more.stage, more.outcome}) word(each);
    for (const Symbol each : more.go) word(each);
    subject(more.case_id);
    subject(more.list);
    if (more.acted_by) actor(*more.acted_by);
    for (const Acting& each : more.participants) actor(each);
    answers(said.answers);
    for (const RowAnswers& each : more.rows) {
      word(each.field);
      for (const auto& row : each.rows) answers(row);
    }
  }
};
}  // namespace cunji::state
