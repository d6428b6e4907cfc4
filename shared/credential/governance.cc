#include "shared/credential/governance.h"

#include <algorithm>

#include "shared/credential/roles.h"
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"

namespace cunji::credential {
using event::EntryView;
using event::Kind;

Digest County::root_digest() const { return crypto::sha256(root.view()); }

static std::uint16_t number_of(Kind kind) { return static_cast<std::uint16_t>(kind); }

const KeyStatus* Governance::find(const PublicKey& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

std::optional<Digest> Governance::enrolment_of(const PublicKey& key) const {
  const KeyStatus* status = find(key);
  if (status == nullptr) return std::nullopt;
  for (const Grant& grant : status->grants) {
    if (!grant.pending) return grant.enrolment;
  }
  return std::nullopt;
}

static bool is_dated(const Grant& grant, TimePoint now) {
  return grant.valid_from <= now && now <= grant.valid_to;
}

std::vector<const Grant*> Governance::standing(const PublicKey& key, TimePoint now) const {
  std::vector<const Grant*> out;
  const KeyStatus* status = find(key);
  if (status == nullptr || status->frozen_at || status->compromised_at) return out;
  for (const Grant& grant : status->grants) {
    if (!grant.pending && !grant.ended_at && is_dated(grant, now)) out.push_back(&grant);
  }
  return out;
}

const Grant* Governance::authority(const EntryView& logged, Kind kind, const Scope& scope) const {
  for (const Grant* grant : standing(logged.entry.event.header().author, logged.entry.received)) {
    if (grant->kinds.contains(number_of(kind)) && grant->scope.contains(scope, county_->code))
      return grant;
  }
  return nullptr;
}

void Governance::apply(const event::LoggedEvent& logged) {
  std::vector<event::PartView> parts;
  apply(event::view_of(logged, parts));
}

void Governance::apply(const EntryView& logged) {
  const event::Header& header = logged.entry.event.header();
  if (!event::is_accepted(logged.entry.verdict)) return;
  if (logged.index == 0) return apply_founding(logged);
  if (!county_ || header.division != county_->code.division()) return;
  switch (static_cast<Kind>(header.kind)) {
    case Kind::Credential: return apply_credential(logged);
    case Kind::Revocation: return apply_revocation(logged);
    case Kind::Incident: return apply_incident(logged);
    case Kind::Endorsement: return apply_endorsement(logged);
    case Kind::Definition: return apply_definition(logged);
    case Kind::Erasure: return apply_erasure(logged);
    default: return;  // Of the 65,536 kind numbers, all others leave authority alone.
  }
}

void Governance::apply_founding(const EntryView& logged) {
  const event::Header& header = logged.entry.event.header();
  const auto said = event::first_content<event::FoundingPart>(logged.body);
  if (header.kind != number_of(Kind::Founding) || !said) return;
  const Digest origin = crypto::sha256({said->origin, "\n"});
  if (header.sequence != 1 || header.previous != origin) return;
  county_ = County{.code = header.county,
                   .name = said->name,
                   .origin = said->origin,
                   .root = header.author,
                   .log_key = said->log_key,
                   .box_key = said->box_key,
                   .persons_required = said->persons_required,
                   .test_county = said->test_county,
                   .recovery_key = said->recovery_key};
  Grant root{.event = logged.entry.event.digest(),
             .in_force = 1,
             .ended_at = std::nullopt,
             .key = header.author,
             .issuer = header.author,
             .enrolment = origin,
             .person = {},
             .role = "root",
             .office = {},
             .kinds = {},
             .scope = {.divisions = {header.county.str()}, .assigned = {}},
             .valid_to = from_millis(kTimeMillisMax),
             .late_days = 0,
             .events_a_day = UINT32_MAX,
             .bytes_a_day = UINT64_MAX};
  for (const event::KindInfo& info : event::all_kinds()) {
    if (info.governance && info.kind != Kind::Founding) root.kinds.insert(number_of(info.kind));
  }
  keys_[header.author].grants.push_back(std::move(root));
}

// A governance kind is handed on only by who holds it; the system's own come from the root alone.
static bool may_grant(const Grant& issuer, bool is_root, const std::set<std::uint16_t>& kinds) {
  return std::all_of(kinds.begin(), kinds.end(), [&](std::uint16_t kind) {
    if (!event::is_governance(kind)) return true;
    const bool system = kind == number_of(Kind::Incident) || kind == number_of(Kind::Anchor);
    return issuer.kinds.contains(kind) && (is_root || !system);
  });
}

void Governance::apply_credential(const EntryView& logged) {
  const auto said = event::first_content<event::CredentialPart>(logged.body);
  if (!said || said->key == county_->root) return;
  Grant grant{.event = logged.entry.event.digest(),
              .in_force = logged.index + 1,
              .ended_at = std::nullopt,
              .key = said->key,
              .issuer = logged.entry.event.header().author,
              .enrolment = said->enrolment_digest,
              .person = said->person,
              .role = said->role,
              .office = said->office,
              .kinds = {said->kinds.begin(), said->kinds.end()},
              .scope = {.divisions = said->divisions, .assigned = said->assigned},
              .valid_from = said->valid_from,
              .valid_to = said->valid_to,
              .late_days = said->late_days,
              .events_a_day = said->events_a_day,
              .bytes_a_day = said->bytes_a_day};
  const bool is_root = grant.issuer == county_->root;
  const Grant* issuer = authority(logged, Kind::Credential, grant.scope);
  if (issuer == nullptr || !may_grant(*issuer, is_root, grant.kinds)) return;

  const auto request = event::open_request(said->enrolment_request);
  if (!request || request->key != grant.key || request->root_digest != county_->root_digest() ||
      event::request_digest(said->enrolment_request) != grant.enrolment)
    return;
  if (const KeyStatus* known = find(grant.key)) {
    const Grant& first = known->grants.front();
    if (first.enrolment != grant.enrolment || first.person != grant.person) return;
  }
  const bool alone = is_root || county_->persons_required < 2 ||
                     (is_field_credential(grant.role, grant.kinds) && !request->succeeds());
  grant.pending = !alone;
  if (grant.pending) pending_.emplace(grant.event, grant.key);
  keys_[grant.key].grants.push_back(std::move(grant));
}

void Governance::apply_endorsement(const EntryView& logged) {
  const auto said = event::first_content<event::EndorsementPart>(logged.body);
  if (!said || said->purpose != event::EndorsementPurpose::SecondPerson) return;
  for (const Digest& digest : said->events) {
    confirm_erasure(digest, logged);
    confirm_definition(digest, logged);
    const auto found = pending_.find(digest);
    if (found == pending_.end()) continue;
    std::vector<Grant>& grants = keys_.at(found->second).grants;
    Grant& grant = *std::find_if(grants.begin(), grants.end(),
                                 [&](const Grant& g) { return g.event == digest; });
    const Grant* second = authority(logged, Kind::Credential, grant.scope);
    const PersonId& first_person = keys_.at(grant.issuer).grants.front().person;
    if (second == nullptr || second->person == first_person || second->key == grant.key) continue;
    grant.pending = false;
    grant.in_force = logged.index + 1;
    pending_.erase(found);
  }
}

void Governance::apply_revocation(const EntryView& logged) {
  const auto said = event::first_content<event::RevocationPart>(logged.body);
  if (!said || said->key == county_->root) return;
  const auto found = keys_.find(said->key);
  if (found == keys_.end()) return;
  KeyStatus& status = found->second;
  std::vector<Grant*> reached;  // All found before one is ended: a key may revoke itself.
  for (Grant& grant : status.grants) {
    if (authority(logged, Kind::Revocation, grant.scope) != nullptr) reached.push_back(&grant);
  }
  if (reached.empty()) return;
  if (said->reason == event::RevocationReason::Ended) {
    for (Grant* grant : reached) {
      const bool named = !said->credential || *said->credential == grant->event;
      if (named && !grant->ended_at) grant->ended_at = logged.index;
    }
    return;
  }
  withdraw_erasures_of(said->key, said->last_vouched_sequence, logged);
  withdraw_definitions_of(said->key, said->last_vouched_sequence);
  // A second one may take back more, never give anything back.
  status.last_vouched_sequence =
      status.compromised_at ? std::min(status.last_vouched_sequence, said->last_vouched_sequence)
                            : said->last_vouched_sequence;
  if (!status.compromised_at) status.compromised_at = logged.index;
}

// Two different events that the key signed for one place of its chain in this county.
static bool proves_fork(const event::IncidentPart& said, CountyCode county) {
  // Two signatures of one header are no fork: what was said is the same (D4).
  const auto header = [&](std::size_t i) {
    return BytesView(said.evidence[i]).substr(0, event::kHeaderBytes);
  };
  if (said.evidence.size() != 2 || header(0) == header(1)) return false;
  return std::all_of(said.evidence.begin(), said.evidence.end(), [&](const Bytes& bytes) {
    const auto signed_event = event::SignedEvent::decode(bytes);
    return signed_event && signed_event->header().county == county &&
           signed_event->header().author == said.key &&
           signed_event->header().sequence == said.sequence && signed_event->verify();
  });
}

void Governance::apply_incident(const EntryView& logged) {
  const auto said = event::first_content<event::IncidentPart>(logged.body);
  if (!said) return;
  const auto found = keys_.find(said->key);
  if (found == keys_.end() || found->second.frozen_at) return;
  if (proves_fork(*said, county_->code)) found->second.frozen_at = logged.index;
}
}  // namespace cunji::credential
