#include "shared/event/parts.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "protocol/event.pb.h"

namespace cunji::event {
namespace {
constexpr std::string_view kOutcomeNames[] = {"unspecified", "met",       "nobody_home", "away",
                                              "refused",     "telephone", "moved",       "ended"};

// Reads fields one after the other and remembers the first that is wrong, so that a parser reads
// them all and asks once.
class FieldReader {
 public:
  template <class Fixed>
  Fixed fixed(const std::string& bytes, const char* field) {
    if (bytes.size() != Fixed::kSize) return fail<Fixed>(field);
    return Fixed::from(bytes).value();
  }
  template <class Fixed>
  Fixed fixed_or_zero(const std::string& bytes, const char* field) {
    return bytes.empty() ? Fixed{} : fixed<Fixed>(bytes, field);
  }
  std::string text(const std::string& from, const char* field) {
    if (from.size() > kTextBytesMax) return limit<std::string>(field);
    return from;
  }
  template <class List>
  std::vector<std::string> texts(const List& from, const char* field) {
    std::vector<std::string> out;
    if (!count(from, kListMax, field)) return out;
    for (const std::string& one : from) out.push_back(text(one, field));
    return out;
  }
  template <class List>
  bool count(const List& from, std::size_t max, const char* field) {
    if (static_cast<std::size_t>(from.size()) > max) return limit<bool>(field);
    return true;
  }
  TimePoint time(std::uint64_t millis, const char* field) {
    if (millis > kTimeMillisMax) return fail<TimePoint>(field);
    return from_millis(millis);
  }
  Date date(const std::string& from, const char* field) {
    const auto parsed = parse_date(from);
    return parsed ? *parsed : fail<Date>(field);
  }
  // Gives a value, so that it can stand where a field is read.
  template <class T>
  T fail(const char* field) {
    return note<T>(Errc::Malformed, field);
  }
  void require(bool condition, const char* field) {
    if (!condition) fail<bool>(field);
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  template <class T>
  T limit(const char* field) {
    return note<T>(Errc::Limit, field);
  }
  template <class T>
  T note(Errc code, const char* field) {
    if (!error_) error_ = Error{code, std::string("part: ") + field};
    return T{};
  }
  std::optional<Error> error_;
};

VisitOutcome outcome_of(int number) {
  const bool known = number > 0 && number <= static_cast<int>(VisitOutcome::Ended);
  return known ? static_cast<VisitOutcome>(number) : VisitOutcome::Unspecified;
}

Actor get(const proto::Actor& from, FieldReader& read) {
  return {read.fixed_or_zero<PersonId>(from.person(), "actor"), read.text(from.office(), "office"),
          read.text(from.role(), "role")};
}

Place get(const proto::Place& from, FieldReader& read) {
  constexpr std::int32_t kLatitudeMax = 900'000'000, kLongitudeMax = 1'800'000'000;
  const std::int32_t latitude = from.latitude_e7(), longitude = from.longitude_e7();
  read.require(latitude >= -kLatitudeMax && latitude <= kLatitudeMax &&
                   longitude >= -kLongitudeMax && longitude <= kLongitudeMax,
               "place");
  return {latitude, longitude, from.accuracy_m(), from.mock_location()};
}

Attachment get(const proto::Attachment& from, FieldReader& read) {
  Attachment out;
  out.digest = read.fixed<Digest>(from.digest(), "attachment");
  out.size = from.size();
  read.require(out.size > 0 && out.size <= kBlobBytesMax, "attachment's size");
  out.media_type = from.media_type();
  read.require(!out.media_type.empty() && out.media_type.size() <= kMediaTypeBytesMax &&
                   std::all_of(out.media_type.begin(), out.media_type.end(),
                               [](char c) { return c > ' ' && c <= '~'; }),
               "attachment's media type");
  if (from.taken_at() != 0) out.taken_at = read.time(from.taken_at(), "attachment's time");
  if (from.has_place()) out.place = get(from.place(), read);
  out.kind = read.text(from.kind(), "attachment's kind");
  read.require(out.kind.size() <= kEvidenceKindBytesMax, "attachment's kind");
  return out;
}

Value get(const proto::Value& from, FieldReader& read);

std::vector<Answer> get_answers(const google::protobuf::RepeatedPtrField<proto::Answer>& from,
                                bool in_rows, FieldReader& read) {
  std::vector<Answer> out;
  if (!read.count(from, kListMax, "answers")) return out;
  for (const proto::Answer& answer : from) {
    read.require(!in_rows || !answer.value().has_rows(), "rows within rows");
    if (in_rows && answer.value().has_rows()) return out;
    out.push_back({read.text(answer.field(), "field"), get(answer.value(), read)});
  }
  return out;
}

Value get(const proto::Value& from, FieldReader& read) {
  switch (from.kind_case()) {
    case proto::Value::kText: return text_value(read.text(from.text(), "text"));
    case proto::Value::kInteger: return integer_value(from.integer());
    case proto::Value::kYes: return yes_value(from.yes());
    case proto::Value::kCode: return code_value(read.text(from.code(), "code"));
    case proto::Value::kDate: return date_value(read.date(from.date(), "date"));
    case proto::Value::kSubject:
      return subject_value(read.fixed<SubjectId>(from.subject(), "subject value"));
    case proto::Value::kCodes: return codes_value(read.texts(from.codes().codes(), "codes"));
    case proto::Value::kPlace: return place_value(get(from.place(), read));
    case proto::Value::kRows: {
      std::vector<std::vector<Answer>> rows;
      if (!read.count(from.rows().rows(), kListMax, "rows")) return {};
      for (const proto::Row& row : from.rows().rows())
        rows.push_back(get_answers(row.answers(), /*in_rows=*/true, read));
      return rows_value(std::move(rows));
    }
    case proto::Value::KIND_NOT_SET: break;
  }
  return read.fail<Value>("value");
}

VisitPart get(const proto::Visit& from, FieldReader& read) {
  VisitPart out;
  out.outcome = outcome_of(from.outcome());
  if (from.has_place()) out.place = get(from.place(), read);
  out.purpose = read.text(from.purpose(), "purpose");
  out.who_was_met = read.texts(from.who_was_met(), "who was met");
  out.changes_found = from.changes_found();
  out.remark = read.text(from.remark(), "remark");
  return out;
}

CheckInPart get(const proto::CheckIn& from, FieldReader& read) {
  CheckInPart out;
  out.outcome = outcome_of(from.outcome());
  if (from.has_place()) out.place = get(from.place(), read);
  out.remark = read.text(from.remark(), "remark");
  return out;
}

RegistrationPart get(const proto::Registration& from, FieldReader& read) {
  RegistrationPart out;
  const int type = from.type();
  if (type > 0 && type <= static_cast<int>(SubjectType::Person))
    out.type = static_cast<SubjectType>(type);
  out.create = from.create();
  if (read.count(from.facts(), kListMax, "facts")) {
    for (const proto::Fact& fact : from.facts()) {
      read.require(!fact.name().empty() && !fact.value().has_rows(), "fact");
      out.facts.push_back({read.text(fact.name(), "fact name"), read.text(fact.key(), "fact key"),
                           get(fact.value(), read)});
    }
  }
  out.source = read.text(from.source(), "source");
  out.subject_type = read.text(from.subject_type(), "type of subject");
  out.parent = read.fixed_or_zero<SubjectId>(from.parent(), "parent");
  return out;
}

AssignmentPart get(const proto::Assignment& from, FieldReader& read) {
  AssignmentPart out;
  out.relation = read.text(from.relation(), "relation");
  read.require(!out.relation.empty(), "relation");
  out.from = read.fixed<SubjectId>(from.from(), "from");
  out.to = read.fixed_or_zero<SubjectId>(from.to(), "to");
  if (!from.division().empty()) {
    const auto division = DivisionCode::parse(from.division());
    out.division = division ? *division : read.fail<DivisionCode>("division");
  }
  read.require(out.division.has_value() == out.to.is_zero(), "the other end");
  out.since = read.date(from.since(), "since");
  if (!from.until().empty()) out.until = read.date(from.until(), "until");
  return out;
}

AnswersPart get(const proto::Answers& from, FieldReader& read) {
  AnswersPart out;
  out.answers = get_answers(from.answers(), /*in_rows=*/false, read);
  out.case_id = read.fixed_or_zero<SubjectId>(from.case_(), "case");
  out.procedure = read.text(from.procedure(), "procedure");
  out.stage = read.text(from.stage(), "stage");
  out.outcome = read.text(from.outcome(), "outcome");
  out.go = read.texts(from.goto_(), "goto");
  const int act = from.notice();
  read.require(act >= 0 && act <= static_cast<int>(NoticeAct::Closed), "notice");
  out.notice = static_cast<NoticeAct>(act);
  if (!from.last_step().empty()) out.last_step = read.fixed<Digest>(from.last_step(), "last step");
  out.list = read.fixed_or_zero<SubjectId>(from.list(), "list");
  out.unchanged = from.unchanged();
  return out;
}

StatementPart get(const proto::Statement& from, FieldReader& read) {
  StatementPart out;
  out.of = read.text(from.of(), "of");
  out.period = read.text(from.period(), "period");
  out.valid_at = read.date(from.valid_at(), "valid at");
  out.log_size = from.log_size();
  if (read.count(from.rows(), kListMax, "rows")) {
    for (const proto::StatementRow& row : from.rows())
      out.rows.push_back(
          {read.fixed_or_zero<SubjectId>(row.subject(), "row"), read.texts(row.cells(), "cells")});
  }
  out.signer = read.text(from.signer(), "signer");
  out.post = read.text(from.post(), "post");
  out.supplement = from.supplement();
  out.header = read.texts(from.header(), "header");
  if (!from.digest().empty()) out.digest = read.fixed<Digest>(from.digest(), "digest");
  return out;
}

FoundingPart get(const proto::Founding& from, FieldReader& read) {
  FoundingPart out;
  out.name = read.text(from.name(), "name");
  out.origin = read.text(from.origin(), "origin");
  read.require(!out.origin.empty() && out.origin.find('\n') == std::string::npos, "origin");
  out.log_key = read.fixed<PublicKey>(from.log_key(), "log key");
  out.box_key = read.fixed<Digest>(from.box_key(), "box key").str();
  if (!from.recovery_key().empty())
    out.recovery_key = read.fixed<Digest>(from.recovery_key(), "recovery key").str();
  out.persons_required = from.persons_required();
  read.require(out.persons_required == 1 || out.persons_required == 2, "persons required");
  out.test_county = from.test_county();
  return out;
}

bool is_division_prefix(const std::string& text) {
  return is_digits(text) && (text.size() == 6 || text.size() == 9 || text.size() == 12);
}

CredentialPart get(const proto::Credential& from, FieldReader& read) {
  CredentialPart out;
  out.key = read.fixed<PublicKey>(from.key(), "key");
  out.enrolment_digest = read.fixed<Digest>(from.enrolment_digest(), "enrolment digest");
  out.enrolment_request = from.enrolment_request();
  read.require(out.enrolment_request.size() == kEnrolmentRequestBytes, "enrolment request");
  out.person = read.fixed<PersonId>(from.person(), "person");
  out.role = read.text(from.role(), "role");
  read.require(!out.role.empty(), "role");
  out.office = read.text(from.office(), "office");
  if (read.count(from.kinds(), kListMax, "kinds")) {
    for (const std::uint32_t kind : from.kinds()) {
      read.require(kind > 0 && kind <= UINT16_MAX, "kind");
      out.kinds.push_back(static_cast<std::uint16_t>(kind));
    }
  }
  out.divisions = read.texts(from.scope().divisions(), "divisions");
  read.require(std::all_of(out.divisions.begin(), out.divisions.end(), is_division_prefix),
               "divisions");
  out.assigned = read.text(from.scope().assigned(), "assigned");
  read.require(out.divisions.empty() != out.assigned.empty(), "scope");
  out.valid_from = read.time(from.valid_from(), "valid from");
  out.valid_to = read.time(from.valid_to(), "valid to");
  out.late_days = from.late_days();
  out.events_a_day = from.events_a_day();
  out.bytes_a_day = from.bytes_a_day();
  return out;
}

RevocationPart get(const proto::Revocation& from, FieldReader& read) {
  RevocationPart out;
  out.key = read.fixed<PublicKey>(from.key(), "key");
  out.reason = static_cast<RevocationReason>(from.reason());
  out.last_vouched_sequence = from.last_vouched_sequence();
  if (!from.credential().empty())
    out.credential = read.fixed<Digest>(from.credential(), "credential");
  out.remark = read.text(from.remark(), "remark");
  return out;
}

IncidentPart get(const proto::Incident& from, FieldReader& read) {
  IncidentPart out;
  out.key = read.fixed<PublicKey>(from.key(), "key");
  out.sequence = from.sequence();
  if (!read.count(from.evidence(), kEvidenceMax, "evidence")) return out;
  for (const std::string& header : from.evidence()) {
    read.require(header.size() == kSignedHeaderBytes, "evidence");
    out.evidence.push_back(header);
  }
  return out;
}

AnchorPart get(const proto::Anchor& from, FieldReader& read) {
  return {read.text(from.note(), "note"), read.time(from.at(), "at"), from.county_clock()};
}

template <class List>
std::vector<Digest> get_digests(const List& from, FieldReader& read) {
  std::vector<Digest> out;
  if (!read.count(from, kListMax, "events")) return out;
  for (const std::string& digest : from) out.push_back(read.fixed<Digest>(digest, "events"));
  return out;
}

EndorsementPart get(const proto::Endorsement& from, FieldReader& read) {
  EndorsementPart out;
  out.events = get_digests(from.events(), read);
  out.purpose = static_cast<EndorsementPurpose>(from.purpose());
  out.remark = read.text(from.remark(), "remark");
  return out;
}

CorrectionPart get(const proto::Correction& from, FieldReader& read) {
  CorrectionPart out;
  out.event = read.fixed<Digest>(from.event(), "event");
  out.part = from.part();
  read.require(out.part <= kPartsMax, "part");
  out.reason = read.text(from.reason(), "reason");
  return out;
}

ErasedEvent get(const proto::ErasedEvent& from, FieldReader& read) {
  ErasedEvent out;
  out.event = read.fixed<Digest>(from.event(), "erased event");
  out.index = from.index();
  read.require(out.index <= kSequenceMax, "erased index");
  const auto division = DivisionCode::parse(from.division());
  out.division = division ? *division : read.fail<DivisionCode>("erased division");
  if (from.parts().empty()) out.parts.set();
  if (!read.count(from.parts(), kPartsMax, "erased parts")) return out;
  for (const std::uint32_t number : from.parts()) {
    const bool exists = number >= 1 && number <= kPartsMax;
    read.require(exists, "erased part");
    if (exists) out.parts.set(number - 1);
  }
  return out;
}

ErasurePart get(const proto::Erasure& from, FieldReader& read) {
  ErasurePart out;
  if (read.count(from.events(), kListMax, "erased events")) {
    for (const proto::ErasedEvent& each : from.events()) out.events.push_back(get(each, read));
  }
  out.basis = read.text(from.basis(), "basis");
  out.remark = read.text(from.remark(), "remark");
  if (!from.withdraws().empty()) out.withdraws = read.fixed<Digest>(from.withdraws(), "withdraws");
  read.require(out.events.empty() == out.withdraws.has_value(), "erasure of nothing");
  read.require(out.events.empty() || !out.basis.empty(), "basis");
  return out;
}

ReceiptPart get(const proto::Receipt& from, FieldReader& read) {
  read.require(from.events_size() > 0, "events");
  return {get_digests(from.events(), read)};
}

PartContent get_content(const proto::Part& from, FieldReader& read) {
  switch (from.content_case()) {
    case proto::Part::kVisit: return get(from.visit(), read);
    case proto::Part::kCheckIn: return get(from.check_in(), read);
    case proto::Part::kRegistration: return get(from.registration(), read);
    case proto::Part::kAssignment: return get(from.assignment(), read);
    case proto::Part::kAnswers: return get(from.answers(), read);
    case proto::Part::kFounding: return get(from.founding(), read);
    case proto::Part::kCredential: return get(from.credential(), read);
    case proto::Part::kRevocation:
      if (from.revocation().reason() != proto::REVOCATION_REASON_ENDED &&
          from.revocation().reason() != proto::REVOCATION_REASON_COMPROMISED)
        return std::monostate{};
      return get(from.revocation(), read);
    case proto::Part::kIncident:
      if (from.incident().type() != proto::INCIDENT_TYPE_FORK) return std::monostate{};
      return get(from.incident(), read);
    case proto::Part::kAnchor: return get(from.anchor(), read);
    case proto::Part::kEndorsement:
      if (from.endorsement().purpose() < proto::Endorsement::PURPOSE_EFFECT ||
          from.endorsement().purpose() > proto::Endorsement::PURPOSE_SECOND_PERSON)
        return std::monostate{};
      return get(from.endorsement(), read);
    case proto::Part::kCorrection: return get(from.correction(), read);
    case proto::Part::kErasure: return get(from.erasure(), read);
    case proto::Part::kReceipt: return get(from.receipt(), read);
    case proto::Part::kDefinition: return DefinitionPart{from.definition().definition()};
    case proto::Part::kStatement: return get(from.statement(), read);
    case proto::Part::CONTENT_NOT_SET: break;
  }
  return std::monostate{};
}

PartFrame get_frame(const proto::Part& from, FieldReader& read) {
  PartFrame out;
  out.programme = read.text(from.programme(), "programme");
  out.form = read.text(from.form(), "form");
  out.form_version = from.form_version();
  out.subject = read.fixed_or_zero<SubjectId>(from.subject(), "subject");
  if (from.occurred() != 0) out.occurred = read.time(from.occurred(), "occurred");
  if (from.has_acted_by()) out.acted_by = get(from.acted_by(), read);
  if (read.count(from.participants(), kListMax, "participants")) {
    for (const proto::Actor& actor : from.participants())
      out.participants.push_back(get(actor, read));
  }
  const int medium = from.medium();
  read.require(medium >= 0 && medium <= static_cast<int>(Medium::Import), "medium");
  out.medium = static_cast<Medium>(medium);
  if (read.count(from.attachments(), kAttachmentsMax, "attachments")) {
    for (const proto::Attachment& attachment : from.attachments())
      out.attachments.push_back(get(attachment, read));
  }
  return out;
}
}  // namespace

std::string_view name_of(VisitOutcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

std::optional<VisitOutcome> visit_outcome_named(std::string_view name) {
  const auto* found = std::find(std::begin(kOutcomeNames) + 1, std::end(kOutcomeNames), name);
  if (found == std::end(kOutcomeNames)) return std::nullopt;
  return static_cast<VisitOutcome>(found - std::begin(kOutcomeNames));
}

bool Value::operator==(const Value& other) const {
  return std::tie(type, text, integer, yes, subject, codes, place, rows) ==
         std::tie(other.type, other.text, other.integer, other.yes, other.subject, other.codes,
                  other.place, other.rows);
}

static Value value_of(Value::Type type) {
  Value out;
  out.type = type;
  return out;
}

Value text_value(std::string_view text) {
  Value out = value_of(Value::Type::Text);
  out.text = text;
  return out;
}
Value integer_value(std::int64_t integer) {
  Value out = value_of(Value::Type::Integer);
  out.integer = integer;
  return out;
}
Value yes_value(bool yes) {
  Value out = value_of(Value::Type::Yes);
  out.yes = yes;
  return out;
}
Value code_value(std::string_view code) {
  Value out = value_of(Value::Type::Code);
  out.text = code;
  return out;
}
Value date_value(Date date) {
  Value out = value_of(Value::Type::Date);
  out.text = format_date(date);
  return out;
}
Value subject_value(const SubjectId& subject) {
  Value out = value_of(Value::Type::Subject);
  out.subject = subject;
  return out;
}
Value codes_value(std::vector<std::string> codes) {
  Value out = value_of(Value::Type::Codes);
  out.codes = std::move(codes);
  return out;
}
Value place_value(const Place& place) {
  Value out = value_of(Value::Type::Place);
  out.place = place;
  return out;
}
Value rows_value(std::vector<std::vector<Answer>> rows) {
  Value out = value_of(Value::Type::Rows);
  out.rows = std::move(rows);
  return out;
}

Result<Part> parse_part(BytesView padded) {
  if (padded.size() > kPartBytesMax) return Error{Errc::Limit, "part is too large"};
  TRY_AS(bytes, unpad_part(padded));
  // Most parts fit in the room that is at hand: its messages need no allocation each.
  std::array<char, 4096> room;
  google::protobuf::ArenaOptions options;
  options.initial_block = room.data();
  options.initial_block_size = room.size();
  google::protobuf::Arena arena(options);
  proto::Part& message = *google::protobuf::Arena::CreateMessage<proto::Part>(&arena);
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Error{Errc::Malformed, "part: not a Part message"};
  FieldReader read;
  Part out;
  out.frame = get_frame(message, read);
  out.content = get_content(message, read);
  if (read.error()) return *read.error();
  return out;
}

std::vector<Attachment> attachments_of(const Body& body, const PartSet& among) {
  // The tag of the field, which a part that has it can't do without; most parts have no such byte.
  constexpr char kTag = proto::Part::kAttachmentsFieldNumber << 3 | 2;
  std::vector<Attachment> out;
  for (std::size_t i = 0; i < body.parts.size(); ++i) {
    const PartSlot& slot = body.parts[i];
    const bool meant = among[i] && slot.state == PartState::Present;
    if (!meant || slot.padded.find(kTag) == Bytes::npos) continue;
    auto part = parse_part(slot.padded);
    if (!part) continue;
    for (Attachment& attachment : part->frame.attachments) out.push_back(std::move(attachment));
  }
  return out;
}
}  // namespace cunji::event
