// Builds the bytes of a part from plain structs; parts.cc reads them.
#include "protocol/event.pb.h"
#include "shared/event/parts.h"

namespace cunji::event {
namespace {
template <class Fixed>
Bytes bytes_or_empty(const Fixed& fixed) {
  return fixed.is_zero() ? Bytes{} : fixed.str();
}

void put(const Actor& from, proto::Actor& to) {
  to.set_person(bytes_or_empty(from.person));
  to.set_office(from.office);
  to.set_role(from.role);
}

void put(const Place& from, proto::Place& to) {
  to.set_latitude_e7(from.latitude_e7);
  to.set_longitude_e7(from.longitude_e7);
  to.set_accuracy_m(from.accuracy_m);
  to.set_mock_location(from.mock_location);
}

void put(const Attachment& from, proto::Attachment& to) {
  to.set_digest(from.digest.str());
  to.set_size(from.size);
  to.set_media_type(from.media_type);
  if (from.taken_at) to.set_taken_at(to_millis(*from.taken_at));
  if (from.place) put(*from.place, *to.mutable_place());
  to.set_kind(from.kind);
}

void put(const Value& from, proto::Value& to);

void put(const std::vector<Answer>& from, google::protobuf::RepeatedPtrField<proto::Answer>& to) {
  for (const Answer& answer : from) {
    proto::Answer& added = *to.Add();
    added.set_field(answer.field);
    put(answer.value, *added.mutable_value());
  }
}

void put(const Value& from, proto::Value& to) {
  switch (from.type) {
    case Value::Type::Text: to.set_text(from.text); return;
    case Value::Type::Integer: to.set_integer(from.integer); return;
    case Value::Type::Yes: to.set_yes(from.yes); return;
    case Value::Type::Code: to.set_code(from.text); return;
    case Value::Type::Date: to.set_date(from.text); return;
    case Value::Type::Subject: to.set_subject(from.subject.str()); return;
    case Value::Type::Codes:
      to.mutable_codes();
      for (const std::string& code : from.codes) to.mutable_codes()->add_codes(code);
      return;
    case Value::Type::Place: put(from.place, *to.mutable_place()); return;
    case Value::Type::Rows:
      to.mutable_rows();
      for (const auto& row : from.rows) put(row, *to.mutable_rows()->add_rows()->mutable_answers());
      return;
  }
}

struct PutContent {
  proto::Part& to;

  void operator()(std::monostate) const {}
  void operator()(const VisitPart& from) const {
    proto::Visit& out = *to.mutable_visit();
    out.set_outcome(static_cast<proto::VisitOutcome>(from.outcome));
    if (from.place) put(*from.place, *out.mutable_place());
    out.set_purpose(from.purpose);
    for (const std::string& who : from.who_was_met) out.add_who_was_met(who);
    out.set_changes_found(from.changes_found);
    out.set_remark(from.remark);
  }
  void operator()(const CheckInPart& from) const {
    proto::CheckIn& out = *to.mutable_check_in();
    out.set_outcome(static_cast<proto::VisitOutcome>(from.outcome));
    if (from.place) put(*from.place, *out.mutable_place());
    out.set_remark(from.remark);
  }
  void operator()(const RegistrationPart& from) const {
    proto::Registration& out = *to.mutable_registration();
    out.set_type(static_cast<proto::SubjectType>(from.type));
    out.set_create(from.create);
    for (const Fact& fact : from.facts) {
      proto::Fact& added = *out.add_facts();
      added.set_name(fact.name);
      added.set_key(fact.key);
      put(fact.value, *added.mutable_value());
    }
    out.set_source(from.source);
    out.set_subject_type(from.subject_type);
    out.set_parent(bytes_or_empty(from.parent));
  }
  void operator()(const AssignmentPart& from) const {
    proto::Assignment& out = *to.mutable_assignment();
    out.set_relation(from.relation);
    out.set_from(from.from.str());
    out.set_to(bytes_or_empty(from.to));
    if (from.division) out.set_division(from.division->str());
    out.set_since(format_date(from.since));
    if (from.until) out.set_until(format_date(*from.until));
  }
  void operator()(const AnswersPart& from) const {
    proto::Answers& out = *to.mutable_answers();
    put(from.answers, *out.mutable_answers());
    out.set_case_(bytes_or_empty(from.case_id));
    out.set_procedure(from.procedure);
    out.set_stage(from.stage);
    out.set_outcome(from.outcome);
    for (const std::string& stage : from.go) out.add_goto_(stage);
    out.set_notice(static_cast<proto::NoticeAct>(from.notice));
    if (from.last_step) out.set_last_step(from.last_step->str());
    out.set_list(bytes_or_empty(from.list));
    out.set_unchanged(from.unchanged);
  }
  void operator()(const DefinitionPart& from) const {
    to.mutable_definition()->set_definition(from.definition);
  }
  void operator()(const StatementPart& from) const {
    proto::Statement& out = *to.mutable_statement();
    out.set_of(from.of);
    out.set_period(from.period);
    out.set_valid_at(format_date(from.valid_at));
    out.set_log_size(from.log_size);
    for (const StatementPart::Row& row : from.rows) {
      proto::StatementRow& added = *out.add_rows();
      added.set_subject(bytes_or_empty(row.subject));
      for (const std::string& cell : row.cells) added.add_cells(cell);
    }
    out.set_signer(from.signer);
    out.set_post(from.post);
    out.set_supplement(from.supplement);
    for (const std::string& cell : from.header) out.add_header(cell);
    if (from.digest) out.set_digest(from.digest->str());
  }
  void operator()(const FoundingPart& from) const {
    proto::Founding& out = *to.mutable_founding();
    out.set_name(from.name);
    out.set_origin(from.origin);
    out.set_log_key(from.log_key.str());
    out.set_box_key(from.box_key);
    out.set_recovery_key(from.recovery_key);
    out.set_persons_required(from.persons_required);
    out.set_test_county(from.test_county);
  }
  void operator()(const CredentialPart& from) const {
    proto::Credential& out = *to.mutable_credential();
    out.set_key(from.key.str());
    out.set_enrolment_digest(from.enrolment_digest.str());
    out.set_enrolment_request(from.enrolment_request);
    out.set_person(from.person.str());
    out.set_role(from.role);
    out.set_office(from.office);
    for (const std::uint16_t kind : from.kinds) out.add_kinds(kind);
    proto::Scope& scope = *out.mutable_scope();
    for (const std::string& prefix : from.divisions) scope.add_divisions(prefix);
    scope.set_assigned(from.assigned);
    out.set_valid_from(to_millis(from.valid_from));
    out.set_valid_to(to_millis(from.valid_to));
    out.set_late_days(from.late_days);
    out.set_events_a_day(from.events_a_day);
    out.set_bytes_a_day(from.bytes_a_day);
  }
  void operator()(const RevocationPart& from) const {
    proto::Revocation& out = *to.mutable_revocation();
    out.set_key(from.key.str());
    out.set_reason(static_cast<proto::RevocationReason>(from.reason));
    out.set_last_vouched_sequence(from.last_vouched_sequence);
    if (from.credential) out.set_credential(from.credential->str());
    out.set_remark(from.remark);
  }
  void operator()(const IncidentPart& from) const {
    proto::Incident& out = *to.mutable_incident();
    out.set_type(proto::INCIDENT_TYPE_FORK);
    out.set_key(from.key.str());
    out.set_sequence(from.sequence);
    for (const Bytes& header : from.evidence) out.add_evidence(header);
  }
  void operator()(const AnchorPart& from) const {
    proto::Anchor& out = *to.mutable_anchor();
    out.set_note(from.note);
    out.set_at(to_millis(from.at));
    out.set_county_clock(from.county_clock);
  }
  void operator()(const EndorsementPart& from) const {
    proto::Endorsement& out = *to.mutable_endorsement();
    for (const Digest& digest : from.events) out.add_events(digest.str());
    out.set_purpose(static_cast<proto::Endorsement::Purpose>(from.purpose));
    out.set_remark(from.remark);
  }
  void operator()(const CorrectionPart& from) const {
    proto::Correction& out = *to.mutable_correction();
    out.set_event(from.event.str());
    out.set_part(from.part);
    out.set_reason(from.reason);
  }
  void operator()(const ErasurePart& from) const {
    proto::Erasure& out = *to.mutable_erasure();
    for (const ErasedEvent& each : from.events) {
      proto::ErasedEvent& event = *out.add_events();
      event.set_event(each.event.str());
      event.set_index(each.index);
      event.set_division(each.division.str());
      for (std::size_t i = 0; i < each.parts.size() && !each.parts.all(); ++i)
        if (each.parts[i]) event.add_parts(static_cast<std::uint32_t>(i + 1));
    }
    out.set_basis(from.basis);
    out.set_remark(from.remark);
    if (from.withdraws) out.set_withdraws(from.withdraws->str());
  }
  void operator()(const ReceiptPart& from) const {
    proto::Receipt& out = *to.mutable_receipt();
    for (const Digest& digest : from.events) out.add_events(digest.str());
  }
};
}  // namespace

Bytes encode_part(const PartContent& content, const PartFrame& frame) {
  proto::Part out;
  out.set_programme(frame.programme);
  out.set_form(frame.form);
  out.set_form_version(frame.form_version);
  out.set_subject(bytes_or_empty(frame.subject));
  if (frame.occurred) out.set_occurred(to_millis(*frame.occurred));
  if (frame.acted_by) put(*frame.acted_by, *out.mutable_acted_by());
  for (const Actor& actor : frame.participants) put(actor, *out.add_participants());
  out.set_medium(static_cast<proto::Medium>(frame.medium));
  for (const Attachment& attachment : frame.attachments) put(attachment, *out.add_attachments());
  std::visit(PutContent{out}, content);
  return out.SerializeAsString();
}
}  // namespace cunji::event
