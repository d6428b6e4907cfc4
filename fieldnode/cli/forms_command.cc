// forms: what may be recorded here, and what a form asks.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fieldnode/cli/answers.h"
#include "fieldnode/cli/form_recording.h"
#include "fieldnode/cli/record_form.h"
#include "fieldnode/cli/text.h"
#include "fieldnode/cli/view.h"
#include "shared/commands/words.h"
#include "shared/event/kinds.h"

namespace cunji::fieldnode::cli {
namespace {
using Json = nlohmann::ordered_json;

struct FormsAsked {
  std::string form, household, subject;
  bool json = false;
};

std::string kind_text(event::Kind kind) {
  const auto info = event::info_of(static_cast<std::uint16_t>(kind));
  return info ? std::string(info->name) : "—";
}

std::string evidence_text(const state::FormNow& form) {
  std::string out;
  for (const state::Choice& kind : form.evidence) out += (out.empty() ? "" : " ") + kind.code;
  return out;
}

Json head_json(const state::FormNow& form) {
  Json out{{"form", form.id},
           {"label", {{"zh", form.label.zh}, {"en", form.label.en}}},
           {"kind", kind_text(form.kind)},
           {"about", form.subject_type},
           {"creates", form.creates},
           {"version", form.version},
           {"evidence", Json::array()}};
  for (const state::Choice& kind : form.evidence)
    out["evidence"].push_back(
        {{"kind", kind.code}, {"label", {{"zh", kind.label.zh}, {"en", kind.label.en}}}});
  return out;
}

int print(const Json& json) {
  say(json.dump(2, ' ', false, Json::error_handler_t::replace));
  return 0;
}

int list_forms(const state::FormDesk& desk, bool json) {
  const auto forms = desk.forms();
  if (json) {
    Json out = Json::array();
    for (const state::FormNow& form : forms) out.push_back(head_json(form));
    return print(out);
  }
  if (forms.empty()) {
    say("没有可登记的表 · no forms to record here");
    return 0;
  }
  Table table({"表 Form", "名称 Label", "对象 About", "证据 Evidence"});
  for (const state::FormNow& form : forms)
    table.add(
        {form.id, commands::label(form.label, form.id), form.subject_type, evidence_text(form)});
  std::fputs(table.text().c_str(), stdout);
  return 0;
}

// What may be answered, and what it would be without an answer.
std::string allowed_text(const state::FieldNow& field) {
  std::string out;
  for (const state::Choice& each : field.choices)
    out +=
        (out.empty() ? "" : " ") + each.code + (each.label.zh.empty() ? "" : "=" + each.label.zh);
  if (field.other_codes) out += " …";
  if (!field.range.zh.empty()) out += field.range.zh + " " + field.range.en;
  for (const state::FieldNow& column : field.row)
    out += (out.empty() ? "" : ", ") + column.key + (column.required ? "*" : "");
  if (!field.unit.empty()) out += (out.empty() ? "" : ", ") + field.unit;
  return out;
}

int show_form(const state::FormDesk& desk, const state::FormNow& form, const SubjectId& subject,
              bool json) {
  if (json) {
    Json out = head_json(form);
    if (form.last_on) out["last_on"] = format_date(*form.last_on);
    out["fields"] = Json::array();
    for (const state::FieldNow& field : form.fields) out["fields"].push_back(json_of(field));
    return print(out);
  }
  say(commands::label(form.label, form.id) + " " + form.id + " (" + kind_text(form.kind) +
      "),针对 about: " + form.subject_type);
  if (!form.evidence.empty()) {
    std::string kinds;
    for (const state::Choice& kind : form.evidence)
      kinds += (kinds.empty() ? "" : "; ") + commands::label(kind.label, kind.code) + " (" +
               kind.code + ")";
    say("须附证据 evidence: " + kinds);
  }
  if (form.last_on) say("上次 the last time: " + format_date(*form.last_on));
  Table table({"项 Field", "名称 Label", "类型 Type", "必填 Needed", "可填 Allowed", "已知 Known"});
  for (const state::FieldNow& field : form.fields) {
    const auto& known = field.prefill ? field.prefill : field.last;
    std::string needed = field.required ? "是 yes" : "";
    if (!field.visible) needed = "视情况 if asked";
    table.add({field.key, commands::label(field.label, field.key), type_text(field), needed,
               fit(allowed_text(field), 60), known ? shown(field, *known) : ""});
  }
  std::fputs(table.text().c_str(), stdout);
  const auto faults = desk.faults({.form = form.id, .subject = subject});
  for (const state::Fault& fault : faults)
    if (fault.kind == state::Fault::Kind::NotAllowed ||
        fault.kind == state::Fault::Kind::SecondOfPeriod)
      say("注意 note: " + line_of(fault));
  return 0;
}

int run_forms(const Context& context, const FormsAsked& asked) {
  const auto view = view_of(context);
  if (!view) return 1;
  const Date today = date_of(context.now());
  const state::FormDesk desk(*view->state, today, recorder_of(*view->open->node));
  if (asked.form.empty()) return list_forms(desk, asked.json);
  SubjectId subject;
  if (!asked.household.empty()) {
    const auto found =
        find_household(view->state->households(view->county.view(), today), asked.household);
    if (!found) return fail("农户不对", found.error().what);
    subject = found->id;
  } else if (!asked.subject.empty()) {
    const auto bytes = from_hex(asked.subject);
    if (!bytes || bytes->size() != SubjectId::kSize)
      return fail("标识应为 32 位", "--subject takes an id of 32 digits");
    subject = SubjectId::from(*bytes).value();
  }
  const auto id = desk.form_named(asked.form);
  const auto form = id ? desk.look({.form = *id, .subject = subject}) : std::nullopt;
  if (!form)
    return fail("没有这张表:" + asked.form,
                "no form \"" + asked.form + "\" is in force: forms without a name lists them");
  return show_form(desk, *form, subject, asked.json);
}
}  // namespace

void add_forms_command(CLI::App& app, Context& context) {
  const auto asked = std::make_shared<FormsAsked>();
  CLI::App* forms = app.add_subcommand(
      "forms",
      "表单:可在此登记的表,或一张表的各项 · the forms that you may record, or one of them");
  forms->add_option("form", asked->form, "PROGRAMME.FORM");
  forms->add_option("--household", asked->household,
                    "连同该户已知的内容 · with what is known of this household");
  forms->add_option("--subject", asked->subject, "同上,非农户的标识 · the same of another subject");
  forms->add_flag("--json", asked->json, "JSON");
  forms->footer(
      "例 examples:\n"
      "  cunji-node forms\n"
      "  cunji-node forms monitoring.income_sheet --household 0002\n"
      "  cunji-node forms register.visit --json");
  on_run(forms, context, [&context, asked] { return run_forms(context, *asked); });
}
}  // namespace cunji::fieldnode::cli
