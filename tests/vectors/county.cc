#include "tests/vectors/county.h"

#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/log/merkle.h"
#include "shared/store/memory_event_log.h"

namespace cunji::vectors {
using event::Kind;

crypto::Seed seed_named(const std::string& name) {
  return {crypto::sha256({"cunji vectors\n", name}).bytes};
}
crypto::KeyPair key_named(const std::string& name) {
  return crypto::KeyPair::from_seed(seed_named(name));
}
CountyCode county_code() { return CountyCode::parse("411323").value(); }
DivisionCode village(int number) {
  return DivisionCode::parse("41132300120" + std::to_string(number)).value();
}
SubjectId household(int number) {
  return SubjectId::from(crypto::sha256({"household", std::to_string(number)}).view().substr(0, 16))
      .value();
}
static PersonId person_named(const std::string& name) {
  return PersonId::from(crypto::sha256({"person", name}).view().substr(0, 16)).value();
}

// "forked 2" is the successor of "forked", after the event that proved the fork.
Bytes request_of(const std::string& name) {
  const crypto::KeyPair key = key_named(name);
  event::EnrolmentRequest request{
      .root_digest = crypto::sha256(key_named("root").public_key().view()),
      .key = key.public_key(),
      .predecessor = {},
      .predecessor_sequence = 0,
      .predecessor_digest = {},
      .nonce = Salt::from(crypto::sha256({"nonce", name}).view().substr(0, 16)).value()};
  if (name != "forked 2") return event::sign_request(request, key);
  const crypto::KeyPair old_key = key_named("forked");
  request.predecessor = old_key.public_key();
  request.predecessor_sequence = 1;
  request.predecessor_digest = crypto::sha256("the last event that the old key vouches for");
  return event::sign_request(request, key, &old_key);
}

event::CredentialPart credential_for(const std::string& name, const std::string& role,
                                     std::vector<std::uint16_t> kinds,
                                     std::vector<std::string> divisions) {
  const Bytes request = request_of(name);
  return {.key = key_named(name).public_key(),
          .enrolment_digest = event::request_digest(request),
          .enrolment_request = request,
          .person = person_named(name.substr(0, name.find(' '))),
          .role = role,
          .office = "",
          .kinds = std::move(kinds),
          .divisions = std::move(divisions),
          .assigned = "",
          .valid_from = from_millis(kStart),
          .valid_to = from_millis(kStart + 365 * kDay)};
}

std::string SmallCounty::origin() { return "vectors.example/411323/1"; }

SmallCounty::SmallCounty() : log_(store::make_memory_event_log()) {}

log::Checkpoint SmallCounty::checkpoint(std::uint64_t size) const {
  return {.origin = origin(), .size = size, .root = log::root_at(*log_, size).value()};
}
std::string SmallCounty::note(std::uint64_t size) const {
  return log::sign_checkpoint(checkpoint(size), key_named("log"));
}
event::Seen SmallCounty::seen(std::uint64_t size) const {
  return size == 0 ? event::Seen{} : log::seen_of(checkpoint(size));
}

event::SignedEvent SmallCounty::act(const std::string& what, const Act& act) {
  const crypto::KeyPair key = key_named(act.by);
  const bool founding = entries_.empty();
  if (!heads_.contains(act.by)) {
    const Digest first = founding ? crypto::sha256({origin(), "\n"})
                                  : governance_.enrolment_of(key.public_key()).value();
    heads_[act.by] = {.key = key.public_key(), .sequence = 0, .digest = first, .seen_size_max = 0};
  }
  event::ChainHead& head = heads_[act.by];
  const std::uint64_t index = entries_.size();
  const std::uint64_t seen_size = act.seen_size == UINT64_MAX ? index : act.seen_size;
  const event::Draft draft{.division = act.division,
                           .subject = event::is_governance(static_cast<std::uint16_t>(act.kind))
                                          ? SubjectId{}
                                          : household(1),
                           .kind = act.kind,
                           .recorded = from_millis(now_ - kHour / 2),
                           .parts = {event::encode_part(act.content)}};
  event::Event event =
      event::make_event(key, county_code(), head, seen(seen_size), draft, entropy_).value();
  if (!act.log_it) return event.signed_event;
  if (act.lose_body) event.body = {};
  head = event::advanced(head, event.signed_event, seen_size);

  const TimePoint received = from_millis(now_);
  event::LoggedEvent logged{.index = index,
                            .entry = {.received = received,
                                      .verdict = event::Verdict::Accepted,
                                      .division_previous = {},
                                      .event = event.signed_event},
                            .body = event.body};
  if (founding) governance_.apply(logged);
  logged.entry.verdict = governance_.judge(
      index, event.signed_event.header(), received,
      head.seen_size_max == 0 ? std::nullopt : std::optional(head.seen_size_max), act.lose_body);
  const log::NewEntry entry{.event = event.signed_event,
                            .body = event.body,
                            .received = received,
                            .verdict = logged.entry.verdict,
                            .verified_seen_size = seen_size};
  logged = log_->append(index, {&entry, 1}).value().front();
  if (!founding) governance_.apply(logged);
  entries_.push_back(logged);
  told_of_.push_back(what);
  now_ += kHour;
  return event.signed_event;
}

void SmallCounty::erase(std::uint64_t index) {
  const log::Erasing what{.index = index, .parts = event::PartSet().set()};
  CHECK(log_->erase({&what, 1}));
  entries_[static_cast<std::size_t>(index)] = log_->at(index).value().value();
}

static event::PartContent visit(const char* remark) {
  return event::VisitPart{.outcome = event::VisitOutcome::Met,
                          .place = event::Place{.latitude_e7 = 330'000'000,
                                                .longitude_e7 = 1'110'000'000,
                                                .accuracy_m = 12,
                                                .mock_location = false},
                          .purpose = "monthly",
                          .who_was_met = {"spouse"},
                          .changes_found = false,
                          .remark = remark};
}

// The county's own keys and its registrars.
static void found(SmallCounty& county) {
  county.act("the county's founding event, signed by the root key",
             {.by = "root",
              .kind = Kind::Founding,
              .content = event::FoundingPart{.name = "样例县 sample county",
                                             .origin = SmallCounty::origin(),
                                             .log_key = key_named("log").public_key(),
                                             .box_key = Bytes(32, '\x09'),
                                             .persons_required = 2,
                                             .test_county = true}});
  county.act("the system key's credential",
             {.by = "root",
              .kind = Kind::Credential,
              .content = credential_for("system", "system", {69, 70}, {"411323"})});
  for (const char* name : {"registrar", "second"})
    county.act(std::string("the credential of registrar \"") + name + "\"",
               {.by = "root",
                .kind = Kind::Credential,
                .content = credential_for(name, "registrar", {49, 65, 66}, {"411323"})});
  county.act(
      "an hourly anchor with the checkpoint before it",
      {.by = "system",
       .kind = Kind::Anchor,
       .content = event::AnchorPart{
           .note = county.note(4), .at = from_millis(kStart + 4 * kHour), .county_clock = true}});
}

// A coordinator whose credential ends, and what counts before and after.
static void employ(SmallCounty& county) {
  county.act("a coordinator's credential for one village, by one registrar alone",
             {.by = "registrar",
              .kind = Kind::Credential,
              .content = credential_for("coordinator", "coordinator", {1, 2}, {"411323001201"})});
  const auto first = county.act(
      "a visit", {.by = "coordinator", .content = visit("first"), .division = village(1)});
  county.act("a visit in another village",
             {.by = "coordinator", .content = visit("elsewhere"), .division = village(2)});
  county.act("an assignment, which is not among the coordinator's kinds",
             {.by = "coordinator",
              .kind = Kind::Assignment,
              .content = event::AssignmentPart{.relation = "coordinator_of",
                                               .from = household(8),
                                               .to = household(1),
                                               .division = std::nullopt,
                                               .since = parse_date("2022-02-01").value(),
                                               .until = std::nullopt},
              .division = village(1)});
  const auto desk = county.act("a desk's credential: waits for a second person",
                               {.by = "registrar",
                                .kind = Kind::Credential,
                                .content = credential_for("desk", "desk", {48, 49}, {"411323"})});
  county.act("the second person's endorsement puts the desk's credential in force",
             {.by = "second",
              .kind = Kind::Endorsement,
              .content = event::EndorsementPart{.events = {desk.digest()},
                                                .purpose = event::EndorsementPurpose::SecondPerson,
                                                .remark = ""}});
  county.act(
      "the desk corrects the first visit",
      {.by = "desk",
       .kind = Kind::Correction,
       .content =
           event::CorrectionPart{.event = first.digest(), .part = 1, .reason = "wrong house"},
       .division = village(1)});
  county.act("the coordinator's credential ends",
             {.by = "registrar",
              .kind = Kind::Revocation,
              .content = event::RevocationPart{.key = key_named("coordinator").public_key(),
                                               .reason = event::RevocationReason::Ended,
                                               .last_vouched_sequence = 0,
                                               .credential = std::nullopt,
                                               .remark = "moved to another post"}});
  county.act(
      "a visit signed before the coordinator could know",
      {.by = "coordinator", .content = visit("offline"), .division = village(1), .seen_size = 11});
  county.act("a visit signed after the coordinator had seen the revocation",
             {.by = "coordinator", .content = visit("afterwards"), .division = village(1)});
}

// A cloned phone and its successor.
static void fork(SmallCounty& county) {
  county.act("a coordinator's credential, whose phone will be cloned",
             {.by = "registrar",
              .kind = Kind::Credential,
              .content = credential_for("forked", "coordinator", {1, 2}, {"411323001"})});
  const SmallCounty::Act clone{
      .by = "forked", .content = visit("by the clone"), .division = village(3), .log_it = false};
  const auto other = county.act("", clone);
  const auto logged =
      county.act("the phone's first visit",
                 {.by = "forked", .content = visit("by the phone"), .division = village(3)});
  county.act("the system key reports the fork: two headers at one place of the chain",
             {.by = "system",
              .kind = Kind::Incident,
              .content = event::IncidentPart{.key = key_named("forked").public_key(),
                                             .sequence = 1,
                                             .evidence = {logged.encode(), other.encode()}}});
  county.act("a further visit by the frozen key",
             {.by = "forked", .content = visit("frozen"), .division = village(3)});
  const auto successor =
      county.act("the successor's credential: a key after a fork needs two persons",
                 {.by = "registrar",
                  .kind = Kind::Credential,
                  .content = credential_for("forked 2", "coordinator", {1, 2}, {"411323001"})});
  county.act("the second person's endorsement",
             {.by = "second",
              .kind = Kind::Endorsement,
              .content = event::EndorsementPart{.events = {successor.digest()},
                                                .purpose = event::EndorsementPurpose::SecondPerson,
                                                .remark = ""}});
  county.act("the visit recorded again by the successor",
             {.by = "forked 2", .content = visit("again"), .division = village(3)});
}

// Lost bodies, a stolen key, an assigned scope, a credential that runs out.
static void trouble(SmallCounty& county) {
  event::CredentialPart doctor = credential_for("doctor", "village_doctor", {1}, {});
  doctor.assigned = "doctor_of";
  doctor.valid_to = from_millis(kStart + 2 * kDay);
  doctor.late_days = 1;
  county.act("a village doctor's credential: whoever is assigned, for two days and a late one",
             {.by = "registrar", .kind = Kind::Credential, .content = doctor});
  county.act("a doctor's visit whose body was lost on the device",
             {.by = "doctor", .content = visit("lost"), .division = village(4), .lose_body = true});
  county.act("the successor's key is stolen: one event is vouched for",
             {.by = "second",
              .kind = Kind::Revocation,
              .content = event::RevocationPart{.key = key_named("forked 2").public_key(),
                                               .reason = event::RevocationReason::Compromised,
                                               .last_vouched_sequence = 1,
                                               .credential = std::nullopt,
                                               .remark = ""}});
  county.act("a visit by the stolen key, though it had not seen the revocation",
             {.by = "forked 2",
              .content = visit("by the thief"),
              .division = village(3),
              .seen_size = 20});
  county.wait(kDay);
  county.act("a doctor's visit, late but within the late days",
             {.by = "doctor", .content = visit("late"), .division = village(4)});
  county.wait(kDay);
  county.act("a doctor's visit after the late days",
             {.by = "doctor", .content = visit("too late"), .division = village(4)});
  county.act("a credential by a desk that may issue none",
             {.by = "desk",
              .kind = Kind::Credential,
              .content = credential_for("friend", "coordinator", {1}, {"411323"})});
}

// A visit whose content is deleted by law.
static void erasure(SmallCounty& county) {
  constexpr std::uint64_t kVisit = 26;
  for (const char* name : {"registrar", "second"})
    county.act("a further credential, for erasures too",
               {.by = "root",
                .kind = Kind::Credential,
                .content = credential_for(name, "registrar", {49, 68}, {"411323"})});
  const event::SignedEvent named = county.entries()[kVisit].entry.event;
  const auto erasing =
      county.act("an erasure of the visit at 26: waits for a second person, then seven days",
                 {.by = "registrar",
                  .kind = Kind::Erasure,
                  .content = event::ErasurePart{.events = {{.event = named.digest(),
                                                            .index = kVisit,
                                                            .division = named.header().division,
                                                            .parts = event::PartSet().set()}},
                                                .basis = "PIPL article 47",
                                                .remark = "",
                                                .withdraws = std::nullopt}});
  county.act("the second person's endorsement",
             {.by = "second",
              .kind = Kind::Endorsement,
              .content = event::EndorsementPart{.events = {erasing.digest()},
                                                .purpose = event::EndorsementPurpose::SecondPerson,
                                                .remark = ""}});
  county.wait(7 * kDay);
  county.act("an anchor after seven days: the erasure has taken effect, the visit's part is gone",
             {.by = "system",
              .kind = Kind::Anchor,
              .content = event::AnchorPart{.note = county.note(county.entries().size()),
                                           .at = from_millis(kStart + 10 * kDay),
                                           .county_clock = true}});
  county.erase(kVisit);
}

SmallCounty SmallCounty::told() {
  SmallCounty out;
  found(out);
  employ(out);
  fork(out);
  trouble(out);
  return out;
}

SmallCounty SmallCounty::told_with_erasure() {
  SmallCounty out = told();
  erasure(out);
  return out;
}
}  // namespace cunji::vectors
