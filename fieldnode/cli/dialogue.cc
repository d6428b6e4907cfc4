#include "fieldnode/cli/dialogue.h"

#include <algorithm>
#include <charconv>

#include "fieldnode/cli/answers.h"
#include "shared/commands/words.h"

namespace cunji::fieldnode::cli {
namespace {
using programme::Type;

// Whether the person goes on; false: Ctrl-D.
class Dialogue {
 public:
  Dialogue(const state::FormDesk& desk, Entry& entry, const Lines& lines)
      : desk_(desk), entry_(entry), lines_(lines) {}

  bool run(bool offer_parts) {
    lines_.say(
        "回车采用【】中的值,? 说明,- 留空,Ctrl-D 放弃 · Enter takes what is in 【】, ? explains, - "
        "leaves it empty, Ctrl-D gives up");
    const std::size_t given = entry_.parts.size();
    for (std::size_t i = 0; i < given; ++i) {
      if (i > 0 && !met_somebody()) {
        lines_.say("没有见到人,其余不填 · nobody was met: the rest is left out");
        entry_.parts.resize(1);
        break;
      }
      if (!ask_part(i)) return false;
    }
    if (offer_parts && met_somebody() && !ask_due()) return false;
    for (std::size_t i = 0; i < entry_.parts.size(); ++i)
      if (!ask_evidence(i)) return false;
    return review();
  }

 private:
  bool met_somebody() const {
    const event::Value* outcome = entry_.parts.front().filled.answer("outcome");
    return entry_.is_visit && outcome != nullptr && outcome->text == "met";
  }

  std::optional<state::FormNow> look(std::size_t part) const {
    return desk_.look(entry_.parts[part].filled);
  }

  bool ask_part(std::size_t number) {
    const auto form = look(number);
    lines_.say("");
    lines_.say("== " + commands::label(form->label, form->id) + " (" + form->id + ")");
    for (std::size_t i = 0; i < form->fields.size(); ++i) {
      // With every answer what is asked may change.
      const state::FieldNow field = look(number)->fields[i];
      if (!field.visible) continue;
      if (field.frozen && field.prefill) {
        entry_.parts[number].filled.answer(field.key, field.prefill);
        lines_.say(commands::label(field.label, field.key) + ": " + shown(field, *field.prefill) +
                   "(已知 as known)");
        continue;
      }
      if (!ask_field(number, field)) return false;
    }
    return number > 0 || !met_somebody() || ask_participants(*form);
  }

  // Helper and doctor are at the door already: each of a role that the form names, or under it.
  bool ask_participants(const state::FormNow& form) {
    if (form.participants.empty()) return true;
    state::Filled& frame = entry_.parts.front().filled;
    while (true) {
      std::string prompt = "同行人 who took part(角色,逗号分开 roles, with commas)";
      if (!frame.participants.empty())
        prompt += " 【" + std::to_string(frame.participants.size()) + "】";
      const auto typed = lines_.ask(prompt + ": ");
      if (!typed) return false;
      if (typed->empty()) return true;
      if (*typed == "?") {
        for (const state::Choice& each : form.participants)
          lines_.say("  " + each.code + " " + commands::label(each.label, ""));
        lines_.say("  ROLE[@OFFICE][:PERSON],角色[@单位][:人员标识]");
        continue;
      }
      const auto before = frame.participants;
      frame.participants.clear();
      if (*typed == "-") continue;
      if (take_participants_typed(*typed)) return true;
      frame.participants = before;
    }
  }

  bool take_participants_typed(const std::string& typed) {
    std::vector<std::string> texts;
    for (std::size_t begin = 0; begin <= typed.size();) {
      const std::size_t end = std::min(typed.find_first_of(", ", begin), typed.size());
      if (end > begin) texts.push_back(typed.substr(begin, end - begin));
      begin = end + 1;
    }
    if (auto done = take_participants(entry_.parts.front(), texts); !done) {
      lines_.say("  ! " + done.error().what);
      return false;
    }
    bool stands = true;
    for (const PartFault& each : faults_of(desk_, entry_)) {
      if (each.part != 0 || !each.fault.field.starts_with("participants.")) continue;
      lines_.say("  ! " + line_of(each.fault));
      stands = false;
    }
    return stands;
  }

  // What an answer to the field is before anybody types: of a visit's part, that of the last time.
  std::optional<event::Value> offered(std::size_t number, const state::FieldNow& field) const {
    const PartEntry& part = entry_.parts[number];
    if (const event::Value* given = part.filled.answer(field.key); given != nullptr) return *given;
    if (field.prefill) return field.prefill;
    const bool is_frame = number == 0 && entry_.is_visit;
    const bool is_file = field.type == Type::Blob || field.type == Type::Signature;
    return entry_.is_visit && !is_frame && !is_file ? field.last : std::nullopt;
  }

  bool ask_field(std::size_t number, const state::FieldNow& field) {
    if (field.type == Type::Rows) return ask_rows(number, field);
    for (std::size_t i = 0; i < field.choices.size(); ++i)
      lines_.say("  " + std::to_string(i + 1) + " " +
                 commands::label(field.choices[i].label, field.choices[i].code));
    const auto before = offered(number, field);
    std::string prompt = commands::label(field.label, field.key) + (field.required ? " *" : "");
    if (!field.unit.empty()) prompt += " (" + field.unit + ")";
    if (before) prompt += " 【" + shown(field, *before) + "】";
    while (true) {
      const auto typed = lines_.ask(prompt + ": ");
      if (!typed) return false;
      if (*typed == "?") {
        lines_.say(help_of(field));
        continue;
      }
      if (take(number, field, *typed, before)) return true;
    }
  }

  // Whether the answer stands.
  bool take(std::size_t number, const state::FieldNow& field, const std::string& typed,
            const std::optional<event::Value>& before) {
    PartEntry& part = entry_.parts[number];
    const auto given = part.filled.answer(field.key) == nullptr
                           ? std::nullopt
                           : std::optional(*part.filled.answer(field.key));
    if (typed.empty() && before) {
      part.filled.answer(field.key, before);
    } else {
      const std::string text = typed == "-" ? "" : by_number(field, typed);
      if (auto done = type_answer(entry_, part, field, text); !done) {
        lines_.say("  ! " + done.error().what);
        return false;
      }
    }
    bool stands = true;
    for (const PartFault& each : faults_of(desk_, entry_)) {
      const bool here = each.part == number && (each.fault.field == field.key ||
                                                each.fault.field.starts_with(field.key + "."));
      if (!here) continue;
      lines_.say("  ! " + line_of(each.fault));
      // A reason can be given later on.
      if (each.fault.force == programme::Force::Block) stands = false;
    }
    if (!stands) part.filled.answer(field.key, given);
    return stands;
  }

  // "1" or "1,3" where the field has choices; else as typed.
  static std::string by_number(const state::FieldNow& field, const std::string& typed) {
    if (field.choices.empty()) return typed;
    std::string out;
    std::size_t begin = 0;
    while (begin <= typed.size()) {
      std::size_t end = typed.find_first_of(", ", begin);
      if (end == std::string::npos) end = typed.size();
      std::string word = typed.substr(begin, end - begin);
      std::size_t chosen = 0;
      const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), chosen);
      const bool is_number = error == std::errc{} && stop == word.data() + word.size();
      const auto is_code = [&](const state::Choice& each) { return each.code == word; };
      const bool known = std::any_of(field.choices.begin(), field.choices.end(), is_code);
      if (is_number && !known && chosen >= 1 && chosen <= field.choices.size())
        word = field.choices[chosen - 1].code;
      if (!word.empty()) out += (out.empty() ? "" : ",") + word;
      begin = end + 1;
    }
    return out;
  }

  bool ask_rows(std::size_t number, const state::FieldNow& field) {
    PartEntry& part = entry_.parts[number];
    std::vector<std::vector<event::Answer>> rows;
    if (const auto before = offered(number, field)) rows = before->rows;
    lines_.say(commands::label(field.label, field.key) + (field.required ? " *" : "") +
               ":逐行填写 · a row at a time");
    while (true) {
      const auto more = lines_.ask(
          "  已有 " + std::to_string(rows.size()) +
          " 行;+ 加一行,x 删去末行,回车完成 · rows so far: " + std::to_string(rows.size()) +
          "; + adds one, x drops the last, Enter ends: ");
      if (!more) return false;
      if (*more == "?") lines_.say(help_of(field));
      if (*more == "x" && !rows.empty()) rows.pop_back();
      if (more->empty()) {
        part.filled.answer(field.key,
                           rows.empty() ? std::nullopt : std::optional(event::rows_value(rows)));
        if (!field.required || !rows.empty()) return true;
        lines_.say("  ! 至少一行 · at least one row");
      }
      if (*more == "+" && !ask_row(number, field, rows)) return false;
    }
  }

  bool ask_row(std::size_t number, const state::FieldNow& field,
               std::vector<std::vector<event::Answer>>& rows) {
    PartEntry& part = entry_.parts[number];
    auto& row = rows.emplace_back();
    const std::string path = field.key + "." + std::to_string(rows.size()) + ".";
    for (const state::FieldNow& column : field.row) {
      for (std::size_t i = 0; i < column.choices.size(); ++i)
        lines_.say("    " + std::to_string(i + 1) + " " +
                   commands::label(column.choices[i].label, column.choices[i].code));
      while (true) {
        const auto typed = lines_.ask("    " + commands::label(column.label, column.key) +
                                      (column.required ? " *" : "") + ": ");
        if (!typed) return false;
        if (*typed == "?") {
          lines_.say(help_of(column));
          continue;
        }
        std::erase_if(row, [&](const event::Answer& cell) { return cell.field == column.key; });
        if (!typed->empty() && *typed != "-") {
          auto value = parse_typed(column, by_number(column, *typed));
          if (!value) {
            lines_.say("    ! " + value.error().what);
            continue;
          }
          row.push_back({column.key, std::move(*value)});
        }
        part.filled.answer(field.key, event::rows_value(rows));
        bool stands = true;
        for (const PartFault& each : faults_of(desk_, entry_)) {
          if (each.part != number || each.fault.field != path + column.key) continue;
          lines_.say("    ! " + line_of(each.fault));
          if (each.fault.force == programme::Force::Block) stands = false;
        }
        if (stands) break;
      }
    }
    return true;
  }

  // What is due in the house: each now, as the last time, or later.
  bool ask_due() {
    const SubjectId household = entry_.parts.front().filled.subject;
    for (const state::PartDue& due : desk_.due_at(household)) {
      const auto same = [&](const PartEntry& each) {
        return each.filled.form == due.form && each.filled.subject == due.subject;
      };
      if (std::any_of(entry_.parts.begin(), entry_.parts.end(), same)) continue;
      state::Filled filled{.form = due.form, .subject = due.subject, .case_id = due.case_id};
      const auto form = desk_.look(filled);
      std::string line = "本户应填 due here: " + commands::label(due.label, due.form);
      if (!due.because.zh.empty()) line += " — " + commands::label(due.because, "");
      if (due.due) line += ",期限 by " + format_date(*due.due);
      lines_.say("");
      lines_.say(line);
      const bool may_repeat = form->last_on.has_value();
      std::string prompt = "回车现在填,s 以后 · Enter: now, s: later";
      if (may_repeat)
        prompt = "回车现在填,n 无变化(同 " + format_date(*form->last_on) +
                 "),s 以后 · Enter: now, n: nothing changed, s: later";
      const auto typed = lines_.ask(prompt + ": ");
      if (!typed) return false;
      if (*typed == "s") continue;
      add_part(entry_, due.form, due.subject, due.case_id);
      const std::size_t number = entry_.parts.size() - 1;
      if (*typed == "n" && may_repeat) {
        if (!take_unchanged(number)) return false;
      } else if (!ask_part(number)) {
        return false;
      }
    }
    return true;
  }

  // One answer; then only what that leaves open.
  bool take_unchanged(std::size_t number) {
    PartEntry& part = entry_.parts[number];
    part.unchanged = desk_.repeat(part.filled);
    desk_.prefill(part.filled);
    const auto form = look(number);
    for (const state::FieldNow& field : form->fields)
      if (const event::Value* value = part.filled.answer(field.key); value != nullptr)
        lines_.say("  " + commands::label(field.label, field.key) + ": " + shown(field, *value));
    for (const state::FieldNow& field : form->fields) {
      const auto faults = faults_of(desk_, entry_);
      const bool open = std::any_of(faults.begin(), faults.end(), [&](const PartFault& each) {
        return each.part == number && each.fault.field == field.key && each.fault.stops();
      });
      if (open && !ask_field(number, field)) return false;
    }
    return true;
  }

  // Only what a rule needs and is not at hand (GEN-14). A refusal is an answer.
  bool ask_evidence(std::size_t number) {
    const auto form = look(number);
    for (const state::Choice& kind : form->evidence) {
      while (is_missing(number, kind.code)) {
        std::string prompt = commands::label(kind.label, kind.code) + ":文件 file";
        if (entry_.is_visit) prompt += "(农户拒绝填 refused)";
        const auto typed = lines_.ask(prompt + ": ");
        if (!typed) return false;
        if (typed->empty() || *typed == "?") {
          lines_.say("  须附 JPEG 或 PNG 照片或扫描件 · a JPEG or PNG file; a rule needs it");
        } else if (*typed == "refused" && entry_.is_visit) {
          refuse(kind.code);
        } else if (auto done = attach(entry_, entry_.parts[number], kind.code, *typed); !done) {
          lines_.say("  ! " + done.error().what);
        }
      }
    }
    return true;
  }

  bool is_missing(std::size_t number, const std::string& kind) const {
    const auto faults = faults_of(desk_, entry_);
    return std::any_of(faults.begin(), faults.end(), [&](const PartFault& each) {
      return each.part == number && each.fault.kind == state::Fault::Kind::Evidence &&
             each.fault.field == kind;
    });
  }

  void refuse(const std::string& kind) {
    state::Filled& frame = entry_.parts.front().filled;
    const std::string code = kind == "household_signature" ? "signature" : kind;
    std::vector<std::string> codes;
    if (const event::Value* said = frame.answer("refused"); said != nullptr) codes = said->codes;
    codes.push_back(code);
    const auto before = frame;
    frame.answer("refused", event::codes_value(codes));
    for (const PartFault& each : faults_of(desk_, entry_)) {
      if (each.part != 0 || each.fault.field != "refused") continue;
      lines_.say("  ! " + line_of(each.fault));
      frame = before;
      return;
    }
  }

  struct Line {
    std::size_t part;
    state::FieldNow field;
  };

  // Shows all of it; a number changes one, Enter records once nothing stands against it.
  bool review() {
    while (true) {
      std::vector<Line> all;
      for (std::size_t i = 0; i < entry_.parts.size(); ++i) show_part(i, all);
      bool stops = false;
      for (const PartFault& each : faults_of(desk_, entry_)) {
        stops = stops || each.fault.stops();
        lines_.say((each.fault.stops() ? "! " : "注意 note: ") + line_of(each.fault));
      }
      const std::string prompt =
          stops ? "编号修改(r 填理由),Ctrl-D 放弃 · a number changes (r: a reason), Ctrl-D gives "
                  "up: "
                : "回车登记,编号修改,Ctrl-D 放弃 · Enter records, a number changes, Ctrl-D gives "
                  "up: ";
      const auto typed = lines_.ask(prompt);
      if (!typed) return false;
      if (typed->empty() && !stops) return true;
      if (*typed == "r" && !ask_reason()) return false;
      std::size_t chosen = 0;
      std::from_chars(typed->data(), typed->data() + typed->size(), chosen);
      if (chosen >= 1 && chosen <= all.size() &&
          !ask_field(all[chosen - 1].part, all[chosen - 1].field))
        return false;
    }
  }

  void show_part(std::size_t number, std::vector<Line>& all) const {
    const PartEntry& part = entry_.parts[number];
    const auto form = look(number);
    lines_.say("");
    lines_.say("-- " + commands::label(form->label, form->id) +
               (part.unchanged ? "(无变化 nothing changed)" : ""));
    for (const state::FieldNow& field : form->fields) {
      const event::Value* value = part.filled.answer(field.key);
      if (!field.visible && value == nullptr) continue;
      all.push_back({number, field});
      lines_.say(std::to_string(all.size()) + " " + commands::label(field.label, field.key) + ": " +
                 (value == nullptr ? "—" : shown(field, *value)));
    }
    if (form->fields.empty() || part.filled.answer("reason") == nullptr) return;
    const auto is_reason = [](const state::FieldNow& field) { return field.key == "reason"; };
    if (std::none_of(form->fields.begin(), form->fields.end(), is_reason))
      lines_.say("理由 reason: " + part.filled.answer("reason")->text);
  }

  bool ask_reason() {
    for (const PartFault& each : faults_of(desk_, entry_)) {
      if (each.fault.force != programme::Force::Reason) continue;
      const auto typed = lines_.ask("理由 reason: ");
      if (!typed) return false;
      if (!typed->empty())
        entry_.parts[each.part].filled.answer("reason", event::text_value(*typed));
    }
    return true;
  }

  const state::FormDesk& desk_;
  Entry& entry_;
  const Lines& lines_;
};
}  // namespace

std::string help_of(const state::FieldNow& field) {
  std::string out = "  " + commands::label(field.label, field.key) + " (" + field.key +
                    "): " + type_text(field) +
                    (field.required ? ",必填 needed" : ",可不填 may be left empty");
  if (!field.range.zh.empty()) out += "\n  范围 range: " + field.range.zh + " · " + field.range.en;
  if (!field.choices.empty()) {
    out += "\n  选项 choices:";
    for (std::size_t i = 0; i < field.choices.size(); ++i)
      out += "\n    " + std::to_string(i + 1) + " " + field.choices[i].code + " " +
             commands::label(field.choices[i].label, "");
    out += field.type == Type::CodeSet
               ? "\n  填编号或代码,可几个,用逗号分开 · numbers or codes, several with commas"
               : "\n  填编号或代码 · a number or a code";
    if (field.other_codes) out += ";也可填别的代码 · or another code";
  }
  switch (field.type) {
    case Type::YesNo: out += "\n  填 yes 或 no(是、否)· yes or no"; break;
    case Type::Date: out += "\n  如 2022-02-10 · like 2022-02-10"; break;
    case Type::Money: out += "\n  以元计,至多两位小数 · in 元, up to two decimals"; break;
    case Type::Place: out += "\n  纬度,经度,精度米 · LATITUDE,LONGITUDE,ACCURACY_M"; break;
    case Type::Blob:
    case Type::Signature: out += "\n  JPEG 或 PNG 文件路径 · the path of a JPEG or PNG file"; break;
    default: break;
  }
  if (field.last) out += "\n  上次 the last time: " + shown(field, *field.last);
  return out;
}

bool fill_in(const state::FormDesk& desk, Entry& entry, const Lines& lines, bool offer_parts) {
  return Dialogue(desk, entry, lines).run(offer_parts);
}
}  // namespace cunji::fieldnode::cli
