#pragma once
// A county's log in memory with real keys, credentials and verdicts, for tests of authority and of
// the fold. Neither store nor tree: entries in order are all that those look at.
#include <deque>
#include <string>
#include <vector>

#include "shared/credential/governance.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/seeded_entropy.h"
#include "shared/event/enrolment.h"
#include "shared/event/event.h"
#include "shared/event/parts.h"

namespace cunji::testing_support {
using event::Kind;

inline CountyCode the_county() { return CountyCode::parse("411323").value(); }
inline DivisionCode village(int number) {
  return DivisionCode::parse("411323001" + std::to_string(200 + number)).value();
}
inline SubjectId subject(std::string_view name) {
  return SubjectId::from(crypto::sha256(name).view().substr(0, 16)).value();
}
inline TimePoint local(std::string_view text) { return parse_time(text).value(); }

// Whoever signs events.
struct Signer {
  std::string name{};
  crypto::KeyPair key;
  Bytes request{};          // Its enrolment request; the root has none.
  event::ChainHead head{};  // Of what it signed.
  PublicKey id() const { return key.public_key(); }
};

struct Says {
  Kind kind = Kind::Visit;
  DivisionCode division{};
  SubjectId subject{};
  std::vector<Bytes> parts{};
  std::optional<TimePoint> recorded{};       // Nothing: now.
  std::optional<std::uint64_t> seen_size{};  // Nothing: all of the log.
};

class CountyLog {
 public:
  explicit CountyLog(std::uint32_t persons_required = 1, TimePoint now = local("2022-01-01T08:00"))
      : now_(now) {
    signers_.push_back({"root", key_of("root"), {}, {}});
    root().head = {.key = root().id(), .digest = crypto::sha256({kOrigin, "\n"})};
    event::FoundingPart said;
    said.name = "西峡县";
    said.origin = kOrigin;
    said.log_key = key_of("log").public_key();
    said.box_key = Bytes(32, 'b');
    said.persons_required = persons_required;
    log(sign(root(), {.kind = Kind::Founding,
                      .division = the_county().division(),
                      .parts = {event::encode_part(said)},
                      .seen_size = 0}));
  }

  Signer& root() { return signers_.front(); }
  TimePoint now() const { return now_; }
  void set_now(TimePoint now) { now_ = now; }
  void pass(Duration time) { now_ += time; }
  std::uint64_t size() const { return entries_.size(); }
  const std::vector<event::LoggedEvent>& entries() const { return entries_; }
  const event::LoggedEvent& newest() const { return entries_.back(); }
  const credential::Governance& governance() const { return governance_; }

  // A new key with its request; `predecessor`: the chain it goes on from.
  Signer& signer(const std::string& name, const Signer* predecessor = nullptr) {
    Signer out{name, key_of(name), {}, {}};
    event::EnrolmentRequest request;
    request.root_digest = crypto::sha256(root().id().view());
    request.key = out.id();
    request.nonce = Salt::from(crypto::sha256(name).view().substr(0, 16)).value();
    if (predecessor != nullptr) {
      request.predecessor = predecessor->id();
      request.predecessor_sequence = predecessor->head.sequence;
      request.predecessor_digest = predecessor->head.digest;
    }
    out.request = event::sign_request(request, out.key, predecessor ? &predecessor->key : nullptr);
    out.head = {.key = out.id(), .digest = event::request_digest(out.request)};
    signers_.push_back(std::move(out));
    return signers_.back();
  }

  // A coordinator's credential for `divisions`, for tests to change before it is logged.
  event::CredentialPart credential_for(const Signer& whom, std::vector<std::string> divisions) {
    event::CredentialPart out;
    out.key = whom.id();
    out.enrolment_request = whom.request;
    out.enrolment_digest = event::request_digest(whom.request);
    out.person = PersonId::from(crypto::sha256("person " + whom.name).view().substr(0, 16)).value();
    out.role = "coordinator";
    out.office = "village";
    out.kinds = {1, 2, 16, 17, 48};
    out.divisions = std::move(divisions);
    out.valid_from = local("2022-01-01T00:00");
    out.valid_to = local("2022-12-31T23:59");
    return out;
  }
  // A desk of the whole county: everything a registrar may do, and what a town's desk does.
  Signer& desk(const std::string& name) {
    Signer& out = signer(name);
    event::CredentialPart said = credential_for(out, {"411323"});
    said.role = "registrar";
    said.kinds = {1, 2, 16, 17, 33, 48, 49, 65, 66};
    issue(root(), said);
    return out;
  }
  Signer& coordinator(const std::string& name, std::vector<std::string> divisions) {
    Signer& out = signer(name);
    issue(root(), credential_for(out, std::move(divisions)));
    return out;
  }
  Signer& system() {
    Signer& out = signer("system");
    event::CredentialPart said = credential_for(out, {"411323"});
    said.role = "system";
    said.kinds = {69, 70};
    issue(root(), said);
    return out;
  }

  // Signs the next event of the signer's chain, without logging it.
  event::Event sign(Signer& by, const Says& says) {
    const event::Event out = fork(by, says);
    by.head = event::advanced(by.head, out.signed_event, 0);
    return out;
  }
  // The same, and the chain stays where it was.
  event::Event fork(Signer& by, const Says& says) {
    const std::uint64_t seen = says.seen_size.value_or(size());
    crypto::SeededEntropy entropy(++salts_, by.name);
    return event::make_event(by.key, the_county(), by.head,
                             {seen, seen == 0 ? Digest{} : crypto::sha256("note")},
                             {.division = says.division,
                              .subject = says.subject,
                              .kind = says.kind,
                              .recorded = says.recorded.value_or(now_),
                              .parts = says.parts},
                             entropy)
        .value();
  }
  // Logs an event now, with the verdict it deserves; gives its digest.
  Digest log(const event::Event& event, bool body_lost = false) {
    const event::Header& header = event.signed_event.header();
    std::uint64_t& seen = seen_[header.author];
    if (header.seen.size <= size()) seen = std::max(seen, header.seen.size);
    event::Entry entry{.received = now_, .division_previous = {}, .event = event.signed_event};
    entry.verdict = governance_.judge(size(), header, now_,
                                      seen == 0 ? std::nullopt : std::optional(seen), body_lost);
    entries_.push_back({size(), entry, body_lost ? event::Body{} : event.body});
    governance_.apply(entries_.back());
    return event.signed_event.digest();
  }
  Digest say(Signer& by, const Says& says) { return log(sign(by, says)); }

  // Governance and other county events of one part.
  Digest say(Signer& by, Kind kind, const event::PartContent& content) {
    return say(by, {.kind = kind,
                    .division = the_county().division(),
                    .parts = {event::encode_part(content)}});
  }
  Digest issue(Signer& by, const event::CredentialPart& said) {
    return say(by, Kind::Credential, said);
  }
  Digest anchor(Signer& by) {
    return say(by, Kind::Anchor, event::AnchorPart{.note = "a note", .at = now_});
  }
  Digest endorse(Signer& by, const Digest& what, event::EndorsementPurpose purpose,
                 DivisionCode division = the_county().division()) {
    return say(by, {.kind = Kind::Endorsement,
                    .division = division,
                    .parts = {event::encode_part(
                        event::EndorsementPart{.events = {what}, .purpose = purpose})}});
  }
  event::Verdict verdict() const { return newest().entry.verdict; }

  static constexpr const char* kOrigin = "cunji.example/411323/1";

 private:
  static crypto::KeyPair key_of(std::string_view name) {
    crypto::SeededEntropy entropy(1, name);
    return crypto::KeyPair::generate(entropy);
  }

  TimePoint now_;
  std::deque<Signer> signers_;  // References to them stay valid.
  std::vector<event::LoggedEvent> entries_;
  credential::Governance governance_;
  std::map<PublicKey, std::uint64_t> seen_;
  std::uint64_t salts_ = 0;
};
}  // namespace cunji::testing_support
