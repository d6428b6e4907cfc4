#include "server/intake/commit.h"

#include <algorithm>

#include "protocol/sync.pb.h"
#include "server/intake/limits.h"
#include "shared/crypto/hash.h"
#include "shared/event/parts.h"
#include "shared/log/merkle.h"

namespace cunji::server {
using Status = sync::EventOutcome::Status;

// Salts of incidents: nobody passes take() any chance, and a commitment to a public body hides
// nothing; so it is derived from the key and the evidence, and equal inputs give equal logs.
class DerivedEntropy final : public Entropy {
 public:
  DerivedEntropy(const crypto::KeyPair& key, BytesView about)
      : mac_(crypto::hmac_sha256(key.seed().view(), {"cunji/incident-salt\n", about})) {}
  void fill(std::span<std::uint8_t> out) override {
    CHECK(out.size() <= Digest::kSize);
    std::copy_n(mac_.data(), out.size(), out.begin());
    mac_ = crypto::sha256(mac_.view());
  }

 private:
  Digest mac_;
};

// A key whose only credentials still wait for their second person is not yet known (D19).
static bool is_known(const credential::Governance& governance, const PublicKey& key) {
  return governance.enrolment_of(key).has_value();
}

static bool may_be_governance(const event::Header& header) {
  return event::is_governance(header.kind) ||
         (header.kind == static_cast<std::uint16_t>(event::Kind::Endorsement) &&
          header.division == header.county.division());
}

static sync::EventOutcome outcome_of(const event::SignedEvent& event, Status status) {
  sync::EventOutcome out;
  out.status = status;
  out.key = event.header().author;
  out.sequence = event.header().sequence;
  return out;
}

static sync::EventOutcome logged(const log::NewEntry& entry, std::uint64_t index) {
  sync::EventOutcome out = outcome_of(entry.event, Status::Logged);
  out.index = index;
  out.received = entry.received;
  out.verdict = entry.verdict;
  return out;
}

Commit::Commit(IntakeState& state, TimePoint now)
    : state_(state),
      received_(std::max(now, state.head.received)),
      recheck_(state.recheck),
      use_(received_) {}

const credential::Governance& Commit::governance() const {
  return advanced_ ? *advanced_ : *state_.governance;
}

Result<event::ChainHead> Commit::chain_of(const PublicKey& key) {
  if (const auto found = chains_.find(key); found != chains_.end()) return found->second;
  TRY_AS(head, state_.log.chain_head(key));
  const auto enrolment = governance().enrolment_of(key);
  event::ChainHead chain{.key = key, .sequence = 0, .digest = {}, .seen_size_max = 0};
  if (enrolment) chain.digest = *enrolment;
  if (head) chain = *head;
  chains_.emplace(key, chain);
  return chain;
}

// The seen size if the seen checkpoint is one this log has had, else 0. Only committed sizes are
// looked at: nobody can have seen another.
Result<std::uint64_t> Commit::verified_seen(const event::Seen& seen) {
  if (seen.size == 0 || seen.size > state_.head.size) return std::uint64_t{0};
  auto found = state_.seen.find(seen.size);
  if (found == state_.seen.end()) {
    TRY_AS(root, log::root_at(state_.log, seen.size));
    if (state_.seen.size() >= kSeenCacheMax) state_.seen.erase(state_.seen.begin());
    const log::Checkpoint checkpoint{
        .origin = state_.governance->county()->origin, .size = seen.size, .root = root};
    found = state_.seen.emplace(seen.size, log::seen_of(checkpoint).digest).first;
  }
  return found->second == seen.digest ? seen.size : std::uint64_t{0};
}

Result<void> Commit::take(const CheckedBatch& batch) {
  const std::size_t number = results_.size();
  results_.emplace_back();
  Refused refused;
  for (const CheckedEvent& checked : batch.events) {
    TRY_AS(outcome, offer(checked, batch.sender, refused));
    if (outcome.status == Status::Parked)
      parked_.push_back({checked.event, batch.sender, {number, results_[number].size()}});
    results_[number].push_back(std::move(outcome));
  }
  return {};
}

// A successor's key brings what is left of the chain before it.
static bool is_same_person(const credential::Governance& governance, const PublicKey& a,
                           const PublicKey& b) {
  const credential::KeyStatus* one = governance.find(a);
  const credential::KeyStatus* other = governance.find(b);
  return a == b ||
         (one != nullptr && other != nullptr && !one->grants.empty() && !other->grants.empty() &&
          one->grants.front().person == other->grants.front().person);
}

Result<sync::EventOutcome> Commit::offer(const CheckedEvent& checked, const PublicKey& sender,
                                         Refused& refused) {
  const event::Event& event = checked.event;
  const event::Header& header = event.signed_event.header();
  if (checked.refusal) {
    // An author whose acknowledgement was lost may have had to erase parts since (D20). With an
    // event that is logged, whatever body comes is not looked at.
    if (checked.refusal->code == proto::REFUSAL_CODE_BODY) {
      std::uint64_t index = 0;
      TRY_AS(held, logged_at({header.author, header.sequence}, index));
      if (held && held->event == event.signed_event) return logged(*held, index);
    }
    return refuse(event, sender, checked.refusal->code, checked.refusal->reason, refused);
  }
  // Whoever else brings it may have thrown its body away (D7). Not for good: its author still may.
  if (event.body.lost() && !is_same_person(governance(), sender, header.author))
    return refuse(event, sender, proto::REFUSAL_CODE_LATER,
                  "without its body it is taken from its author's own device only", refused);
  if (!is_known(governance(), header.author)) return outcome_of(event.signed_event, Status::Parked);

  TRY_AS(chain, chain_of(header.author));
  const event::ChainLink link = event::link_of(chain, event.signed_event);
  if (link == event::ChainLink::Known) return offer_known(event, sender, refused);
  if (link == event::ChainLink::Next) {
    if (above_quota(header))
      return refuse(event, sender, proto::REFUSAL_CODE_LATER, kQuotaReason, refused);
    // A checkpoint inside this very commit can only be a guess. If the guess were right, whoever
    // recomputes the verdict would count it, and we do not: so it waits for the next commit.
    if (header.seen.size > state_.head.size &&
        header.seen.size <= state_.head.size + entries_.size())
      return refuse(event, sender, proto::REFUSAL_CODE_LATER,
                    "it names a checkpoint that is only being made", refused);
    return add(event, chain);
  }
  if (refused.contains(header.previous)) return refuse_child(event, sender, refused);
  const std::string held = "the log holds the chain up to " + std::to_string(chain.sequence);
  if (link == event::ChainLink::Gap)
    return refuse(event, sender, proto::REFUSAL_CODE_GAP, held, refused);
  return refuse(event, sender, proto::REFUSAL_CODE_BROKEN_CHAIN,
                chain.sequence == 0 ? "the first event does not name the key's enrolment request"
                                    : held + ", and this names another predecessor",
                refused);
}

// The entry at a place of a chain, logged or about to be, with its index.
Result<std::optional<log::NewEntry>> Commit::logged_at(const Place& place, std::uint64_t& index) {
  if (const auto found = places_.find(place); found != places_.end()) {
    index = state_.head.size + found->second;
    return std::optional(entries_[found->second]);
  }
  TRY_AS(found, state_.log.index_of(place.first, place.second));
  if (!found) return std::optional<log::NewEntry>();
  TRY_AS(entry, state_.log.at(*found));
  if (!entry) return Error{Errc::Corrupt, "no entry at index " + std::to_string(*found)};
  index = *found;
  return std::optional(log::NewEntry{.event = entry->entry.event,
                                     .body = {},
                                     .received = entry->entry.received,
                                     .verdict = entry->entry.verdict,
                                     .verified_seen_size = 0});
}

// At or below the chain's head: the same event again, which is answered alike for ever (D10), or
// a second event at the same place, which proves a fork (D4).
Result<sync::EventOutcome> Commit::offer_known(const event::Event& event, const PublicKey& sender,
                                               Refused& refused) {
  const event::Header& header = event.signed_event.header();
  std::uint64_t index = 0;
  TRY_AS(held, logged_at({header.author, header.sequence}, index));
  if (!held)
    return Error{Errc::Corrupt, "the log lacks sequence " + std::to_string(header.sequence) +
                                    " of key " + to_hex(header.author.view())};
  if (held->event == event.signed_event) return logged(*held, index);
  if (refused.contains(header.previous)) return refuse_child(event, sender, refused);
  // Ed25519 signs the header, so two signatures of one header are no fork.
  if (held->event.header_bytes() == event.signed_event.header_bytes()) {
    // An erased body does not come back by way of the quarantine.
    const bool erased = governance().erased_parts(index, held->event, received_).any();
    return refuse(erased ? event::Event{event.signed_event, {}} : event, sender,
                  proto::REFUSAL_CODE_SIGNATURE, "the event is logged with another signature",
                  refused);
  }
  TRY(report_fork(held->event, event.signed_event));
  return refuse(event, sender, proto::REFUSAL_CODE_FORK,
                "another event is logged at sequence " + std::to_string(header.sequence) +
                    ", index " + std::to_string(index),
                refused);
}

Result<sync::EventOutcome> Commit::add(const event::Event& event, const event::ChainHead& chain) {
  const event::Header& header = event.signed_event.header();
  TRY_AS(seen_size, verified_seen(header.seen));
  const std::uint64_t index = state_.head.size + entries_.size();
  const std::uint64_t largest = std::max(seen_size, chain.seen_size_max);
  const auto verdict =
      governance().judge(index, header, received_,
                         largest == 0 ? std::nullopt : std::optional(largest), event.body.lost());
  const log::NewEntry entry{.event = event.signed_event,
                            .body = event.body,
                            .received = received_,
                            .verdict = verdict,
                            .verified_seen_size = seen_size};
  chains_[header.author] = event::advanced(chain, event.signed_event, seen_size);
  places_.emplace(Place{header.author, header.sequence}, entries_.size());
  entries_.push_back(entry);
  use_.count(header, received_);
  if (may_be_governance(header)) {
    if (!advanced_) advanced_ = std::make_shared<credential::Governance>(*state_.governance);
    // The division link is the store's to make; no rule of governance looks at it.
    advanced_->apply({.index = index,
                      .entry = {.received = received_,
                                .verdict = verdict,
                                .division_previous = {},
                                .event = event.signed_event},
                      .body = event.body});
  }
  return logged(entry, index);
}

Result<void> Commit::report_fork(const event::SignedEvent& logged,
                                 const event::SignedEvent& other) {
  const Place place{logged.header().author, logged.header().sequence};
  if (state_.reported_forks.contains(place) || !forks_.insert(place).second) return {};
  const event::IncidentPart incident{
      .key = place.first, .sequence = place.second, .evidence = {logged.encode(), other.encode()}};
  DerivedEntropy entropy(state_.system_key, logged.digest().str().append(other.digest().view()));
  return add_system({.division = logged.header().county.division(),
                     .subject = {},
                     .kind = event::Kind::Incident,
                     .recorded = received_,
                     .parts = {event::encode_part(incident)}},
                    entropy);
}

Result<void> Commit::add_system(const event::Draft& draft, Entropy& entropy) {
  TRY_AS(chain, chain_of(state_.system_key.public_key()));
  const credential::County& county = *state_.governance->county();
  const event::Seen seen =
      log::seen_of({.origin = county.origin, .size = state_.head.size, .root = state_.head.root});
  TRY_AS(event, event::make_event(state_.system_key, county.code, chain, seen, draft, entropy));
  TRY(add(event, chain));
  return {};
}

// Whether one more event is more than the key's credential allows in a day (D21). The county's own
// root has no credential, hence no quota.
bool Commit::above_quota(const event::Header& header) const {
  const credential::KeyStatus* status = governance().find(header.author);
  if (status == nullptr || status->grants.empty()) return false;
  Volume allowed;
  for (const credential::Grant& grant : status->grants) {
    allowed.events = std::max<std::uint64_t>(allowed.events, grant.events_a_day);
    allowed.bytes = std::max(allowed.bytes, grant.bytes_a_day);
  }
  const Volume before = state_.use.of(header.author, received_), now = use_.of(header.author);
  const Volume one = volume_of(header);
  return before.events + now.events + one.events > allowed.events ||
         before.bytes + now.bytes + one.bytes > allowed.bytes;
}

// What is not genuine goes into quarantine. What is only out of place or too much comes again.
sync::EventOutcome Commit::refuse(const event::Event& event, const PublicKey& sender, int code,
                                  std::string reason, Refused& refused) {
  const int root = refused.try_emplace(event.signed_event.digest(), RefusalReason{code, reason})
                       .first->second.code;
  if (root != proto::REFUSAL_CODE_GAP && root != proto::REFUSAL_CODE_LATER)
    quarantine_.push_back({event, reason, sender});
  sync::EventOutcome out = outcome_of(event.signed_event, Status::Refused);
  out.refusal = code;
  out.reason = std::move(reason);
  return out;
}

sync::EventOutcome Commit::refuse_child(const event::Event& event, const PublicKey& sender,
                                        Refused& refused) {
  const RefusalReason root = refused.at(event.signed_event.header().previous);
  refused.emplace(event.signed_event.digest(), root);
  if (root.code == proto::REFUSAL_CODE_LATER)
    return refuse(event, sender, root.code, root.reason, refused);
  return refuse(event, sender, proto::REFUSAL_CODE_PARENT,
                "an earlier event of its chain was refused", refused);
}

Result<void> Commit::take_parked() {
  std::set<PublicKey> done, postponed;
  const std::size_t entries_max = entries_.size() + kParkedTakenMax;
  // A parked event may itself be a credential, so this goes on while keys become known.
  while (entries_.size() < entries_max) {
    if (advanced_) {
      for (const auto& [key, status] : advanced_->keys()) {
        if (!is_known(*state_.governance, key) && is_known(*advanced_, key)) recheck_.insert(key);
      }
    }
    const auto next = std::find_if(recheck_.begin(), recheck_.end(), [&](const PublicKey& key) {
      return !done.contains(key) && is_known(governance(), key);
    });
    if (next == recheck_.end()) break;
    const PublicKey key = *next;
    done.insert(key);
    TRY_AS(taken, take_parked_of(key));
    if (!taken) postponed.insert(key);
  }
  for (const PublicKey& key : done) {
    if (!postponed.contains(key)) recheck_.erase(key);
  }
  return {};
}

// First those of earlier commits, then those that this commit would have parked.
Result<bool> Commit::take_parked_of(const PublicKey& key) {
  const auto events = state_.side.parked(key);
  if (!events) return false;  // Whatever is wrong there, the log goes on.
  Refused refused;
  for (const event::Event& event : *events) {
    TRY(offer({event, std::nullopt}, key, refused));
    unpark_[key] = event.signed_event.header().sequence;
  }
  std::vector<Parked> others;
  for (Parked& parked : parked_) {
    if (parked.event.signed_event.header().author != key) {
      others.push_back(std::move(parked));
      continue;
    }
    TRY_AS(outcome, offer({parked.event, std::nullopt}, parked.sender, refused));
    results_[parked.result.first][parked.result.second] = outcome;
  }
  parked_ = std::move(others);
  return true;
}

Result<void> Commit::finish() {
  state_.newest.clear();
  if (!entries_.empty()) {
    state_.in_doubt = true;  // Until we know what the disk holds.
    TRY_AS(appended, state_.log.append(state_.head.size, entries_));
    TRY_AS(head, state_.log.head());
    CHECK(appended.size() == entries_.size());
    state_.newest = std::move(appended);
    if (advanced_) state_.governance = std::move(advanced_);
    state_.reported_forks.merge(forks_);
    state_.head = head;
    state_.use.add(use_);
    state_.in_doubt = false;
  }
  state_.recheck = std::move(recheck_);
  settle_side_store();
  return {};
}

// The log has answered already, so a side store that refuses changes no logged outcome: what can't
// be parked is refused for now, what can't be quarantined is still reported to the sender.
void Commit::settle_side_store() {
  std::vector<event::Event> to_park;
  for (const Parked& parked : parked_) to_park.push_back(parked.event);
  if (!to_park.empty()) {
    const auto kept = state_.side.park(to_park, received_);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i]) continue;
      sync::EventOutcome& out = results_[parked_[i].result.first][parked_[i].result.second];
      out.status = Status::Refused;
      out.refusal = proto::REFUSAL_CODE_LATER;
      out.reason = "the key has no credential yet, and " + kept[i].error().what;
    }
  }
  std::vector<store::Quarantined> evidence;
  for (const ToQuarantine& q : quarantine_)
    evidence.push_back({.signed_event = q.event.signed_event.encode(),
                        .body = event::encode_body(q.event.body),
                        .reason = q.reason,
                        .sender = q.sender,
                        .at = received_});
  if (!evidence.empty()) static_cast<void>(state_.side.quarantine(evidence).has_value());
  for (const auto& [key, sequence] : unpark_) {
    // Left where they are, the next start finds them logged and tries again.
    if (!state_.side.unpark(key, sequence)) state_.recheck.insert(key);
  }
}
}  // namespace cunji::server
