#include "shared/state/values.h"

#include <algorithm>

namespace cunji::state {
using Kind = Val::Kind;

Values::Values() {
  for (const char* form : {"", "register.visit", "register.visit_attempt"})
    form_number(words.of(form));
}

std::uint16_t Values::form_number_of(Symbol form) const {
  const auto known = form_numbers_.find(form);
  return known == form_numbers_.end() ? 0 : known->second;
}

Val Values::codes(std::vector<Symbol> codes) {
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  const auto [known, added] = set_numbers_.emplace(codes, static_cast<std::uint32_t>(sets_.size()));
  if (added) sets_.push_back(std::move(codes));
  return {Kind::Codes, known->second};
}

Val Values::of(const event::Value& value) {
  using Type = event::Value::Type;
  switch (value.type) {
    case Type::Text: return {Kind::Text, words.of(value.text)};
    case Type::Integer: return integer_val(value.integer);
    case Type::Yes: return yes_val(value.yes);
    case Type::Code: return code_val(words.of(value.text));
    case Type::Date: return date_val(parse_date(value.text).value());  // Read as a date before.
    case Type::Subject: return subject_val(subjects.of(value.subject));
    case Type::Codes: {
      std::vector<Symbol> set;
      for (const std::string& code : value.codes) set.push_back(words.of(code));
      return codes(std::move(set));
    }
    case Type::Place:
      places_.push_back(value.place);
      return {Kind::Place, static_cast<std::int64_t>(places_.size() - 1)};
    case Type::Rows: break;
  }
  return {};
}

event::Value Values::value_of(const Val& val) const {
  switch (val.kind) {
    case Kind::None: return {};
    case Kind::Text: return event::text_value(words.word(val.word()));
    case Kind::Integer: return event::integer_value(val.number);
    case Kind::Yes: return event::yes_value(val.number != 0);
    case Kind::Code: return event::code_value(words.word(val.word()));
    case Kind::Date: return event::date_value(date_in(val));
    case Kind::Subject:
      return event::subject_value(subjects[static_cast<std::uint32_t>(val.number)]);
    case Kind::Codes: {
      std::vector<std::string> codes;
      for (const Symbol code : codes_in(val)) codes.push_back(words.word(code));
      std::sort(codes.begin(), codes.end());
      return event::codes_value(std::move(codes));
    }
    case Kind::Place: return event::place_value(*place_in(val));
  }
  return {};
}

std::vector<Symbol> Values::codes_in(const Val& val) const {
  if (val.kind == Kind::Codes) return sets_[static_cast<std::size_t>(val.number)];
  if (val.kind == Kind::Code || val.kind == Kind::Text) return {val.word()};
  return {};
}

bool Values::has_code(const Val& val, Symbol code) const {
  if (val.kind == Kind::Code || val.kind == Kind::Text) return val.word() == code;
  if (val.kind != Kind::Codes) return false;
  const std::vector<Symbol>& set = sets_[static_cast<std::size_t>(val.number)];
  return std::binary_search(set.begin(), set.end(), code);
}

// Sign, 31 bits of latitude and 32 of longitude, each from its least value.
static constexpr std::int64_t kLatitudeMax = 900'000'000, kLongitudeMax = 1'800'000'000;

Val point_val(const event::Place& place) {
  const std::int64_t point =
      (place.latitude_e7 + kLatitudeMax) << 32 | (place.longitude_e7 + kLongitudeMax);
  return {Kind::Place, -1 - point};
}

std::optional<event::Place> Values::place_in(const Val& val) const {
  if (val.kind != Kind::Place) return std::nullopt;
  if (val.number >= 0) return places_[static_cast<std::size_t>(val.number)];
  const std::int64_t point = -1 - val.number;
  return event::Place{
      .latitude_e7 = static_cast<std::int32_t>((point >> 32) - kLatitudeMax),
      .longitude_e7 = static_cast<std::int32_t>((point & 0xffff'ffff) - kLongitudeMax)};
}

void Values::write(const Val& val, DigestWriter& out) const {
  out.u64(static_cast<std::uint64_t>(val.kind));
  switch (val.kind) {
    case Kind::None: return;
    case Kind::Text:
    case Kind::Code: out.text(words.word(val.word())); return;
    case Kind::Integer:
    case Kind::Yes:
    case Kind::Date: out.u64(static_cast<std::uint64_t>(val.number)); return;
    case Kind::Subject: out.text(subjects[static_cast<std::uint32_t>(val.number)].view()); return;
    case Kind::Codes: {
      const event::Value value = value_of(val);
      out.u64(value.codes.size());
      for (const std::string& code : value.codes) out.text(code);
      return;
    }
    case Kind::Place: {
      const event::Place place = *place_in(val);
      out.u64(static_cast<std::uint64_t>(place.latitude_e7));
      out.u64(static_cast<std::uint64_t>(place.longitude_e7));
      out.u64(place.accuracy_m).flag(place.mock_location);
      return;
    }
  }
}

std::uint16_t Values::form_number(Symbol form) {
  const auto known = form_numbers_.find(form);
  if (known != form_numbers_.end()) return known->second;
  // Whoever makes names up fills the list; definitions have some hundreds of forms.
  if (forms_.size() > UINT16_MAX) return 0;
  const auto number = static_cast<std::uint16_t>(forms_.size());
  forms_.push_back(form);
  form_numbers_.emplace(form, number);
  return number;
}
}  // namespace cunji::state
