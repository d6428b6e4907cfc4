#include "fieldnode/cli/form_recording.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "fieldnode/cli/answers.h"
#include "fieldnode/cli/dialogue.h"
#include "fieldnode/cli/drafts.h"
#include "fieldnode/cli/entry.h"
#include "fieldnode/cli/text.h"

namespace cunji::fieldnode::cli {
bool is_asked_for(const RecordOptions& o) {
  const bool by_form = !o.form.empty() || o.kind == event::Kind::Visit;
  return by_form && ::isatty(STDIN_FILENO) == 1 && o.json_file.empty() && o.answers.empty() &&
         o.outcome.empty() && !o.unchanged;
}

state::Recorder recorder_of(const Node& node) {
  const credential::KeyStatus* status = node.governance().find(node.key());
  if (status == nullptr || status->grants.empty()) return {};
  const credential::Grant& grant = status->grants.front();
  return {.role = grant.role, .office = grant.office, .person = SubjectId{grant.person.bytes}};
}

static Lines terminal_lines() {
  return {.ask = [](const std::string& prompt) -> std::optional<std::string> {
            std::fputs(prompt.c_str(), stdout);
            std::fflush(stdout);
            std::string out;
            if (!std::getline(std::cin, out)) {
              std::fputc('\n', stdout);
              return std::nullopt;
            }
            const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
            while (!out.empty() && is_space(out.back())) out.pop_back();
            out.erase(out.begin(), std::find_if_not(out.begin(), out.end(), is_space));
            return out;
          },
          .say = [](const std::string& line) { say(line); }};
}

// What was answered so far lies in the draft as JSON; the options that say the same are left out.
static int keep_answers(OpenNode& open, const state::FormDesk& desk, const Entry& entry,
                        RecordOptions o, TimePoint now) {
  o.json = json_of(desk, entry).dump();
  for (const char* option : {"--answer", "--outcome", "--place", "--mock-location", "--remark",
                             "--purpose", "--met", "--changes", "--refused", "--photo",
                             "--evidence", "--participant", "--acted-by", "--case", "--unchanged"})
    o.typed.options.erase(option);
  return keep_draft(open, o, now);
}

// Says everything that is wrong; whether something stands against recording it.
static bool is_refused(const state::FormDesk& desk, const Entry& entry) {
  std::vector<std::string> stops;
  for (const PartFault& each : faults_of(desk, entry)) {
    std::string line = line_of(each.fault);
    if (entry.parts.size() > 1) line = entry.parts[each.part].filled.form + " " + line;
    if (each.fault.stops())
      stops.push_back(line);
    else
      say("注意 note: " + line);
  }
  for (const std::string& line : stops) std::fprintf(stderr, "  %s\n", line.c_str());
  if (!stops.empty())
    fail("填写不对,没有登记任何内容",
         std::to_string(stops.size()) + " answers do not fit, nothing was recorded: see above");
  return !stops.empty();
}

// Nobody was named: the form makes somebody new, or is about the division.
static SubjectId subject_of(const state::FormDesk& desk, const std::string& form,
                            const state::Inquiry& inquiry, const RecordDraft& draft,
                            Entropy& entropy) {
  const auto now = desk.look({.form = form});
  const bool is_new =
      now->creates && (now->subject_type == "household" || now->subject_type == "person" ||
                       now->subject_type == "office");
  return is_new ? entropy.next<SubjectId>() : inquiry.division_subject(draft.division);
}

std::optional<bool> answer_forms(OpenNode& open, const RecordOptions& o,
                                 const event::PartFrame& frame, TimePoint now, RecordDraft& draft) {
  Node& node = *open.node;
  const auto refuse = [](const char* zh, const Error& error) {
    fail(zh, error.what);
    return std::nullopt;
  };
  const auto shown = node.shown();
  if (!shown) return refuse("读不出", shown.error());
  const Date on = date_of(frame.occurred.value_or(now));
  const state::FormDesk desk(**shown, on, recorder_of(node));
  std::string named = o.form;
  if (named.empty())
    named = o.kind == event::Kind::Visit ? "register.visit" : "register.visit_attempt";
  const auto form = desk.form_named(named);
  if (!form && o.form.empty()) return false;
  if (!form)
    return refuse("没有这张表,用 forms 查看",
                  {Errc::Malformed, "no form \"" + named +
                                        "\" is in force: it is written PROGRAMME.FORM; forms lists "
                                        "them"});
  const state::Inquiry inquiry(**shown, on);
  if (draft.subject.is_zero())
    draft.subject = subject_of(desk, *form, inquiry, draft, open.entropy);
  const auto house = inquiry.about(draft.subject).household;
  auto entry = begin_entry(desk, *form, draft.subject, house.value_or(draft.subject));
  if (!entry) return refuse("填写不对", entry.error());
  entry->medium = frame.medium;
  entry->occurred = frame.occurred;
  if (o.json)
    if (const auto taken = take_json(desk, *entry, *o.json); !taken)
      return refuse("JSON 填写不对,没有登记任何内容", taken.error());
  if (const auto taken = take_options(desk, *entry, o); !taken)
    return refuse("填写不对,没有登记任何内容", taken.error());
  if (is_asked_for(o)) {
    const bool whole_visit = state::is_visit_form(*form) && entry->kind == event::Kind::Visit;
    if (!fill_in(desk, *entry, terminal_lines(), whole_visit)) {
      fail("已放弃,没有登记任何内容", "given up, nothing was recorded");
      if (!o.draft.empty()) keep_answers(open, desk, *entry, o, now);
      return std::nullopt;
    }
  } else {
    complete(desk, *entry);
  }
  if (is_refused(desk, *entry)) return std::nullopt;
  auto parts = encode(desk, *entry, draft.subject,
                      [&](const Photo& photo) { return node.store().add_blob(photo.bytes); });
  if (!parts) return refuse("照片未保存", parts.error());
  draft.kind = entry->kind;
  draft.parts.insert(draft.parts.end(), parts->begin(), parts->end());
  return true;
}
}  // namespace cunji::fieldnode::cli
