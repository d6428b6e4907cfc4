#include "tools/bench/county.h"

#include "server/app/init.h"
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"
#include "shared/log/checkpoint.h"
#include "shared/programmes/all.h"
#include "tools/bench/made_up.h"

namespace cunji::bench {
using sync::EventOutcome;

Result<std::unique_ptr<County>> County::make(const std::string& folder, TimePoint founded,
                                             std::uint64_t seed) {
  const CountyCode code = CountyCode::parse("990001").value();
  std::unique_ptr<County> out(new County(code, seed));
  const std::string root_file = folder + ".root";
  TRY_AS(made, server::init_county({.folder = folder,
                                    .county = code,
                                    .name = "测量县",
                                    .test_county = true,
                                    .persons_required = 1,
                                    .root_key_out = root_file},
                                   out->entropy_, founded));
  out->folder_ = {folder};
  out->root_digest_ = made.root_digest;
  TRY_AS(log, server::open_log(out->folder_));
  out->log_ = std::move(log);
  TRY_AS(side, server::open_side(out->folder_));
  out->side_ = std::move(side);
  TRY_AS(said, server::county_of(*out->log_));
  TRY_AS(publisher, server::Publisher::open(out->folder_, *out->log_, said));
  out->publisher_.emplace(std::move(publisher));
  TRY_AS(system_key, server::load_key(out->folder_.key("system")));
  TRY_AS(intake, server::Intake::open(*out->log_, *out->side_, system_key));
  out->intake_.emplace(std::move(intake));
  TRY_AS(root, server::load_key(root_file));
  TRY_AS(head, out->log_->chain_head(root.public_key()));
  CHECK(head.has_value());
  out->authors_.push_back({root, *head});
  return out;
}

event::Seen County::seen() const {
  const log::LogHead newest = head();
  return log::seen_of(
      {.origin = intake_->governance().county()->origin, .size = newest.size, .root = newest.root});
}

Result<Author*> County::enrol(std::vector<std::string> divisions, TimePoint now,
                              std::uint32_t events_a_day) {
  const crypto::KeyPair key = crypto::KeyPair::generate(entropy_);
  event::EnrolmentRequest said;
  said.root_digest = root_digest_;
  said.key = key.public_key();
  said.nonce = entropy_.next<Salt>();
  const Bytes request = event::sign_request(said, key);
  TRY(enrol_request(request, std::move(divisions), now, events_a_day));
  authors_.push_back({key, event::ChainHead{.key = key.public_key(),
                                            .sequence = 0,
                                            .digest = event::request_digest(request),
                                            .seen_size_max = 0}});
  return &authors_.back();
}

Result<void> County::enrol_request(BytesView request, std::vector<std::string> divisions,
                                   TimePoint now, std::uint32_t events_a_day) {
  TRY_AS(opened, event::open_request(request));
  event::CredentialPart part;
  part.key = opened.key;
  part.enrolment_request = Bytes(request);
  part.enrolment_digest = event::request_digest(request);
  part.person = entropy_.next<PersonId>();
  part.role = "coordinator";
  part.kinds = {1, 2, 4, 16, 17, 48};
  part.divisions = std::move(divisions);
  part.valid_from = now - std::chrono::hours{1};
  part.valid_to = now + std::chrono::days{3'650};
  part.events_a_day = events_a_day;
  part.bytes_a_day = std::uint64_t{1} << 40;
  const event::Draft draft{.division = code_.division(),
                           .subject = {},
                           .kind = event::Kind::Credential,
                           .recorded = now,
                           .parts = {event::encode_part(part)}};
  return log_events({sign(authors_.front(), draft)}, now);
}

Result<void> County::publish_definitions(TimePoint now) {
  event::Draft draft{.division = code_.division(),
                     .subject = {},
                     .kind = event::Kind::Definition,
                     .recorded = now,
                     .parts = {}};
  for (const programmes::ShippedDefinition& each : programmes::shipped_definitions())
    draft.parts.push_back(event::encode_part(event::DefinitionPart{Bytes(each.encoded)}));
  return log_events({sign(authors_.front(), draft)}, now);
}

event::Event County::sign(Author& author, const event::Draft& draft) {
  const auto event = event::make_event(author.key, code_, author.head, seen(), draft, entropy_);
  CHECK(event.has_value());
  author.head = event::advanced(author.head, event->signed_event, 0);
  return *event;
}

Result<void> County::log_events(std::vector<event::Event> events, TimePoint received) {
  server::CheckedBatch batch{.sender = authors_.front().key.public_key(), .events = {}};
  for (event::Event& event : events) batch.events.push_back({std::move(event), std::nullopt});
  TRY_AS(results, intake_->take({&batch, 1}, received));
  for (const EventOutcome& outcome : results[0]) {
    const bool taken =
        outcome.status == EventOutcome::Status::Logged && event::is_accepted(outcome.verdict);
    if (!taken) return Error{Errc::Conflict, "the made-up county: not taken: " + outcome.reason};
  }
  return {};
}

Result<void> County::publish() {
  TRY(publisher_->publish(intake_->head()));
  return {};
}

Result<void> fill(County& county, std::span<Author* const> authors, std::span<Village> villages,
                  const Filling& filling, TimePoint& at) {
  CHECK(authors.size() == villages.size());
  std::size_t logged = 0;
  const auto log = [&](std::vector<event::Event> events, TimePoint received) -> Result<void> {
    logged += events.size();
    return county.log_events(std::move(events), received);
  };
  for (std::size_t i = 0; i < villages.size(); ++i) {
    std::vector<event::Event> events;
    for (const event::Draft& draft : villages[i].registrations(at))
      events.push_back(county.sign(*authors[i], draft));
    TRY(log(std::move(events), at));
  }
  for (std::size_t i = 0; logged < filling.events; i = (i + 1) % villages.size()) {
    std::vector<event::Event> events;
    const std::size_t wanted = std::min(filling.batch_events, filling.events - logged);
    TimePoint end = at;
    while (events.size() < wanted)
      events.push_back(county.sign(*authors[i], villages[i].next(end)));
    TRY(log(std::move(events), end));
    // The villages' work overlaps in time.
    at += (end - at) / static_cast<std::int64_t>(villages.size()) + filling.pause;
  }
  return {};
}

Result<std::unique_ptr<CountySource>> CountySource::open(const County& county) {
  std::unique_ptr<CountySource> out(new CountySource(county));
  TRY_AS(founding, county.log().at(0));
  TRY_AS(system,
         county.log().at(1));  // The first that init_county() logs after the founding event.
  CHECK(founding && system);
  TRY_AS(system_key, server::load_key(county.folder().key("system")));
  out->system_key_.emplace(system_key);
  out->founding_ = std::move(*founding);
  out->system_credential_ = std::move(*system);
  TRY(out->refresh());
  return out;
}

Result<void> CountySource::refresh() {
  TRY_AS(governance, server::read_governance(county_.log()));
  governance_ = std::move(governance);
  return {};
}
}  // namespace cunji::bench
