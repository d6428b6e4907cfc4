#include "server/app/register.h"

#include <nlohmann/json.hpp>

#include "shared/event/parts.h"
#include "shared/state/register.h"

namespace cunji::server {
using Json = nlohmann::json;
using event::Value;

// A household's facts fill a few hundred bytes.
static constexpr std::size_t kLineBytesMax = 65'536;

static Error bad(const std::string& what) { return {Errc::Malformed, what}; }

// The text under `key`; empty when absent.
static Result<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return bad(std::string("\"") + key + "\" must be a text");
  return found->get<std::string>();
}

static Result<SubjectId> id_of(const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != SubjectId::kSize) return bad("an id has 32 hexadecimal digits");
  return SubjectId::from(*bytes);
}

static Result<std::vector<std::string>> codes_of(const Json& array) {
  std::vector<std::string> out;
  if (!array.is_array()) return bad("\"codes\" must be a list of texts");
  for (const Json& code : array) {
    if (!code.is_string()) return bad("\"codes\" must be a list of texts");
    out.push_back(code.get<std::string>());
  }
  return out;
}

static Result<Value> place_of(const Json& object) {
  const auto number = [&](const char* key) -> std::int64_t {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
  };
  return event::place_value({.latitude_e7 = static_cast<std::int32_t>(number("latitude_e7")),
                             .longitude_e7 = static_cast<std::int32_t>(number("longitude_e7")),
                             .accuracy_m = static_cast<std::uint32_t>(number("accuracy_m")),
                             .mock_location = false});
}

// {"code": "…"}, {"codes": […]}, {"date": "…"}, {"subject": "…"} or {"place": {…}}.
static Result<Value> typed_value_of(const Json& object) {
  if (object.size() != 1) return bad("a typed value has exactly one type");
  const std::string type = object.begin().key();
  const Json& value = object.begin().value();
  if (type == "codes") {
    TRY_AS(codes, codes_of(value));
    return event::codes_value(codes);
  }
  if (type == "place" && value.is_object()) return place_of(value);
  if (!value.is_string()) return bad("a value of type \"" + type + "\" can't be read");
  const std::string text = value.get<std::string>();
  if (type == "code") return event::code_value(text);
  if (type == "date") {
    TRY_AS(date, parse_date(text));
    return event::date_value(date);
  }
  if (type == "subject") {
    TRY_AS(id, id_of(text));
    return event::subject_value(id);
  }
  return bad("no value type \"" + type + "\"");
}

static Result<Value> value_of(const Json& json) {
  if (json.is_string()) return event::text_value(json.get<std::string>());
  if (json.is_number_integer()) return event::integer_value(json.get<std::int64_t>());
  if (json.is_boolean()) return event::yes_value(json.get<bool>());
  if (json.is_object()) return typed_value_of(json);
  return bad("a value is a text, a whole number, true, false, or {\"type\": …}");
}

// Unspecified: of a type that definitions know, named in the part's `subject_type`.
static Result<event::SubjectType> type_named(const std::string& name) {
  if (name == "office") return event::SubjectType::Unspecified;
  if (name == "division") return event::SubjectType::Division;
  if (name == "household") return event::SubjectType::Household;
  if (name == "person") return event::SubjectType::Person;
  return bad("no subject type \"" + name + "\": division, household, person, office");
}

static Result<Bytes> registration_of(const Json& line, const std::string& type_name) {
  event::RegistrationPart out;
  TRY_AS(type, type_named(type_name));
  out.type = type;
  if (type == event::SubjectType::Unspecified) out.subject_type = type_name;
  const auto create = line.find("create");
  if (create != line.end() && !create->is_boolean()) return bad("\"create\" is true or false");
  out.create = create == line.end() || create->get<bool>();
  TRY_AS(source, text_of(line, "source"));
  out.source = source.empty() ? "import" : source;
  const auto facts = line.find("facts");
  if (facts != line.end() && !facts->is_object()) return bad("\"facts\" must be an object");
  if (facts != line.end()) {
    for (const auto& [name, json] : facts->items()) {
      const auto value = value_of(json);
      if (!value) return bad("fact \"" + name + "\": " + value.error().what);
      // "name@period" for a fact that recurs.
      const std::size_t at = name.find('@');
      out.facts.push_back({.name = name.substr(0, at),
                           .key = at == std::string::npos ? "" : name.substr(at + 1),
                           .value = *value});
    }
  }
  return event::encode_part(out, {.programme = "register",
                                  .form = type_name,
                                  .form_version = 1,
                                  .subject = {},
                                  .occurred = std::nullopt,
                                  .acted_by = std::nullopt,
                                  .participants = {},
                                  .medium = event::Medium::Import});
}

static Result<Bytes> assignment_of(const Json& line, const std::string& relation,
                                   const DivisionCode& division, SubjectId& subject) {
  event::AssignmentPart out;
  out.relation = relation;
  TRY_AS(from_text, text_of(line, "from"));
  TRY_AS(from, id_of(from_text));
  out.from = from;
  TRY_AS(to_text, text_of(line, "to"));
  if (to_text.empty()) {
    out.division = division;
  } else {
    TRY_AS(to, id_of(to_text));
    out.to = to;
  }
  TRY_AS(since_text, text_of(line, "since"));
  TRY_AS(since, parse_date(since_text));
  out.since = since;
  TRY_AS(until_text, text_of(line, "until"));
  if (!until_text.empty()) {
    TRY_AS(until, parse_date(until_text));
    out.until = until;
  }
  subject = to_text.empty() ? out.from : out.to;
  return event::encode_part(out, {.programme = "register",
                                  .form = "assignment",
                                  .form_version = 1,
                                  .subject = {},
                                  .occurred = std::nullopt,
                                  .acted_by = std::nullopt,
                                  .participants = {},
                                  .medium = event::Medium::Import});
}

Result<event::Draft> draft_of_line(const std::string& line, CountyCode county, Entropy& entropy,
                                   TimePoint now) {
  if (line.size() > kLineBytesMax) return Error{Errc::Limit, "the line is too long"};
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return bad("the line is no JSON object");
  TRY_AS(division_text, text_of(json, "division"));
  TRY_AS(division, DivisionCode::parse(division_text));
  if (!county.contains(division))
    return bad("division " + division.str() + " is not in the county");
  TRY_AS(type, text_of(json, "register"));
  TRY_AS(relation, text_of(json, "assign"));
  if (type.empty() == relation.empty())
    return bad("a line has either \"register\" (a subject type) or \"assign\" (a relation)");
  event::Draft out{.division = division,
                   .subject = {},
                   .kind = event::Kind::Registration,
                   .recorded = now,
                   .parts = {}};
  if (!relation.empty()) {
    out.kind = event::Kind::Assignment;
    TRY_AS(part, assignment_of(json, relation, division, out.subject));
    out.parts.push_back(part);
    return out;
  }
  TRY_AS(id_text, text_of(json, "id"));
  // A division is one subject, whoever registers it.
  out.subject = type == "division" ? state::subject_of(division) : entropy.next<SubjectId>();
  if (!id_text.empty()) {
    TRY_AS(id, id_of(id_text));
    out.subject = id;
  }
  TRY_AS(part, registration_of(json, type));
  out.parts.push_back(part);
  return out;
}

static Error at_line(std::uint64_t number, const Error& error) {
  return {error.code, "line " + std::to_string(number) + ": " + error.what};
}

Result<RegisterResult> register_lines(
    Desk& desk, const crypto::KeyPair& registrar, std::istream& in, Entropy& entropy, TimePoint now,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::uint64_t total = 0;
  for (std::string line; std::getline(in, line);) {
    ++total;
    if (line.empty()) continue;
    const auto draft = draft_of_line(line, desk.county().code, entropy, now);
    if (!draft) return at_line(total, draft.error());
  }
  in.clear();
  in.seekg(0);
  RegisterResult out;
  std::vector<event::Draft> drafts;
  const auto submit = [&]() -> Result<void> {
    const auto outcomes = desk.submit(registrar, drafts, now);
    if (!outcomes) return at_line(out.lines, outcomes.error());
    for (const sync::EventOutcome& outcome : *outcomes) {
      if (!event::is_accepted(outcome.verdict)) ++out.disputed;
    }
    drafts.clear();
    progress(out.lines, total);
    return {};
  };
  for (std::string line; std::getline(in, line);) {
    ++out.lines;
    if (line.empty()) continue;
    const auto draft = draft_of_line(line, desk.county().code, entropy, now);
    if (!draft) return at_line(out.lines, draft.error());
    drafts.push_back(*draft);
    if (drafts.size() == Desk::kSubmitMax) TRY(submit());
  }
  if (!drafts.empty()) TRY(submit());
  TRY(desk.publish());
  return out;
}
}  // namespace cunji::server
