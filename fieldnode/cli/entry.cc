#include "fieldnode/cli/entry.h"

#include <algorithm>
#include <filesystem>

#include "fieldnode/cli/answers.h"
#include "fieldnode/cli/photo_file.h"
#include "fieldnode/cli/record_form.h"
#include "shared/crypto/hash.h"

namespace cunji::fieldnode::cli {
using Json = nlohmann::ordered_json;
using programme::Type;

namespace {
Error wrong(const std::string& what) { return {Errc::Malformed, what}; }

const state::FieldNow* find(const state::FormNow& form, const std::string& key) {
  for (const state::FieldNow& field : form.fields)
    if (field.key == key) return &field;
  return nullptr;
}

bool is_file(const state::FieldNow& field) {
  return field.type == Type::Blob || field.type == Type::Signature;
}

// Errc::Malformed for a field that the form has not, with those that it has.
Result<const state::FieldNow*> field_of(const state::FormNow& form, const std::string& key) {
  static const state::FieldNow reason{
      .key = "reason", .label = {"理由", "reason"}, .type = Type::Text};
  if (const state::FieldNow* field = find(form, key); field != nullptr) return field;
  if (key == "reason") return &reason;
  std::string known;
  for (const state::FieldNow& field : form.fields) known += (known.empty() ? "" : ", ") + field.key;
  return wrong(form.id + " 没有这一项 · has no field \"" + key + "\"; it has " + known);
}

Result<SubjectId> id_of(const std::string& text, const char* what) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != SubjectId::kSize)
    return wrong(std::string(what) + ": 应为 32 位标识 · it takes an id of 32 digits, not \"" +
                 text + "\"");
  return SubjectId::from(*bytes);
}

// ROLE[@OFFICE][:PERSON]
Result<event::Actor> actor_of(std::string text) {
  event::Actor out;
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    TRY_AS(person, id_of(text.substr(colon + 1), "participant"));
    out.person = PersonId{person.bytes};
    text.resize(colon);
  }
  if (const std::size_t at = text.find('@'); at != std::string::npos) {
    out.office = text.substr(at + 1);
    text.resize(at);
  }
  out.role = text;
  if (out.role.empty() && out.office.empty())
    return wrong("participant: ROLE[@OFFICE][:PERSON] · 角色[@单位][:人员标识]");
  return out;
}
std::string text_of(const event::Actor& actor) {
  std::string out = actor.role;
  if (!actor.office.empty()) out += "@" + actor.office;
  if (!actor.person.is_zero()) out += ":" + to_hex(actor.person.view());
  return out;
}

Result<void> type_by_key(const state::FormDesk& desk, Entry& entry, PartEntry& part,
                         const std::string& key, const std::string& text) {
  const auto form = desk.look(part.filled);
  if (!form) return wrong("没有这张表 · no form " + part.filled.form + " is in force");
  TRY_AS(field, field_of(*form, key));
  return type_answer(entry, part, *field, text);
}

Result<std::vector<std::string>> texts_of(const Json& json, const char* what) {
  if (json.is_string()) return std::vector<std::string>{json.get<std::string>()};
  std::vector<std::string> out;
  if (json.is_array())
    for (const Json& each : json)
      if (each.is_string()) out.push_back(each.get<std::string>());
  if (out.empty() || (json.is_array() && out.size() != json.size()))
    return wrong(std::string(what) + ": 应为文字 · a text or a list of texts");
  return out;
}

Result<void> take_answers(const state::FormDesk& desk, Entry& entry, PartEntry& part,
                          const Json& answers) {
  if (!answers.is_object()) return wrong("answers: 应为对象 · an object {FIELD: VALUE}");
  for (const auto& [key, value] : answers.items()) {
    const auto form = desk.look(part.filled);
    if (!form) return wrong("没有这张表 · no form " + part.filled.form + " is in force");
    TRY_AS(field, field_of(*form, key));
    if (is_file(*field)) {
      if (!value.is_string()) return wrong(key + ": 应为文件路径 · the path of a file");
      TRY(type_answer(entry, part, *field, value.get<std::string>()));
      continue;
    }
    auto read = value_from_json(*field, value);
    if (!read) return wrong(key + ": " + read.error().what);
    part.filled.answer(key, std::move(*read));
  }
  return {};
}

// What a part may say in JSON; the outermost object says more.
Result<void> take_part(const state::FormDesk& desk, Entry& entry, PartEntry& part,
                       const Json& json) {
  if (const auto found = json.find("case"); found != json.end()) {
    if (!found->is_string()) return wrong("case: 应为 32 位标识 · an id of 32 digits");
    TRY_AS(id, id_of(found->get<std::string>(), "case"));
    part.filled.case_id = id;
  }
  if (const auto found = json.find("unchanged"); found != json.end()) {
    if (!found->is_boolean()) return wrong("unchanged: true 或 false · true or false");
    part.unchanged = *found;
  }
  if (const auto found = json.find("answers"); found != json.end())
    TRY(take_answers(desk, entry, part, *found));
  if (const auto found = json.find("evidence"); found != json.end()) {
    if (!found->is_object()) return wrong("evidence: {KIND: PATH}");
    for (const auto& [kind, paths] : found->items()) {
      TRY_AS(files, texts_of(paths, "evidence"));
      for (const std::string& path : files) TRY(attach(entry, part, kind, path));
    }
  }
  return {};
}

Result<void> check_keys(const Json& json, const std::vector<std::string>& known) {
  for (const auto& [key, value] : json.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    std::string all;
    for (const std::string& each : known) all += (all.empty() ? "" : ", ") + each;
    return wrong("\"" + key + "\": JSON 里只能有 · the JSON may have " + all);
  }
  return {};
}
}  // namespace

Result<void> type_line(const state::FormDesk& desk, Entry& entry, PartEntry& part,
                       const std::string& line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string::npos || equals == 0)
    return wrong("写作 FIELD=VALUE · an answer is written FIELD=VALUE, not \"" + line + "\"");
  return type_by_key(desk, entry, part, line.substr(0, equals), line.substr(equals + 1));
}

Result<void> take_participants(PartEntry& part, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    TRY_AS(actor, actor_of(text));
    part.filled.participants.push_back(actor);
  }
  return {};
}

void add_part(Entry& entry, const std::string& form, const SubjectId& subject,
              const SubjectId& case_id) {
  entry.parts.push_back({.filled = {.form = form, .subject = subject, .case_id = case_id}});
}

Result<Entry> begin_entry(const state::FormDesk& desk, const std::string& form,
                          const SubjectId& subject, const SubjectId& household) {
  const auto now = desk.look({.form = form, .subject = subject});
  if (!now) return wrong("没有这张表 · no form \"" + form + "\" is in force: PROGRAMME.FORM");
  Entry out{.kind = now->kind};
  out.is_visit = now->kind == event::Kind::Visit || now->kind == event::Kind::CheckIn;
  if (out.is_visit && !state::is_visit_form(form)) {
    const char* frame =
        now->kind == event::Kind::Visit ? "register.visit" : "register.visit_attempt";
    if (!desk.look({.form = frame}))
      return wrong(std::string("没有走访表 · no form \"") + frame + "\" is in force");
    add_part(out, frame, household, {});
  }
  add_part(out, form, subject, {});
  out.own = out.parts.size() - 1;
  return out;
}

bool is_entry_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return false;
  if (json.contains("parts") || json.contains("evidence")) return true;
  const auto answers = json.find("answers");
  return answers != json.end() && answers->is_object() && !answers->contains("answers");
}

Result<void> take_json(const state::FormDesk& desk, Entry& entry, const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return wrong("JSON 应为对象 · the JSON is no object {\"answers\": {…}}");
  TRY(check_keys(json, {"answers", "unchanged", "evidence", "case", "participants", "acted_by",
                        "visit", "parts"}));
  // With a visit around one form, what is about the visit stands in "visit".
  PartEntry& own = entry.parts[entry.own];
  TRY(take_part(desk, entry, own, json));
  if (const auto found = json.find("visit"); found != json.end()) {
    if (entry.own == 0)
      return wrong("visit: 此表不是走访的一部分 · the form is no part of a visit");
    TRY(take_answers(desk, entry, entry.parts.front(), *found));
  }
  if (const auto found = json.find("participants"); found != json.end()) {
    TRY_AS(texts, texts_of(*found, "participants"));
    TRY(take_participants(entry.parts.front(), texts));
  }
  if (const auto found = json.find("acted_by"); found != json.end()) {
    TRY_AS(texts, texts_of(*found, "acted_by"));
    TRY_AS(actor, actor_of(texts.front()));
    entry.parts.front().filled.acted_by = actor;
  }
  const auto parts = json.find("parts");
  if (parts == json.end()) return {};
  if (!parts->is_array() || entry.kind != event::Kind::Visit)
    return wrong("parts: 只有走访才有 · a list, of a visit only");
  for (const Json& part : *parts) {
    if (!part.is_object() || !part.contains("form") || !part["form"].is_string())
      return wrong("parts: {\"form\": …, \"answers\": {…}}");
    TRY(check_keys(part, {"form", "subject", "case", "answers", "unchanged", "evidence"}));
    const auto form = desk.form_named(part["form"].get<std::string>());
    if (!form) return wrong("parts: 没有这张表 · no form " + part["form"].dump() + " is in force");
    if (desk.look({.form = *form})->kind != event::Kind::Visit)
      return wrong(*form +
                   ": 不是走访的一部分,请另行登记 · no part of a visit: record it by itself");
    SubjectId subject = entry.parts.front().filled.subject;
    if (part.contains("subject") && part["subject"].is_string()) {
      TRY_AS(named, id_of(part["subject"].get<std::string>(), "subject"));
      subject = named;
    }
    add_part(entry, *form, subject, {});
    if (auto taken = take_part(desk, entry, entry.parts.back(), part); !taken)
      return wrong(*form + ": " + taken.error().what);
  }
  return {};
}

Result<void> take_options(const state::FormDesk& desk, Entry& entry, const RecordOptions& o) {
  PartEntry& frame = entry.parts.front();
  PartEntry& own = entry.parts[entry.own];
  if (o.unchanged) own.unchanged = true;
  if (entry.is_visit) {
    const auto type = [&](const char* key, const std::string& text) -> Result<void> {
      return text.empty() ? Result<void>{} : type_by_key(desk, entry, frame, key, text);
    };
    TRY(type("outcome", o.outcome));
    TRY(type("place", o.place));
    if (o.mock && frame.filled.answer("place") != nullptr) {
      event::Value place = *frame.filled.answer("place");
      place.place.mock_location = true;
      frame.filled.answer("place", place);
    }
    TRY(type("purpose", o.purpose));
    TRY(type("remark", o.remark));
    if (o.changes) TRY(type("changes_found", "yes"));
    const auto joined = [](const std::vector<std::string>& words) {
      std::string out;
      for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
      return out;
    };
    TRY(type("who_was_met", joined(o.met)));
    TRY(type("refused", joined(o.refused)));
  }
  for (const std::string& line : o.answers) TRY(type_line(desk, entry, own, line));
  TRY(take_participants(frame, o.participants));
  if (!o.acted_by.empty()) {
    TRY_AS(actor, actor_of(o.acted_by));
    frame.filled.acted_by = actor;
  }
  for (const std::string& path : o.photo_files) TRY(attach(entry, frame, "photo", path));
  for (const std::string& line : o.evidence) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || equals == 0)
      return wrong("--evidence 写作 KIND=FILE · it is written KIND=FILE, not \"" + line + "\"");
    TRY(attach(entry, own, line.substr(0, equals), line.substr(equals + 1)));
  }
  if (!o.case_id.empty()) {
    TRY_AS(id, id_of(o.case_id, "--case"));
    own.filled.case_id = id;
  }
  return {};
}

Json json_of(const state::FormDesk& desk, const Entry& entry) {
  const auto part_json = [&](const PartEntry& part) {
    Json out = Json::object(), answers = Json::object();
    const auto form = desk.look(part.filled);
    for (const event::Answer& each : part.filled.answers) {
      const state::FieldNow* field = form ? find(*form, each.field) : nullptr;
      if (field == nullptr) {
        answers[each.field] = each.value.text;
      } else if (is_file(*field)) {
        const auto file = part.files.find(each.field);
        if (file != part.files.end())
          answers[each.field] = std::filesystem::absolute(file->second.front()).string();
      } else {
        answers[each.field] = json_of(*field, each.value);
      }
    }
    out["answers"] = std::move(answers);
    if (part.unchanged) out["unchanged"] = true;
    if (!part.filled.case_id.is_zero()) out["case"] = to_hex(part.filled.case_id.view());
    for (const auto& [kind, paths] : part.files)
      if (!form || find(*form, kind) == nullptr)
        for (const std::string& path : paths)
          out["evidence"][kind].push_back(std::filesystem::absolute(path).string());
    return out;
  };
  const PartEntry& frame = entry.parts.front();
  Json out = part_json(frame);
  for (std::size_t i = 1; i < entry.parts.size(); ++i) {
    Json part{{"form", entry.parts[i].filled.form},
              {"subject", to_hex(entry.parts[i].filled.subject.view())}};
    part.update(part_json(entry.parts[i]));
    out["parts"].push_back(std::move(part));
  }
  for (const event::Actor& actor : frame.filled.participants)
    out["participants"].push_back(text_of(actor));
  if (frame.filled.acted_by) out["acted_by"] = text_of(*frame.filled.acted_by);
  return out;
}

static Result<const Photo*> photo_of(Entry& entry, const std::string& path) {
  if (const auto known = entry.photos.find(path); known != entry.photos.end())
    return &known->second;
  TRY_AS(photo, read_photo(path));
  return &entry.photos.emplace(path, std::move(photo)).first->second;
}

Result<void> type_answer(Entry& entry, PartEntry& part, const state::FieldNow& field,
                         const std::string& text) {
  if (text.empty()) {
    part.filled.answer(field.key, std::nullopt);
    part.files.erase(field.key);
    return {};
  }
  if (is_file(field)) {
    auto photo = photo_of(entry, text);
    if (!photo) return Error{photo.error().code, field.key + ": " + photo.error().what};
    part.files[field.key] = {text};
    part.filled.answer(field.key,
                       event::text_value(to_hex(crypto::sha256((*photo)->bytes).view())));
    return {};
  }
  auto value = parse_typed(field, text);
  if (!value) {
    const std::string label = field.label.zh.empty() ? "" : field.label.zh + "(";
    return Error{Errc::Malformed,
                 label + field.key + (label.empty() ? ": " : "): ") + value.error().what};
  }
  part.filled.answer(field.key, std::move(*value));
  return {};
}

Result<void> attach(Entry& entry, PartEntry& part, const std::string& kind,
                    const std::string& path) {
  if (auto photo = photo_of(entry, path); !photo)
    return Error{photo.error().code, kind + ": " + photo.error().what};
  part.files[kind].push_back(path);
  return {};
}

void complete(const state::FormDesk& desk, Entry& entry) {
  for (PartEntry& part : entry.parts) {
    if (state::is_visit_form(part.filled.form) && entry.parts.size() > 1 &&
        part.filled.answer("outcome") == nullptr)
      part.filled.answer("outcome", event::code_value("met"));
    if (part.unchanged && !desk.repeat(part.filled)) part.unchanged = false;
    desk.prefill(part.filled);
  }
}

// What goes with a part: its own files, and the photos of the visit.
static std::vector<std::string> evidence_of(const state::FormDesk& desk, const Entry& entry,
                                            const PartEntry& part) {
  std::vector<std::string> out;
  const auto form = desk.look(part.filled);
  for (const auto& [kind, paths] : part.files)
    if (!form || find(*form, kind) == nullptr) out.push_back(kind);
  if (entry.is_visit && entry.parts.front().files.contains("photo")) out.push_back("photo");
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// What of the visit goes for a part of it, too: who acted, and those who may take part in it.
static state::Filled judged(const state::FormDesk& desk, const Entry& entry, std::size_t number) {
  const PartEntry& part = entry.parts[number];
  state::Filled out = part.filled;
  out.evidence = evidence_of(desk, entry, part);
  if (!entry.is_visit) return out;
  const state::Filled& frame = entry.parts.front().filled;
  if (const event::Value* refused = frame.answer("refused"); refused != nullptr)
    out.refused = refused->codes;
  if (number == 0) return out;
  out.acted_by = frame.acted_by;
  for (const event::Actor& actor : frame.participants) {
    state::Filled with{.form = out.form, .subject = out.subject, .participants = {actor}};
    const auto faults = desk.faults(with);
    const bool may = std::none_of(faults.begin(), faults.end(), [](const state::Fault& fault) {
      return fault.kind == state::Fault::Kind::NotAllowed && fault.field == "participants.1";
    });
    if (may) out.participants.push_back(actor);
  }
  return out;
}

std::vector<PartFault> faults_of(const state::FormDesk& desk, const Entry& entry) {
  std::vector<PartFault> out;
  for (std::size_t i = 0; i < entry.parts.size(); ++i)
    for (state::Fault& fault : desk.faults(judged(desk, entry, i)))
      out.push_back({i, std::move(fault)});
  if (!entry.is_visit || entry.parts.size() < 2) return out;
  const event::Value* outcome = entry.parts.front().filled.answer("outcome");
  if (outcome != nullptr && (outcome->text == "met" || outcome->text == "telephone")) return out;
  for (std::size_t i = 1; i < entry.parts.size(); ++i)
    out.push_back({i,
                   {.kind = state::Fault::Kind::Invisible,
                    .field = "outcome",
                    .label = {"走访结果", "outcome"},
                    .what = {"没有见到人,不填" + entry.parts[i].filled.form,
                             "nobody was met: leave out " + entry.parts[i].filled.form}}});
  return out;
}

Result<std::vector<Bytes>> encode(const state::FormDesk& desk, const Entry& entry,
                                  const SubjectId& event_subject,
                                  const std::function<Result<Digest>(const Photo&)>& keep) {
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    const PartEntry& part = entry.parts[i];
    const state::Filled filled = judged(desk, entry, i);
    const auto form = desk.look(filled);
    const std::size_t dot = filled.form.find('.');
    event::PartFrame frame{.programme = filled.form.substr(0, dot),
                           .form = filled.form.substr(dot + 1),
                           .form_version = form ? form->version : 0,
                           .occurred = entry.occurred,
                           .acted_by = filled.acted_by,
                           .participants = filled.participants,
                           .medium = entry.medium};
    if (filled.subject != event_subject) frame.subject = filled.subject;
    for (const auto& [kind, paths] : part.files)
      for (const std::string& path : paths) {
        const Photo& photo = entry.photos.at(path);
        TRY_AS(digest, keep(photo));
        frame.attachments.push_back({.digest = digest,
                                     .size = static_cast<std::uint32_t>(photo.bytes.size()),
                                     .media_type = photo.media_type,
                                     .taken_at = photo.taken_at,
                                     .place = photo.place,
                                     .kind = kind == "photo" ? std::string() : kind});
      }
    if (i == 0 && entry.is_visit) {  // The visit itself comes first (D17), with its photos.
      const auto visit = state::visit_of(filled).value_or(event::VisitPart{});
      if (entry.kind == event::Kind::CheckIn)
        out.push_back(event::encode_part(
            event::CheckInPart{
                .outcome = visit.outcome, .place = visit.place, .remark = visit.remark},
            frame));
      else
        out.push_back(event::encode_part(visit, frame));
      frame.attachments.clear();
    }
    out.push_back(event::encode_part(
        event::AnswersPart{
            .answers = filled.answers, .case_id = filled.case_id, .unchanged = part.unchanged},
        frame));
  }
  return out;
}
}  // namespace cunji::fieldnode::cli
