#pragma once
// What a part says (protocol/event.proto), as plain structs: built here for drafts, parsed here
// with limits. Protobuf stays in parts.cc. Bytes already signed are never rebuilt from these. Every
// member has an initializer, so that designated initializers may leave it out without a warning.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/event/body.h"

namespace cunji::event {
// How a part came about, when not by the recorder's own eyes and ears.
enum class Medium : std::uint8_t { Direct = 0, Paper = 1, Telephone = 2, Import = 3 };

struct Actor {
  PersonId person{};  // Zero: not said.
  std::string office{}, role{};
  bool operator==(const Actor&) const = default;
};

struct Place {
  std::int32_t latitude_e7 = 0, longitude_e7 = 0;  // Degrees × 10^7, WGS 84.
  std::uint32_t accuracy_m = 0;
  bool mock_location = false;  // The device said that the place was made up.
  bool operator==(const Place&) const = default;
};

// A photo or scan that the part names; the blob itself travels apart (shared/sync/blob.h).
struct Attachment {
  Digest digest{};                      // SHA-256 of the blob.
  std::uint32_t size = 0;               // Its bytes, 1 to kBlobBytesMax.
  std::string media_type{};             // "image/jpeg".
  std::optional<TimePoint> taken_at{};  // By the camera's clock, where it said so.
  std::optional<Place> place{};         // By the camera; never the visit's own place.
  std::string kind{};                   // What it is evidence of; empty: a photo (GEN-14).
  bool operator==(const Attachment&) const = default;
};

// What every part says beside its content.
struct PartFrame {
  std::string programme{};  // "register", "village_coordinators"; empty in governance.
  std::string form{};
  std::uint32_t form_version = 0;
  SubjectId subject{};                  // Zero: the event's subject.
  std::optional<TimePoint> occurred{};  // Nothing: when it was recorded (D13).
  std::optional<Actor> acted_by{};      // Nothing: the recorder.
  std::vector<Actor> participants{};
  Medium medium = Medium::Direct;
  std::vector<Attachment> attachments{};
  bool operator==(const PartFrame&) const = default;
};

enum class VisitOutcome : std::uint8_t {
  Unspecified = 0,
  Met = 1,
  NobodyHome = 2,
  Away = 3,
  Refused = 4,
  Telephone = 5,
  Moved = 6,
  Ended = 7,
};
// "met", "nobody_home"; nothing for another word.
std::string_view name_of(VisitOutcome outcome);
std::optional<VisitOutcome> visit_outcome_named(std::string_view name);

struct VisitPart {
  VisitOutcome outcome = VisitOutcome::Unspecified;
  std::optional<Place> place{};
  std::string purpose{};
  std::vector<std::string> who_was_met{};  // Relation to the head, not names.
  bool changes_found = false;
  std::string remark{};
  bool operator==(const VisitPart&) const = default;
};

struct CheckInPart {
  VisitOutcome outcome = VisitOutcome::Unspecified;
  std::optional<Place> place{};
  std::string remark{};
  bool operator==(const CheckInPart&) const = default;
};

// A value of a fact or of an answer; the type says which member holds it. Rows: answers only.
struct Answer;
struct Value {
  enum class Type : std::uint8_t { Text, Integer, Yes, Code, Date, Subject, Codes, Place, Rows };
  Type type = Type::Text;
  std::string text;  // Text, Code, Date ("2022-02-10").
  std::int64_t integer = 0;
  bool yes = false;
  SubjectId subject{};
  std::vector<std::string> codes{};
  event::Place place{};
  std::vector<std::vector<Answer>> rows{};
  bool operator==(const Value& other) const;
};
struct Answer {
  std::string field{};
  Value value{};
  bool operator==(const Answer&) const = default;
};
Value text_value(std::string_view text);
Value integer_value(std::int64_t integer);
Value yes_value(bool yes);
Value code_value(std::string_view code);
Value date_value(Date date);
Value subject_value(const SubjectId& subject);
Value codes_value(std::vector<std::string> codes);
Value place_value(const Place& place);
Value rows_value(std::vector<std::vector<Answer>> rows);

enum class SubjectType : std::uint8_t { Unspecified = 0, Division = 1, Household = 2, Person = 3 };

struct Fact {
  std::string name{};  // facts.md: household_category, risk_status, name …
  std::string key{};   // The period of a keyed fact; empty otherwise.
  Value value{};
  bool operator==(const Fact&) const = default;
};

struct RegistrationPart {
  SubjectType type = SubjectType::Unspecified;
  bool create = false;
  std::vector<Fact> facts{};
  std::string source{};        // "import", "visit", "department:civil_affairs".
  std::string subject_type{};  // Instead of `type`: one that a definition declares,
  SubjectId parent{};          // and what the subject belongs to.
  bool operator==(const RegistrationPart&) const = default;
};

struct AssignmentPart {
  std::string relation{};                  // coordinator_of, member_of, lives_in, helper_of.
  SubjectId from{};                        // The person.
  SubjectId to{};                          // Household or person; zero where `division` is the end.
  std::optional<DivisionCode> division{};  // Exactly one of the two.
  Date since{};                            // Inclusive.
  std::optional<Date> until{};             // Inclusive; nothing: open.
  bool operator==(const AssignmentPart&) const = default;
};

// What a step does to a public notice (GEN-03).
enum class NoticeAct : std::uint8_t { None, Posted, Objection, Dismissed, Upheld, Closed };

// The answers to any form of any programme, or, without a form, a step of a case.
struct AnswersPart {
  std::vector<Answer> answers{};
  SubjectId case_id{};               // Zero: found by the subject.
  std::string procedure{}, stage{};  // Without a form: which stage or exit.
  std::string outcome{};
  std::vector<std::string> go{};  // Where the outcome leaves a choice.
  NoticeAct notice = NoticeAct::None;
  std::optional<Digest> last_step{};  // The case's last step that the author had seen.
  SubjectId list{};                   // The act over many subjects that this is a part of.
  bool unchanged = false;             // All is as the last time, whose answers these are.
  bool operator==(const AnswersPart&) const = default;
};

// A programme's definition, serialized (protocol/definition.proto).
struct DefinitionPart {
  Bytes definition{};
  bool operator==(const DefinitionPart&) const = default;
};

// A derived list, report or score as an office signed and sent it.
struct StatementPart {
  std::string of{}, period{};
  Date valid_at{};
  std::uint64_t log_size = 0;
  struct Row {
    SubjectId subject{};
    std::vector<std::string> cells{};
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> rows{};
  std::string signer{}, post{};
  std::uint32_t supplement = 0;
  std::vector<std::string> header{};
  std::optional<Digest> digest{};  // As its author worked it out (statement.h).
  bool operator==(const StatementPart&) const = default;
};

struct FoundingPart {
  std::string name{};                  // The county's, for people.
  std::string origin{};                // The log's origin line.
  PublicKey log_key{};                 // Signs checkpoints only.
  Bytes box_key{};                     // X25519, 32 bytes.
  std::uint32_t persons_required = 2;  // 1 or 2.
  bool test_county = false;
  Bytes recovery_key{};  // X25519, 32 bytes; empty: the county has none.
  bool operator==(const FoundingPart&) const = default;
};

struct CredentialPart {
  PublicKey key{};
  Digest enrolment_digest{};
  Bytes enrolment_request{};  // 281 bytes.
  PersonId person{};
  std::string role{}, office{};
  std::vector<std::uint16_t> kinds{};
  std::vector<std::string> divisions{};  // Prefixes of 6, 9 or 12 digits,
  std::string assigned{};                // or a relation: exactly one of the two.
  TimePoint valid_from{}, valid_to{};
  std::uint32_t late_days = 45;
  std::uint32_t events_a_day = 2'000;
  std::uint64_t bytes_a_day = 20ULL << 20;
  bool operator==(const CredentialPart&) const = default;
};

enum class RevocationReason : std::uint8_t { Ended = 1, Compromised = 2 };
struct RevocationPart {
  PublicKey key{};
  RevocationReason reason = RevocationReason::Ended;
  std::uint64_t last_vouched_sequence = 0;
  std::optional<Digest> credential{};  // Nothing: all of the key's so far.
  std::string remark{};
  bool operator==(const RevocationPart&) const = default;
};

// A fork: two signed headers of 257 bytes, the logged one first.
struct IncidentPart {
  PublicKey key{};
  std::uint64_t sequence = 0;
  std::vector<Bytes> evidence{};
  bool operator==(const IncidentPart&) const = default;
};

struct AnchorPart {
  std::string note{};        // The signed checkpoint note.
  TimePoint at{};            // The county's clock.
  bool county_clock = true;  // Without a witness the time rests on the county's word.
  bool operator==(const AnchorPart&) const = default;
};

enum class EndorsementPurpose : std::uint8_t { Effect = 1, Time = 2, SecondPerson = 3 };
struct EndorsementPart {
  std::vector<Digest> events{};
  EndorsementPurpose purpose = EndorsementPurpose::Effect;
  std::string remark{};
  bool operator==(const EndorsementPart&) const = default;
};

struct CorrectionPart {
  Digest event{};          // The one that is wrong.
  std::uint32_t part = 0;  // From 1; 0: all of it.
  std::string reason{};
  bool operator==(const CorrectionPart&) const = default;
};

// An event whose contents, or parts of them, an erasure names.
struct ErasedEvent {
  Digest event{};
  std::uint64_t index = 0;  // Its place in the log.
  DivisionCode division{};
  PartSet parts{};  // All bits: all it has.
  bool operator==(const ErasedEvent&) const = default;
};
// Either events with their basis, or the digest of an erasure that is withdrawn.
struct ErasurePart {
  std::vector<ErasedEvent> events{};
  std::string basis{}, remark{};  // Without personal data: the body is public.
  std::optional<Digest> withdraws{};
  bool operator==(const ErasurePart&) const = default;
};

// Others' events that the author took over to carry: each named one, and all before it in its
// chain, was there when the receipt was signed.
struct ReceiptPart {
  std::vector<Digest> events{};  // At least one.
  bool operator==(const ReceiptPart&) const = default;
};

// monostate: content of a kind that this code does not know yet; it has no effect.
using PartContent =
    std::variant<std::monostate, VisitPart, CheckInPart, RegistrationPart, AssignmentPart,
                 AnswersPart, FoundingPart, CredentialPart, RevocationPart, IncidentPart,
                 AnchorPart, EndorsementPart, CorrectionPart, ErasurePart, ReceiptPart,
                 DefinitionPart, StatementPart>;

struct Part {
  PartFrame frame{};
  PartContent content{};
  bool operator==(const Part&) const = default;
};

// A serialized, unpadded proto::Part, as event::Draft::parts takes it:
// encode_part(VisitPart{.outcome = VisitOutcome::Met}). Deterministic. What parse_part would refuse
// is not looked for here.
Bytes encode_part(const PartContent& content, const PartFrame& frame = {});

// Reads a padded part, which may be anything. Errc::Malformed for padding, bytes that are no Part,
// fields of wrong size or form; Errc::Limit for texts and lists beyond limits.h. Enumerators that
// this code does not know come out as Unspecified, or make the content monostate where there is
// none.
Result<Part> parse_part(BytesView padded);

// The photos that an event names: those of its present parts that parse, in their order, of the
// parts `among` only. Costs next to nothing where there are none.
std::vector<Attachment> attachments_of(const Body& body, const PartSet& among = PartSet().set());

// The content of the body's first part, if it is present, parses and is a `Content`: what a
// governance event says.
template <class Content>
std::optional<Content> first_content(const Body& body) {
  if (body.parts.empty() || body.parts[0].state != PartState::Present) return std::nullopt;
  auto part = parse_part(body.parts[0].padded);
  if (!part) return std::nullopt;
  const auto* content = std::get_if<Content>(&part->content);
  if (content == nullptr) return std::nullopt;
  return *content;
}
}  // namespace cunji::event
