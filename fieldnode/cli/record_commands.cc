// record: visits, check-ins, registrations, assignments, corrections, or any kind from JSON.
#include "fieldnode/cli/record_commands.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "fieldnode/cli/drafts.h"
#include "fieldnode/cli/entry.h"
#include "fieldnode/cli/form_recording.h"
#include "fieldnode/cli/photo_file.h"
#include "fieldnode/cli/record_form.h"
#include "fieldnode/cli/text.h"
#include "shared/event/limits.h"
#include "shared/event/parts.h"
#include "shared/state/inquiry.h"

namespace cunji::fieldnode::cli {
namespace {
// A clock that is a little behind is no reason to send a person away.
constexpr std::chrono::minutes kOccurredAheadMax{10};
// JSON is at most so much longer than the parts it stands for (base64, names, escapes).
constexpr std::size_t kJsonBytesMax = 4 * event::kBodyBytesMax;

struct About {
  DivisionCode division;
  SubjectId subject;
};

Result<std::string> read_json(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  if (!in) return Error{Errc::Io, "can't read " + path};
  std::string out(kJsonBytesMax + 1, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  if (out.size() > kJsonBytesMax) return Error{Errc::Limit, path + " is too large"};
  return out;
}

Result<SubjectId> subject_from_hex(const std::string& text) {
  const auto bytes = from_hex(text);
  if (!bytes || bytes->size() != SubjectId::kSize)
    return Error{Errc::Malformed,
                 "\"" + text + "\" is no id: a household or person has 32 hexadecimal digits"};
  return SubjectId::from(*bytes);
}

// What the registers and cases here know of a subject that is no household.
std::optional<DivisionCode> division_of(const state::State& shown, const std::string& id,
                                        Date today) {
  const auto subject = subject_from_hex(id);
  return subject ? state::Inquiry(shown, today).about(*subject).division : std::nullopt;
}

// The one village that the credential covers.
Result<DivisionCode> own_village(Node& node, TimePoint now) {
  TRY_AS(status, node.status(now));
  if (status.divisions.size() != 1 || status.divisions[0].size() != DivisionCode::kSize)
    return Error{Errc::Malformed, "give --household, --subject or --division"};
  return DivisionCode::parse(status.divisions[0]);
}

// Whom the event is about: a household known here; or, for one that is not (the register has not
// come yet), its id and division in full; or a new one. No subject: the division, or what the form
// makes, as that says (answer_forms).
Result<About> about(Node& node, const RecordOptions& o, TimePoint now, Entropy& entropy) {
  const Date today = date_of(now);
  About out;
  if (!o.division.empty()) {
    TRY_AS(division, DivisionCode::parse(o.division));
    out.division = division;
    if (node.county() && !node.county()->contains(division))
      return Error{Errc::Malformed, "division " + o.division + " is not in this county"};
  }
  const std::string& named = o.household.empty() ? o.subject : o.household;
  if (o.create && named.empty()) {
    if (o.division.empty()) return Error{Errc::Malformed, "a new subject needs --division"};
    out.subject = entropy.next<SubjectId>();
    return out;
  }
  if (named.empty() && !o.form.empty()) {
    if (o.division.empty()) {
      TRY_AS(division, own_village(node, now));
      out.division = division;
    }
    return out;
  }
  if (named.empty()) return Error{Errc::Malformed, "give --household, or --subject"};
  if (!o.division.empty()) {
    TRY_AS(subject, subject_from_hex(named));
    out.subject = subject;
    return out;
  }
  TRY_AS(shown, node.shown());
  const auto county = node.county();
  if (!county) return Error{Errc::Protocol, "not enrolled: no county is known yet"};
  if (o.household.empty()) {
    if (const auto division = division_of(*shown, named, today); division) {
      TRY_AS(subject, subject_from_hex(named));
      return About{.division = *division, .subject = subject};
    }
  }
  TRY_AS(household, find_household(shown->households(county->view(), today), named));
  return About{.division = household.division, .subject = household.id};
}

Result<event::PartFrame> frame_of(const RecordOptions& o, TimePoint now) {
  event::PartFrame out;
  if (!o.occurred.empty()) {
    TRY_AS(occurred, parse_time(o.occurred));
    if (occurred > now + kOccurredAheadMax)
      return Error{Errc::Malformed, "--occurred " + o.occurred + " lies in the future"};
    out.occurred = occurred;
  }
  if (o.medium == "paper") out.medium = event::Medium::Paper;
  if (o.medium == "telephone") out.medium = event::Medium::Telephone;
  if (o.medium == "import") out.medium = event::Medium::Import;
  return out;
}

Result<event::VisitOutcome> outcome_of(const RecordOptions& o) {
  const auto outcome = event::visit_outcome_named(o.outcome);
  if (!outcome || *outcome == event::VisitOutcome::Unspecified)
    return Error{Errc::Malformed,
                 "--outcome is one of met nobody_home away refused telephone "
                 "moved ended, not \"" +
                     o.outcome + "\""};
  return *outcome;
}

Result<std::optional<event::Place>> place_of(const RecordOptions& o) {
  if (o.place.empty()) return std::optional<event::Place>{};
  TRY_AS(place, parse_place(o.place));
  place.mock_location = o.mock;
  return std::optional(place);
}

using Content = Result<event::PartContent>;

Content visit_content(const RecordOptions& o) {
  TRY_AS(outcome, outcome_of(o));
  TRY_AS(place, place_of(o));
  return event::PartContent(event::VisitPart{.outcome = outcome,
                                             .place = place,
                                             .purpose = o.purpose,
                                             .who_was_met = o.met,
                                             .changes_found = o.changes,
                                             .remark = o.remark});
}

Content check_in_content(const RecordOptions& o) {
  TRY_AS(outcome, outcome_of(o));
  TRY_AS(place, place_of(o));
  return event::PartContent(
      event::CheckInPart{.outcome = outcome, .place = place, .remark = o.remark});
}

Content registration_content(const RecordOptions& o) {
  event::RegistrationPart out{
      .type = o.type == "person" ? event::SubjectType::Person : event::SubjectType::Household,
      .create = o.create,
      .facts = {},
      .source = o.source};
  for (const std::string& text : o.facts) {
    TRY_AS(fact, parse_fact(text));
    out.facts.push_back(fact);
  }
  if (out.facts.empty()) return Error{Errc::Malformed, "give at least one --fact NAME=VALUE"};
  return event::PartContent(out);
}

Content assignment_content(const RecordOptions& o) {
  event::AssignmentPart out;
  out.relation = o.relation;
  TRY_AS(from, subject_from_hex(o.from));
  out.from = from;
  if (o.to.empty()) {
    TRY_AS(division, DivisionCode::parse(o.division));
    out.division = division;
  } else {
    TRY_AS(to, subject_from_hex(o.to));
    out.to = to;
  }
  TRY_AS(since, parse_date(o.since));
  out.since = since;
  if (!o.until.empty()) {
    TRY_AS(until, parse_date(o.until));
    out.until = until;
  }
  return event::PartContent(out);
}

// The event that a digest (or its beginning) names, among the own and the fed ones: a correction
// stands where that one stands.
struct Named {
  Digest digest;
  About about;
  std::size_t count = 0;
};
Result<Named> find_event(Node& node, const std::string& hex) {
  constexpr std::size_t kDigitsMin = 8;
  if (hex.size() < kDigitsMin)
    return Error{Errc::Malformed, "--event takes at least 8 digits of the event's digest"};
  Named out;
  const auto consider = [&](const event::SignedEvent& event) {
    if (!to_hex(event.digest().view()).starts_with(hex)) return;
    if (out.count > 0 && out.digest == event.digest()) return;
    ++out.count;
    out.digest = event.digest();
    out.about = {event.header().division, event.header().subject};
  };
  TRY_AS(lines, node.own_lines(/*unsent_only=*/false));
  for (const OwnLine& line : lines) consider(line.own.event.signed_event);
  TRY(node.store().scan_entries(0, [&](const event::LoggedEvent& logged) -> Result<bool> {
    consider(logged.entry.event);
    return true;
  }));
  if (out.count != 1)
    return Error{Errc::Malformed, out.count == 0 ? "no event " + hex + " is known here"
                                                 : "several events begin with " + hex};
  return out;
}

// The photos of the first part, each kept here (durable) before the event that names it.
Result<std::vector<event::Attachment>> keep_photos(Node& node, const std::vector<Photo>& photos) {
  std::vector<event::Attachment> out;
  for (const Photo& photo : photos) {
    TRY_AS(digest, node.store().add_blob(photo.bytes));
    out.push_back({.digest = digest,
                   .size = static_cast<std::uint32_t>(photo.bytes.size()),
                   .media_type = photo.media_type,
                   .taken_at = photo.taken_at,
                   .place = photo.place});
  }
  return out;
}

int finish(Node& node, const RecordDraft& draft) {
  const auto recorded = node.record(draft);
  if (!recorded && recorded.error().code == Errc::Protocol)
    return fail("尚未登记入册,先运行 enrol", recorded.error().what);
  if (!recorded) return fail("未保存", recorded.error().what);
  say("已保存第 " + std::to_string(recorded->sequence) + " 条,尚未发送 · recorded as number " +
      std::to_string(recorded->sequence) + " (" + to_hex(recorded->digest.view()).substr(0, 8) +
      "), not sent yet");
  if (recorded->expected && !event::is_accepted(*recorded->expected))
    say("注意:县里可能认为" + std::string(event::label_zh_of(*recorded->expected)) +
        " · note: the county may find that it has no authority (" +
        std::string(event::name_of(*recorded->expected)) + ")");
  return 0;
}

void add_common(CLI::App* command, RecordOptions& o) {
  command->add_option("--household", o.household,
                      "农户编号、户主或标识 · number, head or id (beginning) of the household");
  command->add_option("--division", o.division,
                      "12 位区划代码,农户尚不在本机时 · division, for one that is not known here");
  command->add_option("--occurred", o.occurred,
                      "何时发生 2022-02-09T10:15,缺省为现在 · when it happened; default: now");
  command->add_option("--medium", o.medium, "方式 · direct, paper, telephone, import")
      ->check(CLI::IsMember({"direct", "paper", "telephone", "import"}));
  command->add_option("--photo", o.photo_files,
                      "照片 JPEG 或 PNG,可多次;拍摄地点与时间只留在记录里 · a photo, may be "
                      "repeated; what it says of place and time stays in the record only");
  command->add_option(
      "--json", o.json_file,
      "内容取自 JSON 文件,- 为标准输入 · the parts from a JSON file, or - for input");
  command
      ->add_option(
          "--draft", o.draft,
          "只存为此名的草稿,不登记;可再补充 · keep it as the draft of this name instead of "
          "recording it; said again, what is typed is added to it")
      ->check(CLI::Validator(check_draft_name, "NAME"));
}

// Each option that was given, with its values as they were typed.
TypedForm typed_in(const CLI::App& command, const std::string& name) {
  TypedForm out;
  out.command = name;
  for (const CLI::Option* option : command.get_options())
    if (option->count() > 0 && option->get_name().starts_with("--"))
      out.options[option->get_name()] = option->results();
  return out;
}

void add_presence(CLI::App* command, RecordOptions& o) {
  command->add_option("--outcome", o.outcome,
                      "结果 · met nobody_home away refused telephone moved ended");
  command->add_option("--place", o.place, "纬度,经度,精度米 · LATITUDE,LONGITUDE,ACCURACY_M");
  command->add_flag("--mock-location", o.mock, "设备称位置为模拟 · the device calls it made up");
  command->add_option("--remark", o.remark, "备注 · remark");
}

// What goes with any form in force; without one, of visits, it is refused.
void add_form_options(CLI::App* command, RecordOptions& o) {
  command->add_option(
      "--answer", o.answers,
      "FIELD=VALUE,可多次 · may be repeated; several codes with commas, money in 元");
  command->add_option("--participant", o.participants,
                      "同行人 ROLE[@OFFICE][:PERSON],可多次 · who took part");
  command->add_option("--acted-by", o.acted_by, "代谁登记 ROLE[@OFFICE] · for whom it is recorded");
  command->add_option("--evidence", o.evidence,
                      "证据 KIND=FILE,可多次 · household_signature=sheet.jpg, stamped_form=…");
  command->add_option("--refused", o.refused, "农户拒绝的 · what was refused: signature, photo");
  command->add_flag("--unchanged", o.unchanged,
                    "与上次相同 · nothing has changed: the answers of the last time");
}
}  // namespace

int read_files(RecordOptions& o) {
  for (const std::string& path : o.photo_files) {
    auto photo = read_photo(path);
    if (!photo)
      return fail(photo.error().code == Errc::Limit ? "照片太大,请先缩小(每张至多 2 MB);未保存"
                                                    : "照片读不出;未保存",
                  photo.error().what);
    o.photos.push_back(std::move(*photo));
  }
  if (!o.json_file.empty()) {
    auto json = read_json(o.json_file);
    if (!json) return fail("读不到 JSON", json.error().what);
    o.json = std::move(*json);
  }
  if (!o.photo_files.empty() && o.json && o.form.empty() && !is_entry_json(*o.json))
    return fail("--photo 不能与 --json 同用", "--photo does not go with --json");
  return 0;
}

int record(OpenNode& open, const RecordOptions& o, TimePoint now) {
  Node& node = *open.node;
  if (!node.county()) return fail("尚未登记入册,先运行 enrol", "not enrolled yet: run enrol first");
  if (node.revoked())
    return fail("县里已撤销此密钥,不能再登记",
                "the county has revoked this key: no more is recorded");
  RecordDraft draft{.kind = o.kind, .division = {}, .subject = {}, .recorded = now, .parts = {}};
  if (o.kind == event::Kind::Correction) {
    const auto wrong = find_event(node, o.event);
    if (!wrong) return fail("找不到要更正的记录", wrong.error().what);
    draft.division = wrong->about.division;
    draft.subject = wrong->about.subject;
    draft.parts.push_back(event::encode_part(
        event::CorrectionPart{.event = wrong->digest, .part = o.part, .reason = o.reason}));
  } else {
    const auto subject = about(node, o, now, open.entropy);
    if (!subject) return fail("农户或区划不对", subject.error().what);
    draft.division = subject->division;
    draft.subject = subject->subject;
  }
  const bool is_raw = o.form.empty() && o.json && !is_entry_json(*o.json);
  const bool is_presence = o.kind == event::Kind::Visit || o.kind == event::Kind::CheckIn;
  if (!o.form.empty() || (is_presence && !is_raw)) {
    const auto frame = frame_of(o, now);
    if (!frame) return fail("时间不对", frame.error().what);
    const auto done = answer_forms(open, o, *frame, now, draft);
    if (!done) return 1;
    if (*done) return finish(node, draft);
    // Nothing of the register is in force yet: a plain visit.
    if (!o.answers.empty() || !o.evidence.empty() || !o.participants.empty() ||
        !o.acted_by.empty() || !o.refused.empty() || o.unchanged || o.json)
      return fail("县里还没有公布走访表,只能用 --outcome 等",
                  "no form of a visit is in force yet: only --outcome and the like can be said");
  }
  if (o.json) {
    auto parts = parts_from_json(*o.json);
    if (!parts) return fail("JSON 不合格式", parts.error().what);
    draft.parts.insert(draft.parts.end(), parts->begin(), parts->end());
  } else if (o.content_of != nullptr) {
    auto frame = frame_of(o, now);
    if (!frame) return fail("时间不对", frame.error().what);
    const auto content = o.content_of(o);
    if (!content) return fail("内容不对", content.error().what);
    auto kept = keep_photos(node, o.photos);
    if (!kept) return fail("照片未保存", kept.error().what);
    frame->attachments = std::move(*kept);
    draft.parts.push_back(event::encode_part(*content, *frame));
  }
  return finish(node, draft);
}

// In the order in which people meet them.
static constexpr const char* kExamples =
    "例 examples:\n"
    "  cunji-node forms                                     可登记的表 · what can be recorded\n"
    "  cunji-node forms monitoring.lead_verification        一张表的各项 · the fields of one\n"
    "  cunji-node record visit --household 0002             逐项询问,含本户应填各表 · asks, with "
    "all\n"
    "                                                       that is due in the house\n"
    "  cunji-node record visit --household 0002 --outcome nobody_home\n"
    "  cunji-node record monitoring.lead_verification --household 0002 --answer screener=张三 \\\n"
    "      --answer outcome=meets_conditions --photo door.jpg --evidence "
    "household_signature=sheet.jpg\n"
    "  cunji-node record monitoring.income_sheet --household 0002 --json answers.json\n"
    "      {\"answers\": {\"wage\": \"1200.50\"}, \"evidence\": {\"photo\": \"a.jpg\"}}";

std::shared_ptr<RecordOptions> add_record_forms(CLI::App& app, std::function<void()> on_chosen) {
  CLI::App* record = app.add_subcommand(
      "record", "登记(签名后存于本机,可离线) · record, signed and kept here, also offline");
  record->require_subcommand(0, 1);
  record->footer(kExamples);
  auto o = std::make_shared<RecordOptions>();

  record->add_option(
      "form", o->form,
      "表 PROGRAMME.FORM,如 monitoring.lead_verification;不给答案则在终端逐项询问 · a "
      "form; without answers it asks for them at the terminal");
  add_common(record, *o);
  add_presence(record, *o);
  add_form_options(record, *o);
  record->add_option(
      "--subject", o->subject,
      "非农户的主体标识(线索等)· id of a subject that is no household, as of a lead");
  record->add_option("--case", o->case_id,
                     "事项标识,32 位 · id of the case, where it must be said");
  record->callback([record, o, on_chosen] {
    if (!record->get_subcommands().empty()) return;
    if (o->form.empty()) throw CLI::RequiredError("FORM, or visit, check-in …");
    o->kind = event::Kind::Step;
    o->content_of = nullptr;
    o->typed = typed_in(*record, o->form);
    on_chosen();
  });

  const auto add = [&](const char* name, const char* text, event::Kind kind,
                       Content (*content_of)(const RecordOptions&)) {
    CLI::App* command = record->add_subcommand(name, text);
    add_common(command, *o);
    command->callback([command, o, kind, content_of, on_chosen] {
      if (!o->form.empty()) throw CLI::ExtrasError({o->form});
      o->kind = kind;
      o->content_of = content_of;
      o->typed = typed_in(*command, command->get_name());
      on_chosen();
    });
    return command;
  };
  CLI::App* visit =
      add("visit", "入户走访,含本户应填各表 · a visit to a household, with the forms due there",
          event::Kind::Visit, visit_content);
  add_presence(visit, *o);
  add_form_options(visit, *o);
  visit->footer(kExamples);
  visit->add_option("--purpose", o->purpose, "目的 · purpose");
  visit->add_option("--met", o->met, "见到谁(与户主关系) · who was met, by relation to the head");
  visit->add_flag("--changes", o->changes, "发现变化 · something has changed");

  CLI::App* check_in = add("check-in", "到访签到(无人、拒访、电话等) · presence without a visit",
                           event::Kind::CheckIn, check_in_content);
  add_presence(check_in, *o);
  add_form_options(check_in, *o);

  CLI::App* registration =
      add("registration", "登记农户或人员情况 · facts of a household or person",
          event::Kind::Registration, registration_content);
  registration->add_flag("--new", o->create, "新建(需 --division) · create, with --division");
  registration->add_option("--type", o->type, "household 或 person")
      ->check(CLI::IsMember({"household", "person"}));
  registration->add_option("--fact", o->facts, "NAME[:TYPE]=VALUE,可多次 · may be repeated");
  registration->add_option("--source", o->source, "来源 · where it is known from");

  CLI::App* assignment =
      add("assignment", "指派关系 · a dated relation", event::Kind::Assignment, assignment_content);
  assignment->add_option("--relation", o->relation, "coordinator_of, member_of, lives_in …");
  assignment->add_option("--from", o->from, "人员标识 · id of the person, 32 digits");
  assignment->add_option("--to", o->to, "农户或人员标识 · id of household or person");
  assignment->add_option("--since", o->since, "起始日 · first day");
  assignment->add_option("--until", o->until, "末日 · last day");
  assignment->add_option("--subject", o->subject, "主体标识 · id of the event's subject");

  CLI::App* correction =
      add("correction", "更正一条记录 · correct an event", event::Kind::Correction, nullptr);
  correction
      ->add_option("--event", o->event, "原记录摘要(至少 8 位) · its digest, 8 digits or more")
      ->required();
  correction->add_option("--part", o->part, "第几部分,0 为全部 · which part, 0: all of it");
  correction->add_option("--reason", o->reason, "理由 · reason")->required();
  return o;
}

static int run_record(const Context& context, RecordOptions& o) {
  if (const int failed = read_files(o); failed != 0) return failed;
  auto open = open_node(context);
  if (!open) return 1;
  const bool keeps = !o.draft.empty() && !is_asked_for(o);
  return keeps ? keep_draft(*open, o, context.now()) : record(*open, o, context.now());
}

void add_record_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<std::shared_ptr<RecordOptions>>();
  *options = add_record_forms(app, [&context, options] {
    context.chosen = [&context, options] { return run_record(context, **options); };
  });
}
}  // namespace cunji::fieldnode::cli
