// What the county says itself: its founding, credentials, the register, anchors.
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"
#include "tools/simulate/county.h"
#include "tools/simulate/limits.h"

namespace cunji::simulate {
using event::Kind;

static constexpr std::chrono::years kCredentialYears{10};

County::County(std::uint64_t seed, Schedule& schedule, Chance& chance, Network& network,
               Evidence& evidence, Trace trace)
    : schedule_(schedule),
      chance_(chance),
      network_(network),
      evidence_(evidence),
      trace_(std::move(trace)),
      entropy_(seed, "county"),
      disk_("simulated-county"),
      torn_(seed, "county's torn writes"),
      root_(crypto::KeyPair::generate(entropy_)),
      registrar_(crypto::KeyPair::generate(entropy_)),
      system_(crypto::KeyPair::generate(entropy_)),
      log_key_(crypto::KeyPair::generate(entropy_)),
      box_(crypto::generate_box_pair(entropy_)),
      root_digest_(crypto::sha256(root_.public_key().view())),
      code_(*CountyCode::parse("411323")),
      origin_("cunji/411323/1") {
  for (std::size_t v = 1; v <= kVillages; ++v) {
    villages_.push_back(*DivisionCode::parse("41132310000" + std::to_string(v)));
    for (std::size_t h = 0; h < kHouseholds; ++h)
      households_[villages_.back()].push_back(entropy_.next<SubjectId>());
  }
}

Result<void> County::write_founding() {
  const event::FoundingPart part{.name = "试验县",
                                 .origin = origin_,
                                 .log_key = log_key_.public_key(),
                                 .box_key = box_.public_key.str(),
                                 .persons_required = 1,
                                 .test_county = true};
  const event::ChainHead head{.key = root_.public_key(),
                              .sequence = 0,
                              .digest = crypto::sha256({origin_, "\n"}),
                              .seen_size_max = 0};
  TRY_AS(event, event::make_event(root_, code_, head, {},
                                  {.division = code_.division(),
                                   .subject = {},
                                   .kind = Kind::Founding,
                                   .recorded = clock(),
                                   .parts = {event::encode_part(part)}},
                                  entropy_));
  const log::NewEntry entry{.event = event.signed_event,
                            .body = event.body,
                            .received = clock(),
                            .verdict = event::Verdict::Accepted,
                            .verified_seen_size = 0};
  TRY(log_->append(0, {&entry, 1}));
  return {};
}

event::Draft County::credential_draft(const PublicKey& key, BytesView request,
                                      const PersonId& person, const std::string& role,
                                      const std::vector<Kind>& kinds,
                                      std::vector<std::string> divisions) const {
  event::CredentialPart part;
  part.key = key;
  part.enrolment_digest = event::request_digest(request);
  part.enrolment_request = Bytes(request);
  part.person = person;
  part.role = role;
  part.office = "county";
  for (const Kind kind : kinds) part.kinds.push_back(static_cast<std::uint16_t>(kind));
  part.divisions = std::move(divisions);
  part.valid_from = clock() - std::chrono::days{400};
  part.valid_to = clock() + std::chrono::duration_cast<Duration>(kCredentialYears);
  return {.division = code_.division(),
          .subject = {},
          .kind = Kind::Credential,
          .recorded = clock(),
          .parts = {event::encode_part(part)}};
}

// The next events of one of the county's keys, logged at once.
Result<void> County::issue(const crypto::KeyPair& issuer, const std::vector<event::Draft>& drafts) {
  const PublicKey& key = issuer.public_key();
  TRY_AS(head, log_->chain_head(key));
  event::ChainHead chain{.key = key, .sequence = 0, .digest = {}, .seen_size_max = 0};
  if (const auto enrolment = intake_->governance().enrolment_of(key)) chain.digest = *enrolment;
  if (head) chain = *head;
  const log::LogHead now = intake_->head();
  const event::Seen seen = log::seen_of({.origin = origin_, .size = now.size, .root = now.root});
  server::CheckedBatch batch{.sender = key, .events = {}};
  for (const event::Draft& draft : drafts) {
    TRY_AS(event, event::make_event(issuer, code_, chain, seen, draft, entropy_));
    chain = event::advanced(chain, event.signed_event, seen.size);
    batch.events.push_back({event, server::check(event, code_)});
  }
  TRY_AS(results, intake_->take({&batch, 1}, clock()));
  durable_ = intake_->head();
  follow();
  for (const sync::EventOutcome& outcome : results[0]) {
    if (outcome.status != sync::EventOutcome::Status::Logged ||
        !event::is_accepted(outcome.verdict))
      return Error{Errc::Unknown, "the county's own event was not accepted: " + outcome.reason};
  }
  return {};
}

Result<void> County::register_households() {
  std::vector<event::Draft> drafts;
  for (const auto& [village, households] : households_) {
    int number = 0;
    for (const SubjectId& household : households) {
      event::RegistrationPart part;
      part.type = event::SubjectType::Household;
      part.create = true;
      part.source = "import";
      part.facts = {
          {.name = "number", .key = {}, .value = event::text_value(std::to_string(++number))},
          {.name = "household_category",
           .key = {},
           .value = event::codes_value({"out_of_poverty"})}};
      event::PartFrame frame;
      frame.programme = "register";
      frame.form = "household";
      frame.form_version = 1;
      drafts.push_back({.division = village,
                        .subject = household,
                        .kind = Kind::Registration,
                        .recorded = clock(),
                        .parts = {event::encode_part(part, frame)}});
    }
  }
  return issue(registrar_, drafts);
}

Result<void> County::found() {
  TRY(open_stores());
  TRY(write_founding());
  TRY_AS(intake, server::Intake::open(*log_, *side_, system_));
  intake_.emplace(std::move(intake));
  const auto own = [&](const crypto::KeyPair& pair, const std::string& role,
                       const std::vector<Kind>& kinds) {
    event::EnrolmentRequest request;
    request.root_digest = root_digest_;
    request.key = pair.public_key();
    request.nonce = entropy_.next<Salt>();
    return credential_draft(pair.public_key(), event::sign_request(request, pair),
                            entropy_.next<PersonId>(), role, kinds, {code_.str()});
  };
  TRY(issue(root_, {own(system_, "system", {Kind::Incident, Kind::Anchor}),
                    own(registrar_, "registrar",
                        {Kind::Credential, Kind::Revocation, Kind::Endorsement, Kind::Registration,
                         Kind::Assignment, Kind::Correction, Kind::Receipt})}));
  TRY(register_households());
  TRY_AS(founding, log_->at(0));
  TRY_AS(system, log_->at(1));
  founding_ = founding;
  system_credential_ = system;
  const log::LogHead head = intake_->head();
  checkpoint_file_ =
      log::sign_checkpoint({.origin = origin_, .size = head.size, .root = head.root}, log_key_);
  close_stores();
  return start();
}

bool County::approve(BytesView request, const PersonId& person,
                     const std::vector<DivisionCode>& divisions) {
  if (!up()) return false;
  const auto opened = event::open_request(request);
  if (!opened) {
    evidence_.on_the_way.push_back("an enrolment request does not open: " + opened.error().what);
    return true;
  }
  std::vector<std::string> prefixes;
  for (const DivisionCode& division : divisions) prefixes.push_back(division.str());
  const auto done = issue(registrar_, {credential_draft(opened->key, request, person, "coordinator",
                                                        {Kind::Visit, Kind::CheckIn}, prefixes)});
  if (!done) fail(done.error());
  return done.has_value();
}

Result<void> County::anchor() {
  const event::AnchorPart part{.note = note_, .at = clock(), .county_clock = true};
  TRY(intake_->take_system({.division = code_.division(),
                            .subject = {},
                            .kind = Kind::Anchor,
                            .recorded = clock(),
                            .parts = {event::encode_part(part)}},
                           entropy_, clock()));
  durable_ = intake_->head();
  follow();
  return {};
}
}  // namespace cunji::simulate
