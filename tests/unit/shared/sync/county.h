#pragma once
// A county's server without store, socket or clock: the memory log, real governance, and an intake
// of a page, for the tests of this folder.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/sync.pb.h"
#include "shared/credential/governance.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"
#include "shared/store/memory_event_log.h"
#include "shared/sync/server_session.h"
#include "tests/unit/shared/sync/blobs.h"

namespace cunji::sync {
inline crypto::KeyPair key_of(std::string_view name) {
  crypto::SeededEntropy entropy(1, name);
  return crypto::KeyPair::generate(entropy);
}
inline CountyCode county_code() { return CountyCode::parse("411323").value(); }
inline DivisionCode village(int number) {
  return DivisionCode::parse(std::to_string(411'323'001'200 + number)).value();
}
inline TimePoint start_time() { return from_millis(1'644'452'100'000); }

// An enrolment request of `key` to the county of `root`.
inline Bytes request_of(const crypto::KeyPair& key, const PublicKey& root) {
  event::EnrolmentRequest request;
  request.root_digest = crypto::sha256(root.view());
  request.key = key.public_key();
  request.nonce = Salt::from(crypto::sha256(key.public_key().view()).view().substr(0, 16)).value();
  return event::sign_request(request, key);
}

class TestCounty : public ServerSource {
 public:
  TestCounty() : log_(store::make_memory_event_log()) { found(); }

  const log::EventLog& log() const override { return *log_; }
  const credential::Governance& governance() const override { return governance_; }
  const std::string& note() const override { return note_; }
  const log::Checkpoint& checkpoint() const override { return checkpoint_; }
  const event::LoggedEvent& founding() const override { return founding_; }
  const event::LoggedEvent& system_credential() const override { return system_credential_; }

  const crypto::KeyPair& root() const { return root_; }
  const crypto::KeyPair& system_key() const { return system_; }
  const crypto::KeyPair& log_key() const { return log_key_; }
  CountyPin pin() const {
    return {.root_digest = crypto::sha256(root_.public_key().view()), .log_key = {}, .origin = ""};
  }
  std::uint64_t size() const { return log_->head().value().size; }
  void pass(Duration time) { now_ += time; }
  TimePoint now() const { return now_; }

  // A credential for these villages (prefixes), logged; the key's chain begins at its request.
  void enrol(const crypto::KeyPair& key, std::vector<std::string> divisions,
             const std::string& assigned = "") {
    event::CredentialPart part;
    part.key = key.public_key();
    part.enrolment_request = request_of(key, root_.public_key());
    part.enrolment_digest = event::request_digest(part.enrolment_request);
    part.person = PersonId::from(part.enrolment_digest.view().substr(0, 16)).value();
    part.role = "coordinator";
    part.kinds = {1, 2, 16, 17, 48};
    part.divisions = std::move(divisions);
    part.assigned = assigned;
    part.valid_from = start_time() - std::chrono::hours{1};
    part.valid_to = start_time() + std::chrono::hours{24 * 365};
    commit(root_, event::Kind::Credential, event::encode_part(part));
  }
  void revoke(const PublicKey& key) {
    event::RevocationPart part;
    part.key = key;
    commit(root_, event::Kind::Revocation, event::encode_part(part));
  }

  // Logs an event of one of the county's own keys in the county's own division.
  event::LoggedEvent commit(const crypto::KeyPair& key, event::Kind kind, Bytes part) {
    return commit(key, kind, std::vector<Bytes>{std::move(part)});
  }
  event::LoggedEvent commit(const crypto::KeyPair& key, event::Kind kind,
                            std::vector<Bytes> parts) {
    const auto event = event::make_event(key, county_code(), head_of(key.public_key()), seen_,
                                         {.division = county_code().division(),
                                          .subject = {},
                                          .kind = kind,
                                          .recorded = now_,
                                          .parts = std::move(parts)},
                                         entropy_);
    CHECK(event.has_value());
    return append(*event);
  }

  // Signs the checkpoint of the whole log.
  void publish() {
    const log::LogHead head = log_->head().value();
    checkpoint_ = {.origin = origin_, .size = head.size, .root = head.root};
    note_ = log::sign_checkpoint(checkpoint_, log_key_);
    seen_ = log::seen_of(checkpoint_);
  }

  // What real intake does, in small: genuine, in order, else refused.
  std::vector<EventOutcome> take(const std::vector<event::Event>& events) {
    std::vector<EventOutcome> out;
    for (const event::Event& event : events) out.push_back(take(event));
    return out;
  }

  CountyBlobs blobs;
  // Set to make the next so many events come later (quota).
  int put_off = 0;

 protected:
  std::string origin_ = "test/411323/1";
  std::unique_ptr<log::EventLog> log_;
  std::string note_;
  log::Checkpoint checkpoint_;
  event::LoggedEvent founding_ = placeholder(), system_credential_ = placeholder();

 private:
  static event::LoggedEvent placeholder() {
    const crypto::KeyPair key = key_of("placeholder");
    crypto::SeededEntropy entropy(1, "placeholder");
    event::Draft draft{.division = village(1), .subject = {}, .parts = {"part"}};
    const auto event = event::make_event(
        key, county_code(), {.key = key.public_key(), .digest = {}}, {1, {}}, draft, entropy);
    return {0, {{}, event::Verdict::Accepted, {}, event->signed_event}, event->body};
  }

  void found() {
    event::FoundingPart part;
    part.name = "测试县";
    part.origin = origin_;
    part.log_key = log_key_.public_key();
    part.box_key = crypto::generate_box_pair(entropy_).public_key.str();
    part.persons_required = 1;
    part.test_county = true;
    founding_ = commit(root_, event::Kind::Founding, event::encode_part(part));
    publish();
    event::CredentialPart system;
    system.key = system_.public_key();
    system.enrolment_request = request_of(system_, root_.public_key());
    system.enrolment_digest = event::request_digest(system.enrolment_request);
    system.role = "system";
    system.kinds = {static_cast<std::uint16_t>(event::Kind::Incident),
                    static_cast<std::uint16_t>(event::Kind::Anchor)};
    system.divisions = {"411323"};
    system.valid_from = start_time() - std::chrono::hours{1};
    system.valid_to = start_time() + std::chrono::hours{24 * 365};
    system_credential_ = commit(root_, event::Kind::Credential, event::encode_part(system));
    publish();
  }

  event::ChainHead head_of(const PublicKey& key) const {
    if (const auto head = log_->chain_head(key).value()) return *head;
    const auto enrolment = governance_.enrolment_of(key);
    return {.key = key, .digest = enrolment ? *enrolment : crypto::sha256({origin_, "\n"})};
  }

  event::LoggedEvent append(const event::Event& event) {
    const log::NewEntry entry{.event = event.signed_event, .body = event.body, .received = now_};
    const auto logged = log_->append(size(), {&entry, 1});
    CHECK(logged.has_value());
    governance_.apply(logged->front());
    return logged->front();
  }

  EventOutcome take(const event::Event& event) {
    const event::Header& header = event.signed_event.header();
    EventOutcome out;
    out.key = header.author;
    out.sequence = header.sequence;
    const auto refuse = [&](int code) {
      out.status = EventOutcome::Status::Refused;
      out.refusal = code;
      out.reason = "refused by the test";
      return out;
    };
    if (put_off > 0) {
      --put_off;
      return refuse(proto::REFUSAL_CODE_LATER);
    }
    if (!event.signed_event.verify()) return refuse(proto::REFUSAL_CODE_SIGNATURE);
    if (!event::check_body(header, event.body)) return refuse(proto::REFUSAL_CODE_BODY);
    if (header.county != county_code()) return refuse(proto::REFUSAL_CODE_COUNTY);
    if (!governance_.enrolment_of(header.author)) {
      out.status = EventOutcome::Status::Parked;
      return out;
    }
    const auto place = [&](const event::LoggedEvent& logged) {
      out.index = logged.index;
      out.received = logged.entry.received;
      out.verdict = logged.entry.verdict;
      return out;
    };
    switch (event::link_of(head_of(header.author), event.signed_event)) {
      case event::ChainLink::Gap: return refuse(proto::REFUSAL_CODE_GAP);
      case event::ChainLink::Broken: return refuse(proto::REFUSAL_CODE_BROKEN_CHAIN);
      case event::ChainLink::Next: return place(append(event));
      case event::ChainLink::Known: break;
    }
    const auto index = log_->index_of(header.author, header.sequence).value();
    const event::LoggedEvent known = log_->at(*index).value().value();
    if (known.entry.event.digest() != event.signed_event.digest())
      return refuse(proto::REFUSAL_CODE_FORK);
    return place(known);
  }

  crypto::SeededEntropy entropy_{7, "county"};
  crypto::KeyPair root_ = key_of("root"), system_ = key_of("system"), log_key_ = key_of("log");
  credential::Governance governance_;
  event::Seen seen_;
  TimePoint now_ = start_time();
};
}  // namespace cunji::sync
