#include "shared/state/form_desk.h"

#include <algorithm>

#include "shared/event/limits.h"
#include "shared/state/form_look.h"
#include "shared/state/value_text.h"

namespace cunji::state {
namespace pg = programme;
using VT = event::Value::Type;

const event::Value* Filled::answer(const std::string& field) const {
  const auto found = std::find_if(answers.begin(), answers.end(),
                                  [&](const event::Answer& each) { return each.field == field; });
  return found == answers.end() ? nullptr : &found->value;
}

void Filled::answer(const std::string& field, std::optional<event::Value> value) {
  const auto found = std::find_if(answers.begin(), answers.end(),
                                  [&](const event::Answer& each) { return each.field == field; });
  if (!value) {
    if (found != answers.end()) answers.erase(found);
  } else if (found != answers.end()) {
    found->value = std::move(*value);
  } else {
    answers.push_back({.field = field, .value = std::move(*value)});
  }
}

bool is_of_type(pg::Type type, const event::Value& value) {
  switch (type) {
    case pg::Type::Text: return value.type == VT::Text;
    case pg::Type::YesNo: return value.type == VT::Yes;
    case pg::Type::Integer:
    case pg::Type::Money:
    case pg::Type::Area:
    case pg::Type::Length:
    case pg::Type::BasisPoints:
    case pg::Type::Points:
    case pg::Type::Instant: return value.type == VT::Integer;
    case pg::Type::Date: return value.type == VT::Date && parse_date(value.text).has_value();
    case pg::Type::Code: return value.type == VT::Code && !value.text.empty();
    case pg::Type::CodeSet: return value.type == VT::Codes && !value.codes.empty();
    case pg::Type::Place: return value.type == VT::Place;
    case pg::Type::Subject: return value.type == VT::Subject && !value.subject.is_zero();
    case pg::Type::Blob:
    case pg::Type::Signature: {  // The digest of an attachment of the part.
      const auto digest = from_hex(value.text);
      return value.type == VT::Text && digest && digest->size() == Digest::kSize;
    }
    case pg::Type::Rows: return value.type == VT::Rows;
    case pg::Type::Ranking:
    case pg::Type::None: break;
  }
  return false;
}

const pg::Field* field_named(const Symbols& words, const std::vector<pg::Field>& fields,
                             const std::string& key) {
  for (const pg::Field& field : fields)
    if (words.word(field.key) == key) return &field;
  return nullptr;
}

// Answers of another type are left out: the fold has no use for them, and faults() names them.
static event::Value well_typed_rows(const Symbols& words, const pg::Field& field,
                                    const event::Value& value) {
  event::Value out = value;
  for (auto& row : out.rows)
    std::erase_if(row, [&](const event::Answer& cell) {
      const pg::Field* column = field_named(words, field.row, cell.field);
      return column == nullptr || column->type == pg::Type::Rows ||
             !is_of_type(column->type, cell.value);
    });
  return out;
}

FormDesk::Look::Look(const FormDesk& desk, const Filled& filled)
    : state(desk.state_),
      world(desk.state_.data_->world()),
      values(desk.state_.data_->events.facts_to_change().values()),
      on(desk.on_),
      catalogue(world.catalogue(on)) {
  form = catalogue.forms.find(values.words.find(filled.form));
  author = acting_of({.person = PersonId{desk.recorder_.person.bytes},
                      .office = desk.recorder_.office,
                      .role = desk.recorder_.role});
  at = At::end_of_day(values.subjects.find(filled.subject), on);
  if (form == nullptr) return;
  event::Part part;
  const std::size_t dot = filled.form.find('.');
  part.frame.programme = filled.form.substr(0, dot);
  part.frame.form = dot == std::string::npos ? std::string() : filled.form.substr(dot + 1);
  part.frame.acted_by = filled.acted_by;
  part.frame.participants = filled.participants;
  event::AnswersPart answers{.case_id = filled.case_id};
  for (const event::Answer& each : filled.answers) {
    const pg::Field* field = field_named(values.words, form->fields, each.field);
    const pg::Type type = field == nullptr ? pg::Type::Text : field->type;
    if (!is_of_type(type, each.value)) continue;
    answers.answers.push_back(each);
    if (type == pg::Type::Rows)
      answers.answers.back().value = well_typed_rows(values.words, *field, each.value);
  }
  part.content = std::move(answers);
  said = compact(part, values);
  acted_by = said.more().acted_by;
  at.form = &said;
}

Acting FormDesk::Look::acting_of(const event::Actor& actor) const {
  return {.role = values.words.of(actor.role),
          .office = values.words.of(actor.office),
          .person = actor.person.is_zero() ? kNoNumber
                                           : values.subjects.of(SubjectId{actor.person.bytes})};
}

const FormSaid* FormDesk::Look::last(std::optional<Date>* when) const {
  const auto all = world.events().occurrences(at.subject);
  for (std::size_t i = count_before(all, at.until); i-- > 0;) {
    const FormSaid* other = world.events().form_said(all[i]);
    if (other == nullptr || other->form != form->id) continue;
    if (when != nullptr) *when = date_of(all[i].occurred);
    return other;
  }
  return nullptr;
}

static std::optional<event::Value> as_answer(const Values& values, pg::Type type, const Val& val) {
  if (!val.is_set()) return std::nullopt;
  event::Value out = values.value_of(val);
  if (is_of_type(type, out)) return out;
  if (val.kind == Val::Kind::Codes && type == pg::Type::Code && out.codes.size() == 1)
    return event::code_value(out.codes.front());
  if (val.kind != Val::Kind::Code && val.kind != Val::Kind::Text) return std::nullopt;
  const std::string& word = values.words.word(val.word());
  if (type == pg::Type::Code) return event::code_value(word);
  if (type == pg::Type::CodeSet) return event::codes_value({word});
  if (type == pg::Type::Text) return event::text_value(word);
  if (type == pg::Type::YesNo && (word == "yes" || word == "no"))
    return event::yes_value(word == "yes");
  return std::nullopt;
}

std::optional<event::Value> FormDesk::Look::read(const pg::Field& field,
                                                 const pg::Value& value) const {
  if (!value.is_set()) return std::nullopt;
  if (field.type == pg::Type::Rows) return std::nullopt;
  const pg::Fact* fact =
      value.from == pg::Value::From::Fact ? catalogue.facts.find(value.id) : nullptr;
  // A set that was put together has all codes that were ever added; World gives the first.
  if (fact != nullptr && fact->merge == pg::Merge::Set && value.via == kNoSymbol &&
      at.subject != kNoNumber) {
    const auto now =
        Inquiry(state, on).fact(values.subjects[at.subject], values.words.word(value.id));
    if (now && is_of_type(field.type, now->value)) return now->value;
    return std::nullopt;
  }
  return as_answer(values, field.type, world.read(value, at).val);
}

std::optional<event::Value> FormDesk::Look::said_by(const FormSaid& other,
                                                    const pg::Field& field) const {
  if (field.type != pg::Type::Rows) return as_answer(values, field.type, other.answer(field.key));
  for (const RowAnswers& rows : other.more().rows) {
    if (rows.field != field.key) continue;
    std::vector<std::vector<event::Answer>> out;
    for (const auto& row : rows.rows) {
      auto& made = out.emplace_back();
      for (const FieldAnswer& cell : row)
        made.push_back({values.words.word(cell.field), values.value_of(cell.val)});
    }
    return event::rows_value(std::move(out));
  }
  return std::nullopt;
}

std::vector<FormDesk::Look::Waiting> FormDesk::Look::waiting(std::uint32_t subject) const {
  std::vector<Waiting> out;
  if (subject == kNoNumber) return out;
  for (const CaseRun* run : world.runs_of(root_of(world.facts(), subject))) {
    if (!(run->opened < at.until) || run->is_closed(at.until, kNoNumber)) continue;
    bool under = root_of(world.facts(), subject) == subject;
    for (std::uint32_t up = run->subject; up != kNoNumber && !under;
         up = world.facts().parent_of(up))
      under = up == subject;
    if (!under) continue;
    for (const StageRun& stage : run->stages) {
      if (!(stage.arrived < at.until) || run->is_reached(stage, at.until, kNoNumber) ||
          run->is_withdrawn(stage, at.until, kNoNumber))
        continue;
      out.push_back({run, &stage, &run->procedure->stages[stage.stage]});
    }
  }
  return out;
}

bool FormDesk::Look::is_required(const pg::Field& field) const {
  if (field.required) return true;
  if (field.required_from == kNoSymbol) return false;
  const auto cases = waiting(at.subject);
  return std::any_of(cases.begin(), cases.end(), [&](const Waiting& each) {
    return each.stage->form == form->id &&
           each.run->procedure->place_of(field.required_from) <= each.at->stage;
  });
}

pg::Label FormDesk::Look::range_of(const pg::Field& field) const {
  pg::Label out;
  const bool day = field.type == pg::Type::Date;
  const auto add = [&](const pg::Value& end, const char* zh, const char* en) {
    if (!end.is_set()) return;
    const auto value = read(field, end);
    if (!value) return;
    const std::string text =
        typed_text(*value, field.type) + (field.unit.empty() ? "" : " " + field.unit);
    out.zh += (out.zh.empty() ? "" : ",") + std::string(zh) + " " + text;
    out.en += (out.en.empty() ? "" : " and ") + std::string(en) + " " + text;
  };
  add(field.range.at_least, day ? "不早于" : "不小于", day ? "not before" : "at least");
  add(field.range.above, day ? "晚于" : "大于", day ? "after" : "above");
  add(field.range.at_most, day ? "不晚于" : "不大于", day ? "not after" : "at most");
  add(field.range.below, day ? "早于" : "小于", day ? "before" : "below");
  return out;
}

// Whom an answer may name, where they are few: the house's own, and all offices.
std::vector<Choice> FormDesk::Look::candidates(Symbol type) const {
  constexpr std::size_t kCandidatesMax = 60;  // What a person still looks through.
  std::vector<Choice> out;
  const std::string& name = values.words.word(type);
  std::vector<std::uint32_t> all;
  if (name == "office") {
    all = world.all_of(type);
  } else if (name != "household" && at.subject != kNoNumber) {
    const std::uint32_t house = world.owner_of(values.words.find("household"), at.subject, at);
    if (house != kNoNumber) all = world.under(house, type, on);
  }
  if (all.size() > kCandidatesMax) return out;
  const Inquiry inquiry(state, on);
  for (const std::uint32_t each : all) {
    const SubjectId& id = values.subjects[each];
    const SubjectView about = inquiry.about(id);
    out.push_back(
        {to_hex(id.view()), about.name.empty() ? about.label : pg::Label{about.name, ""}});
  }
  return out;
}

FieldNow FormDesk::Look::field_now(const pg::Field& field, const FormSaid* before) const {
  FieldNow out{.key = values.words.word(field.key),
               .label = field.label,
               .type = field.type,
               .unit = field.unit,
               .subject_type = values.words.word(field.subject_type),
               .visible = is_visible(world, field, at),
               .mask = field.mask,
               .frozen = field.frozen,
               .range = range_of(field)};
  out.required = out.visible && is_required(field);
  if (const pg::Codes* codes = catalogue.codes.find(field.codes)) {
    out.other_codes = codes->county_may_add;
    for (const pg::Codes::Code& code : codes->codes)
      out.choices.push_back({values.words.word(code.id), code.label});
  }
  if (field.type == pg::Type::Subject) {
    out.other_codes = true;
    out.choices = candidates(field.subject_type);
  }
  out.prefill = read(field, field.prefill);
  if (before != nullptr && !field.frozen) out.last = said_by(*before, field);
  for (const pg::Field& column : field.row) out.row.push_back(field_now(column, nullptr));
  return out;
}

std::vector<Choice> evidence_of(const FormDesk::Look& look) {
  static const std::vector<Choice> kLabels = {
      {"photo", {"照片", "photo"}},
      {"household_signature", {"农户签字或按印", "signature or fingerprint of the household"}},
      {"stamped_form", {"盖章的表", "stamped form"}},
      {"minutes", {"会议记录", "minutes"}},
      {"slip", {"回执或清单", "slip"}},
      {"report", {"报告", "report"}},
      {"certificate", {"证明", "certificate"}}};
  std::vector<Symbol> kinds = look.form->evidence;
  for (const pg::StageOf& taken : look.catalogue.taken_by(look.form->id)) {
    const auto& more = taken.procedure->stages[taken.stage].evidence;
    kinds.insert(kinds.end(), more.begin(), more.end());
  }
  std::vector<Choice> out;
  for (const Symbol kind : kinds) {
    const std::string& word = look.values.words.word(kind);
    const auto same = [&](const Choice& each) { return each.code == word; };
    if (std::any_of(out.begin(), out.end(), same)) continue;
    const auto known = std::find_if(kLabels.begin(), kLabels.end(), same);
    out.push_back(known != kLabels.end() ? *known : Choice{word, {word, word}});
  }
  return out;
}

FormDesk::FormDesk(const State& state, Date on, Recorder recorder)
    : state_(state), on_(on), recorder_(std::move(recorder)) {}

static FormNow head_of(const FormDesk::Look& look) {
  const Symbols& words = look.values.words;
  FormNow out{.id = words.word(look.form->id),
              .label = look.form->label,
              .kind = look.form->kind,
              .subject_type = words.word(look.form->subject),
              .creates = look.form->creates,
              .evidence = evidence_of(look)};
  for (const auto& definition : look.catalogue.definitions())
    if (definition->programme == look.form->programme) out.version = definition->version;
  for (const pg::Actor& actor : look.form->recorders)
    out.recorders.push_back({.role = words.word(actor.role),
                             .office = words.word(actor.office),
                             .level = words.word(actor.level),
                             .relation = words.word(actor.relation)});
  const auto add = [&](const char* list, Symbol code) {
    if (code == kNoSymbol) return;
    Choice choice{.code = words.word(code)};
    if (const pg::Codes* codes = look.catalogue.codes.find(words.find(list)))
      for (const pg::Codes::Code& each : codes->codes)
        if (each.id == code) choice.label = each.label;
    out.participants.push_back(std::move(choice));
  };
  for (const pg::Actor& actor : look.form->participants) {
    add("role", actor.role);
    add("office", actor.office);
  }
  return out;
}

std::optional<FormNow> FormDesk::look(const Filled& filled) const {
  const Look look(*this, filled);
  if (look.form == nullptr) return std::nullopt;
  FormNow out = head_of(look);
  const FormSaid* before = look.last(&out.last_on);
  for (const pg::Field& field : look.form->fields)
    out.fields.push_back(look.field_now(field, before));
  return out;
}

std::vector<FormNow> FormDesk::forms() const {
  std::vector<FormNow> out;
  const Inquiry inquiry(state_, on_);
  for (const std::string& id : inquiry.form_ids()) {
    const Look look(*this, {.form = id});
    const auto may = [&](const pg::Actor& actor) {
      return actor.relation != kNoSymbol || is_one_of(look.world, {actor}, look.author, look.at);
    };
    if (std::any_of(look.form->recorders.begin(), look.form->recorders.end(), may))
      out.push_back(head_of(look));
  }
  return out;
}

std::optional<std::string> FormDesk::form_named(const std::string& name) const {
  std::optional<std::string> out;
  for (const std::string& id : Inquiry(state_, on_).form_ids()) {
    if (id == name) return id;
    if (id.size() <= name.size() || !id.ends_with(name) || id[id.size() - name.size() - 1] != '.')
      continue;
    if (out) return std::nullopt;
    out = id;
  }
  return out;
}

void FormDesk::prefill(Filled& filled) const {
  const Look first(*this, filled);
  if (first.form == nullptr) return;
  for (const pg::Field& field : first.form->fields) {
    const std::string& key = first.values.words.word(field.key);
    if (!field.prefill.is_set() || filled.answer(key) != nullptr) continue;
    const Look look(*this, filled);  // With what was answered before this field.
    if (!is_visible(look.world, field, look.at)) continue;
    if (auto value = look.read(field, field.prefill)) filled.answer(key, std::move(value));
  }
}

bool FormDesk::repeat(Filled& filled) const {
  const Look first(*this, filled);
  const FormSaid* before = first.form == nullptr ? nullptr : first.last();
  if (before == nullptr) return false;
  for (const pg::Field& field : first.form->fields) {
    const std::string& key = first.values.words.word(field.key);
    if (filled.answer(key) != nullptr) continue;
    const Look look(*this, filled);
    if (!is_visible(look.world, field, look.at)) continue;
    // What the definition says of today and of facts is said anew; the rest as the last time.
    const bool anew = field.frozen || field.prefill.from == pg::Value::From::Today;
    auto value = anew ? look.read(field, field.prefill) : look.said_by(*before, field);
    if (value) filled.answer(key, std::move(value));
  }
  return true;
}

bool is_visit_form(const std::string& form) {
  return form == "register.visit" || form == "register.visit_attempt";
}

std::optional<event::VisitPart> visit_of(const Filled& filled) {
  const event::Value* outcome = filled.answer("outcome");
  const auto named = outcome == nullptr ? std::nullopt : event::visit_outcome_named(outcome->text);
  if (!named) return std::nullopt;
  event::VisitPart out{.outcome = *named};
  const auto text = [&](const char* field) {
    const event::Value* value = filled.answer(field);
    return value == nullptr ? std::string() : value->text;
  };
  if (const event::Value* place = filled.answer("place"); place != nullptr)
    out.place = place->place;
  out.purpose = text("purpose");
  out.remark = text("remark");
  if (const event::Value* met = filled.answer("who_was_met"); met != nullptr)
    out.who_was_met = met->codes;
  if (const event::Value* found = filled.answer("changes_found"); found != nullptr)
    out.changes_found = found->yes;
  return out;
}
}  // namespace cunji::state
