// What is wrong with a form as it is filled in.
#include <algorithm>

#include "shared/event/limits.h"
#include "shared/state/form_look.h"

namespace cunji::state {
namespace pg = programme;
using Kind = Fault::Kind;

std::string_view name_of(Kind kind) {
  static constexpr std::string_view kNames[] = {
      "no_form",   "not_allowed", "subject", "unknown_field", "type",     "too_long", "code",
      "invisible", "frozen",      "range",   "check",         "required", "evidence", "second"};
  return kNames[static_cast<std::size_t>(kind)];
}

namespace {
struct TypeWords {
  const char *zh, *en;
};
TypeWords words_of(pg::Type type) {
  switch (type) {
    case pg::Type::Text: return {"文字", "a text"};
    case pg::Type::YesNo: return {"是或否", "yes or no"};
    case pg::Type::Integer: return {"整数", "a whole number"};
    case pg::Type::Money: return {"金额,至多两位小数", "an amount in 元 with up to two decimals"};
    case pg::Type::Area: return {"平方米,至多两位小数", "square metres with up to two decimals"};
    case pg::Type::Points: return {"分数,至多两位小数", "points with up to two decimals"};
    case pg::Type::Length: return {"毫米,整数", "millimetres, a whole number"};
    case pg::Type::BasisPoints: return {"万分数,整数", "basis points, a whole number"};
    case pg::Type::Date: return {"日期,如 2022-02-10", "a day like 2022-02-10"};
    case pg::Type::Instant: return {"时间,如 2022-02-10T08:15", "a time like 2022-02-10T08:15"};
    case pg::Type::Code: return {"一个选项", "one of the choices"};
    case pg::Type::CodeSet: return {"一个或几个选项", "one or several of the choices"};
    case pg::Type::Place: return {"位置:纬度,经度,精度米", "a place: latitude,longitude,metres"};
    case pg::Type::Subject: return {"标识,32 位", "an id of 32 digits"};
    case pg::Type::Blob:
    case pg::Type::Signature: return {"照片或扫描件", "a photo or scan that comes with it"};
    case pg::Type::Rows: return {"逐行填写", "rows"};
    case pg::Type::Ranking:
    case pg::Type::None: break;
  }
  return {"本机不能填写", "nothing that can be answered here"};
}

// What is wrong where the definition has no words of its own for it.
pg::Label words_of(pg::Check::Kind kind) {
  switch (kind) {
    case pg::Check::Kind::SumOf: return {"合计不符", "the sum is another"};
    case pg::Check::Kind::NotAllEqual: return {"不应全部相同", "they should not all be equal"};
    case pg::Check::Kind::InOrder: return {"顺序颠倒", "not in order"};
    case pg::Check::Kind::Disjoint: return {"不应重复出现", "named in more than one"};
    case pg::Check::Kind::OneOf: return {"至少填一项", "answer at least one"};
    case pg::Check::Kind::Must: break;
  }
  return {};
}

// What a county may add to a list looks like the codes that are there.
bool is_code_word(const std::string& code) {
  constexpr std::size_t kCodeBytesMax = 64;
  return !code.empty() && code.size() <= kCodeBytesMax &&
         std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

class Finder {
 public:
  explicit Finder(const FormDesk::Look& look) : look_(look) {}
  std::vector<Fault> out;

  void add(Kind kind, pg::Label what, std::string rule = {}, pg::Force force = pg::Force::Block) {
    out.push_back({.kind = kind, .what = std::move(what), .rule = std::move(rule), .force = force});
  }
  void add_of(Kind kind, const std::string& path, const pg::Label& label, pg::Label what,
              pg::Force force = pg::Force::Block) {
    out.push_back(
        {.kind = kind, .field = path, .label = label, .what = std::move(what), .force = force});
  }

  // An answer by itself: its type, its length, its codes, what it names.
  void judge_value(const pg::Field& field, const event::Value& value, const std::string& path) {
    if (!is_of_type(field.type, value)) {
      const TypeWords words = words_of(field.type);
      add_of(Kind::Type, path, field.label,
             {"应填" + std::string(words.zh), "it takes " + std::string(words.en)});
      return;
    }
    if (value.text.size() > event::kTextBytesMax)
      add_of(Kind::TooLong, path, field.label,
             {"至多 " + std::to_string(event::kTextBytesMax) + " 字节(约 5400 字)",
              "at most " + std::to_string(event::kTextBytesMax) + " bytes"});
    if (value.codes.size() > event::kListMax || value.rows.size() > event::kListMax)
      add_of(Kind::TooLong, path, field.label,
             {"至多 " + std::to_string(event::kListMax) + " 项",
              "at most " + std::to_string(event::kListMax)});
    judge_codes(field, value, path);
    if (field.type == pg::Type::Subject && field.subject_type != kNoSymbol)
      judge_subject(field, value.subject, path);
  }

  void judge_rows(const pg::Field& field, const event::Value& value, const std::string& path) {
    const RowAnswers* said = nullptr;
    for (const RowAnswers& rows : look_.said.more().rows)
      if (rows.field == field.key) said = &rows;
    for (std::size_t i = 0; i < value.rows.size(); ++i) {
      const std::string row_path = path + "." + std::to_string(i + 1);
      At at = look_.at;
      if (said != nullptr && i < said->rows.size()) at.row = &said->rows[i];
      for (const event::Answer& cell : value.rows[i]) {
        const pg::Field* column = field_named(look_.values.words, field.row, cell.field);
        if (column == nullptr) {
          add_of(Kind::Unknown, row_path + "." + cell.field, field.label,
                 {"没有这一栏,可填:" + keys_of(field.row),
                  "no such column; there are " + keys_of(field.row)});
          continue;
        }
        judge_value(*column, cell.value, row_path + "." + cell.field);
        if (!is_visible(look_.world, *column, at)) invisible(*column, row_path + "." + cell.field);
        if (is_of_type(column->type, cell.value))
          judge_range(*column, at, row_path + "." + cell.field);
      }
      for (const pg::Field& column : field.row) {
        const std::string& key = look_.values.words.word(column.key);
        const auto is_it = [&](const event::Answer& cell) { return cell.field == key; };
        if (column.required && is_visible(look_.world, column, at) &&
            std::none_of(value.rows[i].begin(), value.rows[i].end(), is_it))
          missing(column, row_path + "." + key);
      }
    }
  }

  // Of a row's column; the form's own fields are breaches().
  void judge_range(const pg::Field& field, const At& at, const std::string& path) {
    pg::Value answer;
    answer.from = pg::Value::From::Field;
    answer.id = field.key;
    if (look_.world.compare(answer, field.range, at) == Truth::No) out_of_range(field, path);
  }

  void out_of_range(const pg::Field& field, const std::string& path) {
    const pg::Label range = look_.range_of(field);
    pg::Label what{"应" + range.zh, "it must be " + range.en};
    if (field.force == pg::Force::Reason) with_reason(what);
    add_of(Kind::Range, path, field.label, what, field.force);
  }
  static void with_reason(pg::Label& what) {
    what.zh += ";否则须填写理由(reason)";
    what.en += "; else answer \"reason\"";
  }
  void invisible(const pg::Field& field, const std::string& path) {
    add_of(Kind::Invisible, path, field.label,
           {"按其他各项的填写,此项不填", "not asked for with the other answers: leave it out"});
  }
  void missing(const pg::Field& field, const std::string& path) {
    const TypeWords words = words_of(field.type);
    std::string zh = "必须填写:" + std::string(words.zh), en = "needed: " + std::string(words.en);
    if (const std::string codes = codes_of(field); !codes.empty()) {
      zh += ",可选 " + codes;
      en += ", of " + codes;
    }
    add_of(Kind::Required, path, field.label, {zh, en});
  }
  std::string keys_of(const std::vector<pg::Field>& fields) const {
    std::string keys;
    for (const pg::Field& field : fields)
      keys += (keys.empty() ? "" : ", ") + look_.values.words.word(field.key);
    return keys;
  }

 private:
  std::string codes_of(const pg::Field& field) const {
    std::string out_codes;
    const pg::Codes* codes = look_.catalogue.codes.find(field.codes);
    if (codes == nullptr) return out_codes;
    for (const pg::Codes::Code& code : codes->codes)
      out_codes += (out_codes.empty() ? "" : ", ") + look_.values.words.word(code.id);
    return out_codes;
  }
  void judge_codes(const pg::Field& field, const event::Value& value, const std::string& path) {
    const pg::Codes* codes = look_.catalogue.codes.find(field.codes);
    if (codes == nullptr) return;
    std::vector<std::string> said = value.codes;
    if (field.type == pg::Type::Code) said = {value.text};
    for (const std::string& code : said) {
      const auto is_it = [&](const pg::Codes::Code& each) {
        return look_.values.words.word(each.id) == code;
      };
      if (std::any_of(codes->codes.begin(), codes->codes.end(), is_it)) continue;
      if (codes->county_may_add && is_code_word(code)) continue;
      add_of(Kind::Code, path, field.label,
             {"没有选项“" + code + "”,可选 " + codes_of(field),
              "no choice \"" + code + "\"; there are " + codes_of(field)});
    }
  }
  void judge_subject(const pg::Field& field, const SubjectId& subject, const std::string& path) {
    const std::uint32_t number = look_.values.subjects.find(subject);
    const Symbol type = number == kNoNumber ? kNoSymbol : look_.world.type_of(number);
    if (type == field.subject_type) return;
    const std::string& wanted = look_.values.words.word(field.subject_type);
    if (type == kNoSymbol) {  // A device holds a part of the county only.
      add_of(Kind::Subject, path, field.label,
             {"本机不知道这个标识,请核对(应为 " + wanted + ")",
              "not known on this device, see that it is right: a " + wanted},
             pg::Force::Warn);
      return;
    }
    add_of(Kind::Subject, path, field.label,
           {"应为 " + wanted + ",不是 " + look_.values.words.word(type),
            "it names a " + look_.values.words.word(type) + ", not a " + wanted});
  }

  const FormDesk::Look& look_;
};

std::string named(const FormDesk::Look& look, const std::vector<pg::Actor>& actors) {
  const Symbols& words = look.values.words;
  std::string out;
  for (const pg::Actor& actor : actors) {
    std::string one;
    for (const Symbol word : {actor.role, actor.office, actor.level, actor.relation})
      if (word != kNoSymbol) one += (one.empty() ? "" : "@") + words.word(word);
    out += (out.empty() ? "" : ", ") + one;
  }
  return out;
}

void judge_actors(const FormDesk::Look& look, const Filled& filled, Finder& find) {
  const pg::Form& form = *look.form;
  if (!is_one_of(look.world, form.recorders, look.author, look.at)) {
    const std::string who = named(look, form.recorders);
    find.add(Kind::NotAllowed,
             {"你无权登记此表,可登记的是:" + who, "not yours to record; those who may: " + who});
  } else if (!may_record(look.world, form, look.author, look.acted_by, look.at)) {
    const std::string who = named(look, form.acts_for);
    find.add_of(Kind::NotAllowed, "acted_by", {"代谁登记", "for whom"},
                {"不能代其登记,可代:" + (who.empty() ? "无" : who),
                 "you may not act for them; you may for: " + (who.empty() ? "nobody" : who)});
  }
  for (std::size_t i = 0; i < filled.participants.size(); ++i) {
    const Acting who = look.acting_of(filled.participants[i]);
    if (is_one_of(look.world, form.participants, who, look.at)) continue;
    const std::string may = named(look, form.participants);
    find.add_of(Kind::NotAllowed, "participants." + std::to_string(i + 1),
                {"参加人", "participant"},
                {"此表的参加人只能是:" + (may.empty() ? "无" : may),
                 "those who may take part: " + (may.empty() ? "nobody" : may)});
  }
}

// A part is about a subject of the form's type, about one under it, or about what its case lies
// under (shared/programme/README.md).
void judge_subject(const FormDesk::Look& look, Finder& find) {
  const std::uint32_t subject = look.at.subject;
  const Symbol type = subject == kNoNumber ? kNoSymbol : look.world.type_of(subject);
  const std::string& wanted = look.values.words.word(look.form->subject);
  if (type == kNoSymbol) {
    if (!look.form->creates)
      find.add_of(Kind::Subject, "subject", {"对象", "subject"},
                  {"本机不知道这个对象,请核对(应为 " + wanted + ")",
                   "not known on this device, see that it is right: a " + wanted},
                  pg::Force::Warn);
    return;
  }
  if (look.catalogue.lies_under(type, look.form->subject) ||
      look.catalogue.lies_under(look.form->subject, type))
    return;
  find.add_of(Kind::Subject, "subject", {"对象", "subject"},
              {"此表针对 " + wanted + ",不是 " + look.values.words.word(type),
               "the form is about a " + wanted + ", not about a " + look.values.words.word(type)});
}

void judge_second(const FormDesk::Look& look, Finder& find) {
  const std::uint32_t subject = look.at.subject;
  if (subject == kNoNumber) return;
  const Date period = period_day(look.values, look.said, look.on);
  for (const pg::Procedure* procedure : look.catalogue.opened_by(look.form->id)) {
    const pg::SubjectType* type = look.catalogue.subjects.find(procedure->subject);
    std::uint32_t of = look.world.type_of(subject) == procedure->subject ? subject : kNoNumber;
    const bool is_episode = type != nullptr && type->episode_of != kNoSymbol;
    if (of == kNoNumber && (type == nullptr || is_episode))
      of = look.world.owner_of(procedure->subject, subject, look.at);
    std::uint32_t parent = of == kNoNumber ? kNoNumber : look.world.facts().parent_of(of);
    if (of == kNoNumber && type != nullptr && type->parent != kNoSymbol)
      parent = look.world.owner_of(type->parent, subject, look.at);
    const std::uint32_t root = root_of(look.world.facts(), of == kNoNumber ? subject : of);
    for (const CaseRun* run : look.world.runs_of(root)) {
      if (!is_second(look.world, *procedure, of, parent, period, *run, look.on)) continue;
      const std::string since = format_date(date_of(run->opened.occurred));
      find.add(Kind::SecondOfPeriod,
               {"本期已有一件“" + procedure->label.zh + "”(" + since + ")",
                "the second of its period: " + procedure->label.en + " of " + since});
      break;
    }
  }
}

void judge_evidence(const FormDesk::Look& look, const Filled& filled, Finder& find) {
  const std::vector<Choice> needed = evidence_of(look);
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  for (const Choice& kind : needed) {
    const bool refused =
        has(filled.refused, kind.code == "household_signature" ? "signature" : kind.code);
    if (refused || has(filled.evidence, kind.code)) continue;
    find.add_of(Kind::Evidence, kind.code, kind.label,
                {"须附上;农户拒绝的,记为拒绝", "it must come with it, unless it was refused"});
  }
  for (const std::string& kind : filled.evidence) {
    const auto is_it = [&](const Choice& each) { return each.code == kind; };
    if (kind == "photo" || std::any_of(needed.begin(), needed.end(), is_it)) continue;
    std::string all = "photo";
    for (const Choice& each : needed)
      if (each.code != "photo") all += ", " + each.code;
    find.add_of(Kind::Evidence, kind, {"证据", "evidence"},
                {"此表不收这一种,可附:" + all, "the form asks for no such; it takes " + all});
  }
}
}  // namespace

std::vector<Fault> FormDesk::faults(const Filled& filled) const {
  const Look look(*this, filled);
  Finder find(look);
  if (look.form == nullptr) {
    find.add(Kind::NoForm, {"没有这张表:" + filled.form,
                            "no form \"" + filled.form + "\" is in force: PROGRAMME.FORM"});
    return find.out;
  }
  const pg::Form& form = *look.form;
  judge_actors(look, filled, find);
  judge_subject(look, find);
  judge_second(look, find);
  judge_evidence(look, filled, find);
  const std::vector<Breach> broken = breaches(look.world, form, look.at);
  const bool has_reason = filled.answer("reason") != nullptr;
  const bool wants_reason = std::any_of(broken.begin(), broken.end(), [](const Breach& each) {
    return each.force() == pg::Force::Reason;
  });
  for (const event::Answer& each : filled.answers) {
    const pg::Field* field = field_named(look.values.words, form.fields, each.field);
    if (field == nullptr && !(each.field == "reason" && wants_reason))
      find.add_of(Kind::Unknown, each.field, {},
                  {"此表没有这一项,可填:" + find.keys_of(form.fields),
                   "the form has no such field; it has " + find.keys_of(form.fields)});
  }
  for (const pg::Field& field : form.fields) {
    const std::string& key = look.values.words.word(field.key);
    const event::Value* value = filled.answer(key);
    const bool visible = is_visible(look.world, field, look.at);
    if (value == nullptr) {
      if (visible && look.is_required(field)) find.missing(field, key);
      continue;
    }
    find.judge_value(field, *value, key);
    if (!visible) find.invisible(field, key);
    if (field.type == pg::Type::Rows) {
      find.judge_rows(field, *value, key);
      if (visible && look.is_required(field) && value->rows.empty()) find.missing(field, key);
    }
    if (field.frozen) {
      const auto known = look.read(field, field.prefill);
      if (known && !(*known == *value))
        find.add_of(Kind::Frozen, key, field.label,
                    {"取自已知情况,不能改", "taken from what is known, not to be changed"});
    }
    for (const Breach& each : broken)
      if (each.field == &field && !(field.force == pg::Force::Reason && has_reason))
        find.out_of_range(field, key);
  }
  for (const Breach& each : broken) {
    if (each.check == nullptr) continue;
    const pg::Check& check = *each.check;
    if (check.force == pg::Force::Reason && has_reason) continue;
    pg::Label what = check.label;
    if (check.kind != pg::Check::Kind::Must) {
      std::string keys;
      for (std::size_t i = 0; i < check.fields.size(); ++i) {
        if (!keys.empty()) keys += ", ";
        if (check.rows[i] != kNoSymbol) keys += look.values.words.word(check.rows[i]) + ".";
        keys += look.values.words.word(check.fields[i]);
      }
      if (what.zh.empty()) what = words_of(check.kind);
      what.zh += ":" + keys;
      what.en += ": " + keys;
    }
    if (check.force == pg::Force::Reason) Finder::with_reason(what);
    find.add(Kind::Check, what, check.rule, check.force);
  }
  return find.out;
}

std::vector<PartDue> FormDesk::due_at(const SubjectId& household) const {
  std::vector<PartDue> out;
  const Look house(*this, {.form = "register.visit", .subject = household});
  if (house.at.subject == kNoNumber) return out;
  const auto add = [&](PartDue part) {
    const Look look(*this, {.form = part.form, .subject = part.subject});
    if (look.form == nullptr || look.form->kind != event::Kind::Visit || is_visit_form(part.form))
      return;
    if (!is_one_of(look.world, look.form->recorders, look.author, look.at)) return;
    const bool known = std::any_of(out.begin(), out.end(), [&](const PartDue& each) {
      return each.form == part.form && each.subject == part.subject;
    });
    if (known) return;
    part.label = look.form->label;
    out.push_back(std::move(part));
  };
  const Symbols& words = house.values.words;
  for (const Look::Waiting& each : house.waiting(house.at.subject)) {
    const pg::Form* form = house.catalogue.forms.find(each.stage->form);
    if (form == nullptr) continue;
    const bool about_case = house.world.type_of(each.run->subject) == form->subject;
    if (!about_case && words.word(form->subject) != "household") continue;
    PartDue part{.why = PartDue::Why::Case,
                 .form = words.word(form->id),
                 .subject = about_case ? house.values.subjects[each.run->subject] : household,
                 .because = each.stage->label,
                 .due = each.at->due};
    if (about_case) part.case_id = each.run->id;
    add(std::move(part));
  }
  const Inquiry inquiry(state_, on_);
  for (const std::string& id : inquiry.form_ids()) {
    const pg::Form* form = house.catalogue.forms.find(words.find(id));
    if (!form->due.is_set() || form->kind != event::Kind::Visit) continue;
    std::vector<std::uint32_t> subjects =
        words.word(form->subject) == "household"
            ? std::vector<std::uint32_t>{house.at.subject}
            : house.world.under(house.at.subject, form->subject, on_);
    for (const std::uint32_t subject : subjects) {
      At at = house.at;
      at.subject = subject;
      at.form = nullptr;
      if (house.world.holds(form->due, at) == Truth::Yes)
        add({.why = PartDue::Why::Form, .form = id, .subject = house.values.subjects[subject]});
    }
  }
  for (const DutyNow& duty : inquiry.duties(household)) {
    if (duty.status == DutyStatus::Done || duty.status == DutyStatus::Late) continue;
    if (!inquiry.is_for(duty.who, recorder_.role, recorder_.office)) continue;
    const pg::Duty* declared = house.catalogue.duties.find(words.find(duty.duty));
    for (const pg::Duty::By& by : declared->fulfilled_by)
      if (by.form != kNoSymbol)
        add({.why = PartDue::Why::Duty,
             .form = words.word(by.form),
             .subject = duty.subject,
             .because = duty.label,
             .due = duty.due});
  }
  return out;
}
}  // namespace cunji::state
