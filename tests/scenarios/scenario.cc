#include "tests/scenarios/scenario.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "protocol/definition.pb.h"
#include "shared/programme/load.h"
#include "shared/programme/text.h"
#include "shared/programmes/all.h"
#include "shared/state/cases.h"

namespace cunji::scenarios {
using namespace testing_support;
namespace pg = programme;

const Definitions& Definitions::shipped() {
  static const Definitions kShipped = [] {
    Definitions out;
    std::vector<pg::TextDefinition> texts;
    for (const char* name : {"register", "village_coordinators", "monitoring"}) {
      const std::string path =
          std::string(CUNJI_SOURCE_DIR "/shared/programmes/") + name + "/definition.txtpb";
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      texts.push_back(pg::TextDefinition::parse(path, text.str()).value());
      out.encoded[name] = texts.back().encoded();
    }
    std::vector<BytesView> encoded;
    for (const pg::TextDefinition& text : texts) encoded.push_back(text.encoded());
    pg::Loaded loaded = pg::load(encoded, out.words);
    for (const pg::Problem& problem : loaded.problems)
      throw std::runtime_error(texts[problem.definition].describe(problem));
    out.catalogue = std::make_shared<const pg::Catalogue>(std::move(loaded.definitions), out.words);
    return out;
  }();
  return kShipped;
}

static TimePoint time_at(const std::string& text) {
  if (text.size() == 10) return local(text + "T09:00");
  return parse_time(text).value();
}

Scenario::Scenario(std::vector<std::string> lines, std::size_t order)
    : lines_(std::move(lines)),
      order_(order),
      definitions_(Definitions::shipped()),
      state_(programmes::all_calculations()) {
  divisions_["county"] = the_county().division();
  desk_ = &log_.desk("register desk");
}

std::vector<std::string> Scenario::run() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::string& line = lines_[i];
    if (line.starts_with("  | ") || line == "  |") continue;  // Expected before.
    out.push_back(line);
    const Words words(line);
    if (words.plain.empty()) continue;
    try {
      if (words.at(0) == "show") {
        for (const std::string& shown : show(words)) out.push_back("  | " + shown);
      } else {
        step(words);
      }
    } catch (const std::exception& e) {
      throw std::runtime_error("line " + std::to_string(i + 1) + ": " + e.what());
    }
  }
  return out;
}

void Scenario::step(const Words& words) {
  const std::string& first = words.at(0);
  if (first == "now") {
    log_.set_now(time_at(words.at(1)));
  } else if (first == "use") {
    std::ifstream file(CUNJI_SOURCE_DIR "/tests/scenarios/" + words.at(1) + ".setup");
    if (!file) throw std::runtime_error("no setup " + words.at(1));
    for (std::string line; std::getline(file, line);) {
      const Words there(line);
      if (!there.plain.empty()) step(there);
    }
  } else if (first == "for") {
    repeats(words);
  } else if (first == "publish") {
    publish(words);
  } else if (first == "actor") {
    actor(words);
  } else if (first == "place") {
    place(words);
  } else if (first == "household" || first == "person" || first == "office") {
    registers(words);
  } else if (first == "link") {
    link(words);
  } else if (first == "offline") {
    offline_[words.at(1)];
  } else if (first == "send") {
    send(words);
  } else if (first == "call") {
    events_[words.at(1)] = last_;
  } else if (first == "erase") {
    erase(words);
  } else if (words.at(1) == "says") {
    says(words);
  } else if (words.at(1) == "visits") {
    visits(words);
  } else if (words.at(1) == "steps") {
    steps(words);
  } else if (words.at(1) == "states") {
    states(words);
  } else if (words.at(1) == "files") {
    files(words);
  } else if (words.at(1) == "corrects") {
    corrects(words);
  } else {
    throw std::runtime_error("what is \"" + first + " " + words.at(1) + "\"?");
  }
}

// for FIRST..LAST LINE: the line for each number, which stands where {} is.
void Scenario::repeats(const Words& words) {
  const std::string& range = words.at(1);
  const auto dots = range.find("..");
  const int last = std::stoi(range.substr(dots + 2));
  for (int n = std::stoi(range.substr(0, dots)); n <= last; ++n) {
    std::string line = words.line.substr(words.line.find(range) + range.size() + 1);
    for (auto at = line.find("{}"); at != std::string::npos; at = line.find("{}"))
      line.replace(at, 2, std::to_string(n));
    step(Words(line));
  }
}

// publish PROGRAMME … [version=N from=DATE PARAMETER=NUMBER …]
void Scenario::publish(const Words& words) {
  Says said{.kind = Kind::Definition, .division = the_county().division()};
  for (std::size_t i = 1; i < words.plain.size(); ++i) {
    definition::Definition changed;
    if (!changed.ParseFromString(definitions_.encoded.at(words.at(i))))
      throw std::runtime_error("no definition");
    for (const auto& [name, text] : words.named) {
      if (name == "version") changed.set_version(static_cast<std::uint32_t>(std::stoul(text)));
      if (name == "from") changed.set_effective_from(text);
      for (auto& parameter : *changed.mutable_parameter())
        if (parameter.key() == name) parameter.set_value(std::stoll(text));
    }
    said.parts.push_back(event::encode_part(event::DefinitionPart{changed.SerializeAsString()}));
  }
  log_.say(log_.root(), said);
}

// actor NAME ROLE [office=…] [in=ALIAS]
void Scenario::actor(const Words& words) {
  const std::string& name = words.at(1);
  Signer& signer = log_.signer(name);
  const std::string in = words.get("in", "county");
  const DivisionCode division = divisions_.at(in);
  std::string prefix = division.str();
  while (prefix.size() > 6 && prefix.ends_with("000")) prefix.resize(prefix.size() - 3);
  event::CredentialPart said = log_.credential_for(signer, {prefix});
  said.role = words.at(2);
  said.office = words.get("office");
  said.valid_to = local("2031-12-31T23:59");
  said.kinds = {1, 2, 3, 4, 16, 17, 32, 33, 34, 35, 36, 48, 49, 50};
  said.person = PersonId{subject(name).bytes};
  log_.issue(log_.root(), said);
  actors_[name] = &signer;
}

// place ALIAS CODE [name=…]
void Scenario::place(const Words& words) {
  const DivisionCode code = DivisionCode::parse(words.at(2)).value();
  divisions_[words.at(1)] = code;
  subjects_[words.at(1)] = state::subject_of(code);
  where_[state::subject_of(code)] = code;
  event::RegistrationPart said{.type = event::SubjectType::Division, .create = true};
  said.facts.push_back({"name", "", event::text_value(words.get("name", words.at(1)))});
  said.facts.push_back({"level", "", event::code_value(std::string(state::level_of(code)))});
  if (state::level_of(code) != "county")
    said.facts.push_back({std::string(state::level_of(code)) + "_name", "",
                          event::text_value(words.get("name", words.at(1)))});
  for (const auto& [name, text] : words.named)
    if (name != "name") said.facts.push_back(fact(name, text));
  log_.say(*desk_, {.kind = Kind::Registration,
                    .division = code,
                    .subject = state::subject_of(code),
                    .parts = {event::encode_part(said, {.programme = "register"})}});
}

// household ALIAS in=PLACE fact=value …; person ALIAS in=HOUSEHOLD fact=value …
void Scenario::registers(const Words& words) {
  const std::string& alias = words.at(1);
  const SubjectId id = subject(alias);
  event::RegistrationPart said{.create = true, .source = "import"};
  const std::string in = words.get("in", "county");
  if (words.at(0) == "household") {
    said.type = event::SubjectType::Household;
    where_[id] = divisions_.at(in);
  } else {
    if (words.at(0) == "person") {
      said.type = event::SubjectType::Person;
    } else {
      said.subject_type = words.at(0);
    }
    where_[id] = where_.contains(subject(in)) ? where_.at(subject(in)) : divisions_.at("county");
  }
  for (const auto& [name, text] : words.named)
    if (name != "in" && name != "since") said.facts.push_back(fact(name, text));
  log_.say(*desk_, {.kind = Kind::Registration,
                    .division = where_.at(id),
                    .subject = id,
                    .parts = {event::encode_part(said, {.programme = "register"})}});
  if (words.at(0) != "person" || !where_.contains(subject(in))) return;
  log_.say(*desk_, {.kind = Kind::Assignment,
                    .division = where_.at(id),
                    .parts = {event::encode_part(event::AssignmentPart{
                        .relation = "member_of",
                        .from = id,
                        .to = subject(in),
                        .since = parse_date(words.get("since", "2022-01-01")).value()})}});
}

// link RELATION FROM TO since=DATE [until=DATE]
void Scenario::link(const Words& words) {
  event::AssignmentPart said{.relation = words.at(1),
                             .from = subject(words.at(2)),
                             .since = parse_date(words.get("since", "2022-01-01")).value()};
  if (divisions_.contains(words.at(3))) {
    said.division = divisions_.at(words.at(3));
  } else {
    said.to = subject(words.at(3));
  }
  if (const std::string until = words.get("until"); !until.empty())
    said.until = parse_date(until).value();
  const DivisionCode division = said.division ? *said.division : where(said.to);
  log_.say(*desk_,
           {.kind = Kind::Assignment, .division = division, .parts = {event::encode_part(said)}});
}

// send NAME …; send any NAME …: in each order, and the end must be the same.
void Scenario::send(const Words& words) {
  std::vector<std::string> names(words.plain.begin() + 1, words.plain.end());
  if (!names.empty() && names.front() == "any") {
    names.erase(names.begin());
    std::sort(names.begin(), names.end());
    // The order's number in a mixed base: this line's part is what the lines before left over.
    std::size_t mine = order_ / orders_;
    for (std::size_t n = 2; n <= names.size(); ++n) orders_ *= n;
    std::vector<std::string> in_order;
    while (!names.empty()) {
      const auto next = names.begin() + static_cast<std::ptrdiff_t>(mine % names.size());
      mine /= names.size();
      in_order.push_back(*next);
      names.erase(next);
    }
    names = std::move(in_order);
  }
  for (const std::string& name : names) {
    for (const event::Event& event : offline_.at(name)) log_.log(event);
    offline_.erase(name);
  }
}

DivisionCode Scenario::where(const SubjectId& subject) const {
  const auto known = where_.find(subject);
  return known == where_.end() ? divisions_.at("county") : known->second;
}

SubjectId Scenario::subject(const std::string& alias) {
  const auto known = subjects_.find(alias);
  if (known != subjects_.end()) return known->second;
  const SubjectId out = testing_support::subject(alias);
  subjects_[alias] = out;
  return out;
}

std::string Scenario::name_of(const SubjectId& id) {
  for (const auto& [alias, subject] : subjects_)
    if (subject == id) return alias;
  return to_hex(id.view()).substr(0, 8);
}

const pg::Form& Scenario::form_named(const std::string& name) const {
  const pg::Form* form = definitions_.catalogue->forms.find(definitions_.words.find(name));
  if (form == nullptr) throw std::runtime_error("no form " + name);
  return *form;
}

event::Fact Scenario::fact(const std::string& name, const std::string& text) {
  const pg::Fact* fact = definitions_.catalogue->facts.find(definitions_.words.find(name));
  if (fact == nullptr) throw std::runtime_error("no fact " + name);
  return {name, "", value(fact->type, text)};
}

event::Value Scenario::value(pg::Type type, const std::string& text) {
  const auto number = [&](int decimals) {
    const auto point = text.find('.');
    std::string digits = text.substr(0, point);
    std::string rest = point == std::string::npos ? "" : text.substr(point + 1);
    rest.resize(static_cast<std::size_t>(decimals), '0');
    return event::integer_value(std::stoll(digits + rest));
  };
  switch (type) {
    case pg::Type::YesNo: return event::yes_value(text == "yes");
    case pg::Type::Integer:
    case pg::Type::BasisPoints:
    case pg::Type::Length: return number(0);
    case pg::Type::Money:
    case pg::Type::Points:
    case pg::Type::Area: return number(2);
    case pg::Type::Date: return event::date_value(parse_date(text).value());
    case pg::Type::Code: return event::code_value(text);
    case pg::Type::Subject:
      if (divisions_.contains(text))
        return event::subject_value(state::subject_of(divisions_[text]));
      return event::subject_value(subject(text));
    case pg::Type::CodeSet: {
      std::vector<std::string> codes;
      std::stringstream in(text);
      for (std::string code; std::getline(in, code, ',');) codes.push_back(code);
      return event::codes_value(std::move(codes));
    }
    case pg::Type::Place: {  // Ten-millionths of degrees, and metres.
      event::Place place;
      char comma = 0;
      std::stringstream in(text);
      in >> place.latitude_e7 >> comma >> place.longitude_e7 >> comma >> place.accuracy_m;
      if (!in) throw std::runtime_error("no place " + text);
      return event::place_value(place);
    }
    default: return event::text_value(text);
  }
}

event::Value Scenario::value(const pg::Field* field, const std::string& text) {
  if (field == nullptr) throw std::runtime_error("no such field");
  if (field->type != pg::Type::Rows) return value(field->type, text);
  // row;row with key:value,key:value
  std::vector<std::vector<event::Answer>> rows;
  std::stringstream all(text);
  for (std::string row; std::getline(all, row, ';');) {
    auto& made = rows.emplace_back();
    std::stringstream cells(row);
    for (std::string cell; std::getline(cells, cell, ',');) {
      const auto colon = cell.find(':');
      const Symbol key = definitions_.words.find(cell.substr(0, colon));
      const auto column = std::find_if(field->row.begin(), field->row.end(),
                                       [&](const pg::Field& each) { return each.key == key; });
      if (column == field->row.end()) throw std::runtime_error("no column " + cell);
      made.push_back({cell.substr(0, colon), value(column->type, cell.substr(colon + 1))});
    }
  }
  return event::rows_value(std::move(rows));
}

event::PartFrame Scenario::frame(const Words& words, event::PartFrame out) const {
  if (const std::string happened = words.get("happened"); !happened.empty())
    out.occurred = time_at(happened);
  if (const std::string role = words.get("acted_by"); !role.empty())
    out.acted_by = event::Actor{.office = words.get("acted_office"), .role = role};
  return out;
}

void Scenario::commit(const std::string& who, event::Kind kind, const SubjectId& about,
                      std::vector<Bytes> parts, const Words& words) {
  Signer& signer = *actors_.at(who);
  last_part_ = static_cast<std::uint32_t>(parts.size());
  const std::string in = words.get("in");  // Of whose division it is, where not the subject's.
  Says said{.kind = kind,
            .division = in.empty() ? where(about) : divisions_.at(in),
            .subject = about,
            .parts = std::move(parts)};
  if (const std::string recorded = words.get("recorded"); !recorded.empty())
    said.recorded = time_at(recorded);
  const event::Event event = log_.sign(signer, said);
  last_ = event.signed_event.digest();
  if (const auto held = offline_.find(who); held != offline_.end()) {
    held->second.push_back(event);
  } else {
    log_.log(event);
  }
  // What the part makes or opens: "makes=ALIAS:TYPE", "opens=ALIAS:PROCEDURE".
  for (const auto& [name, text] : words.named) {
    const auto colon = text.find(':');
    if (name == "makes") {
      const SubjectId made = state::derived_id(last_, last_part_, text.substr(colon + 1));
      subjects_[text.substr(0, colon)] = made;
      where_[made] = said.division;
    }
    if (name == "opens")
      subjects_[text.substr(0, colon)] =
          state::derived_id(last_, last_part_, "case " + text.substr(colon + 1));
  }
}

static const std::vector<std::string> kReserved = {
    "happened", "recorded", "case",     "makes",        "opens", "outcome", "notice", "list",
    "after",    "goto",     "acted_by", "acted_office", "part",  "reason",  "in"};

// What a device would fill in by itself: days, words, other fields; facts where it has a network.
void Scenario::fill(const pg::Form& form, const Words& words, event::AnswersPart& answers) {
  const std::string happened = words.get("happened");
  const Date today = date_of(happened.empty() ? log_.now() : time_at(happened));
  const auto answered = [&](Symbol key) {
    return std::find_if(answers.answers.begin(), answers.answers.end(), [&](const auto& each) {
      return each.field == definitions_.words.word(key);
    });
  };
  for (const pg::Field& field : form.fields) {
    if (answered(field.key) != answers.answers.end()) continue;
    const std::string& key = definitions_.words.word(field.key);
    switch (field.prefill.from) {
      case pg::Value::From::Today:
        answers.answers.push_back({key, event::date_value(today)});
        break;
      case pg::Value::From::Text:
        answers.answers.push_back(
            {key, value(field.type, definitions_.words.word(field.prefill.id))});
        break;
      case pg::Value::From::Field:
        if (const auto other = answered(field.prefill.id); other != answers.answers.end())
          answers.answers.push_back({key, other->value});
        break;
      case pg::Value::From::Fact:
        if (offline_.contains(words.at(0))) break;
        if (const auto known = fact_now(subject(words.after("about")), field.prefill, today))
          answers.answers.push_back({key, *known});
        break;
      default: break;
    }
  }
}

// What a device with a network has of the subject's own facts.
std::optional<event::Value> Scenario::fact_now(const SubjectId& about, const pg::Value& value,
                                               Date today) {
  if (value.via != kNoSymbol || !value.at.empty()) return std::nullopt;
  const auto known = state::Inquiry(now(), today).fact(about, definitions_.words.word(value.id));
  return known ? std::optional(known->value) : std::nullopt;
}

// A form's answers from "field=value …".
std::pair<event::AnswersPart, event::PartFrame> Scenario::form_part(const std::string& name,
                                                                    const Words& words) {
  const pg::Form& form = form_named(name);
  const auto dot = name.find('.');
  event::AnswersPart answers;
  for (const auto& [key, text] : words.named) {
    const Symbol symbol = definitions_.words.find(key);
    const auto field = std::find_if(form.fields.begin(), form.fields.end(),
                                    [&](const pg::Field& each) { return each.key == symbol; });
    if (field != form.fields.end()) {
      answers.answers.push_back({key, value(&*field, text)});
    } else if (std::find(kReserved.begin(), kReserved.end(), key) == kReserved.end()) {
      throw std::runtime_error("no field " + key + " in " + name);
    }
  }
  fill(form, words, answers);
  if (const std::string id = words.get("case"); !id.empty()) answers.case_id = subject(id);
  // A form may have a field of that name.
  const std::string seen = words.get("after");
  if (events_.contains(seen)) answers.last_step = events_.at(seen);
  return {answers, frame(words, {.programme = name.substr(0, dot),
                                 .form = name.substr(dot + 1),
                                 .form_version = 1})};
}

// WHO says PROGRAMME.FORM about SUBJECT field=value …
void Scenario::says(const Words& words) {
  const std::string& form = words.at(2);
  const auto [answers, frame] = form_part(form, words);
  std::vector<Bytes> parts;
  // As on a device: the visit is a message of its own, and the form says the rest of it (D17).
  const auto outcome = event::visit_outcome_named(words.get("outcome"));
  if (form == "register.visit")
    parts.push_back(event::encode_part(event::VisitPart{.outcome = outcome.value()}, frame));
  if (form == "register.visit_attempt")
    parts.push_back(event::encode_part(event::CheckInPart{.outcome = outcome.value()}, frame));
  parts.push_back(event::encode_part(answers, frame));
  commit(words.at(0), form_named(form).kind, subject(words.after("about")), std::move(parts),
         words);
}

// WHO visits SUBJECT [outcome=met|nobody_home|…]
void Scenario::visits(const Words& words) {
  const auto outcome = event::visit_outcome_named(words.get("outcome", "met"));
  if (!outcome) throw std::runtime_error("no outcome " + words.get("outcome"));
  commit(words.at(0), Kind::Visit, subject(words.at(2)),
         {event::encode_part(event::VisitPart{.outcome = *outcome},
                             frame(words, {.programme = "register", .form = "visit"}))},
         words);
}

// WHO steps PROCEDURE.STAGE for SUBJECT [outcome=…] [notice=posted|…]
void Scenario::steps(const Words& words) {
  const std::string& name = words.at(2);
  const auto dot = name.find('.');
  event::AnswersPart answers{.procedure = name.substr(0, dot), .stage = name.substr(dot + 1)};
  answers.outcome = words.get("outcome");
  if (const std::string go = words.get("goto"); !go.empty()) answers.go.push_back(go);
  if (const std::string id = words.get("case"); !id.empty()) answers.case_id = subject(id);
  if (const std::string reason = words.get("reason"); !reason.empty())
    answers.answers.push_back({"reason", event::text_value(reason)});
  if (const std::string seen = words.get("after"); !seen.empty())
    answers.last_step = events_.at(seen);
  static const std::map<std::string, event::NoticeAct> kActs = {
      {"posted", event::NoticeAct::Posted},
      {"objection", event::NoticeAct::Objection},
      {"dismissed", event::NoticeAct::Dismissed},
      {"upheld", event::NoticeAct::Upheld},
      {"closed", event::NoticeAct::Closed}};
  if (const std::string act = words.get("notice"); !act.empty()) answers.notice = kActs.at(act);
  commit(words.at(0), Kind::Step, subject(words.after("for")),
         {event::encode_part(answers, frame(words))}, words);
}

// WHO states REPORT about SUBJECT listing SUBJECT …
void Scenario::states(const Words& words) {
  event::StatementPart said{.of = words.at(2),
                            .period = words.get("period"),
                            .valid_at = date_of(log_.now()),
                            .log_size = log_.size()};
  const auto listing = std::find(words.plain.begin(), words.plain.end(), "listing");
  for (auto it = listing; it != words.plain.end(); ++it)
    if (it != listing) said.rows.push_back({.subject = subject(*it), .cells = {}});
  commit(words.at(0), Kind::Step, subject(words.after("about")),
         {event::encode_part(said, frame(words))}, words);
}

// WHO corrects EVENT [part=N] [reason=…] [with PROGRAMME.FORM about SUBJECT field=value …]
void Scenario::corrects(const Words& words) {
  const Digest wrong = events_.at(words.at(2));
  SubjectId about{};
  std::vector<Bytes> parts{event::encode_part(
      event::CorrectionPart{.event = wrong,
                            .part = static_cast<std::uint32_t>(std::stoul(words.get("part", "0"))),
                            .reason = words.get("reason", "误录")})};
  for (const event::LoggedEvent& logged : log_.entries()) {
    if (logged.entry.event.digest() == wrong) about = logged.entry.event.header().subject;
  }
  if (const std::string form = words.after("with"); !form.empty()) {
    const auto [answers, frame] = form_part(form, words);
    parts.push_back(event::encode_part(answers, frame));
  }
  commit(words.at(0), Kind::Correction, about, std::move(parts), words);
}

// erase EVENT: all of its parts are deleted by law, here and now.
void Scenario::erase(const Words& words) {
  now();
  for (event::LoggedEvent& logged : entries_) {
    if (logged.entry.event.digest() != events_.at(words.at(1))) continue;
    if (!event::erase_parts(logged.body, event::PartSet().set()))
      throw std::runtime_error("nothing to erase");
    state_.erase(logged);
    return;
  }
  throw std::runtime_error("no such event");
}

std::vector<std::string> run(const std::vector<std::string>& lines) {
  Scenario first(lines);
  const std::vector<std::string> out = first.run();
  for (std::size_t order = 1; order < first.orders(); ++order) {
    const std::vector<std::string> other = Scenario(lines, order).run();
    for (std::size_t i = 0; i < out.size() && i < other.size(); ++i) {
      if (out[i] != other[i])
        throw std::runtime_error("order " + std::to_string(order) + " gives\n" + other[i] +
                                 "\nand the first\n" + out[i]);
    }
  }
  return out;
}
}  // namespace cunji::scenarios
