#pragma once
// Values as the fold keeps them: sixteen bytes each, words and longer things by number. Numbers
// mean something only beside the Values that gave them, and nothing is ordered by them where it
// shows.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/symbols.h"
#include "shared/event/parts.h"
#include "shared/state/digest_writer.h"
#include "shared/state/numbering.h"

namespace cunji::state {
struct Val {
  enum class Kind : std::uint8_t { None, Text, Integer, Yes, Code, Date, Subject, Codes, Place };
  Kind kind = Kind::None;
  // The integer; 1 for yes; a word; days since 1970; a subject's number; a place's number in a
  // list, or below 0 the place itself (point_val).
  std::int64_t number = 0;

  bool is_set() const { return kind != Kind::None; }
  Symbol word() const { return static_cast<Symbol>(number); }
  bool operator==(const Val&) const = default;
};
inline Val integer_val(std::int64_t number) { return {Val::Kind::Integer, number}; }
inline Val yes_val(bool yes) { return {Val::Kind::Yes, yes ? 1 : 0}; }
inline Val code_val(Symbol code) { return {Val::Kind::Code, code}; }
inline Val subject_val(std::uint32_t subject) { return {Val::Kind::Subject, subject}; }
inline Val date_val(Date date) {
  return {Val::Kind::Date, std::chrono::sys_days{date}.time_since_epoch().count()};
}
// A place that nobody said, but that was worked out: without accuracy.
Val point_val(const event::Place& place);
inline Date date_in(const Val& val) {
  return Date{std::chrono::sys_days{std::chrono::days{val.number}}};
}

class Values {
 public:
  Values();  // Knows the register's visit and attempt (occurrences.h).
  Symbols words;
  Numbering<SubjectId> subjects;

  Val of(const event::Value& value);  // Rows: none.
  event::Value value_of(const Val& val) const;
  Val codes(std::vector<Symbol> codes);  // In any order; doubles are one.
  // The words of a set, in the order of their numbers; of a code or text, itself.
  std::vector<Symbol> codes_in(const Val& val) const;
  bool has_code(const Val& val, Symbol code) const;
  std::optional<event::Place> place_in(const Val& val) const;  // Nothing where it is none.
  void write(const Val& val, DigestWriter& out) const;

  // A form in two bytes; 0, which is no form, once there are too many.
  std::uint16_t form_number(Symbol form);
  std::uint16_t form_number_of(Symbol form) const;  // 0 for one that has none.
  Symbol form(std::uint16_t number) const { return forms_[number]; }

 private:
  friend struct SnapshotAccess;
  std::vector<std::vector<Symbol>> sets_;
  std::map<std::vector<Symbol>, std::uint32_t> set_numbers_;
  std::vector<event::Place> places_;
  std::vector<Symbol> forms_;
  std::map<Symbol, std::uint16_t> form_numbers_;
};
}  // namespace cunji::state
