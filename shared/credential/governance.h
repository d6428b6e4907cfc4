#pragma once
// Who may do what, where, and since when: the fold of the governance entries of a log (founding,
// credential, revocation, erasure, incident, endorsement by a second person), and the one verdict
// function that intake, fold and verifiers call (D7, D8, D18–D20). Pure; entries come in log order.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/credential/erasure.h"
#include "shared/credential/publication.h"
#include "shared/event/entry.h"
#include "shared/event/entry_view.h"
#include "shared/event/kinds.h"

namespace cunji::credential {
struct Scope {
  std::vector<std::string> divisions;  // Prefixes of 6, 9 or 12 digits.
  std::string assigned;                // Or a relation: then the whole county is covered (D8).
  bool covers(const DivisionCode& division) const;
  // Whether all of `other` lies within this one's divisions. A relation counts as the whole county
  // there, and as nothing here: who has subjects assigned can't hand out divisions.
  bool contains(const Scope& other, CountyCode county) const;
};

// A logged credential.
struct Grant {
  Digest event;                // Of the credential event.
  std::uint64_t in_force = 0;  // The log size from which it counts: index + 1, or that of the
                               // second person's endorsement where two are needed.
  bool pending = false;        // Waits for the second person.
  std::optional<std::uint64_t> ended_at;  // Index of the revocation that ended it.
  PublicKey key;
  PublicKey issuer;
  Digest enrolment;  // Digest of the key's enrolment request.
  PersonId person;
  std::string role, office;
  std::set<std::uint16_t> kinds;
  Scope scope;
  TimePoint valid_from{}, valid_to{};
  std::uint32_t late_days = 45;             // D8: a season offline, then the office must ask again.
  std::uint32_t events_a_day = 2'000;       // D21.
  std::uint64_t bytes_a_day = 20ULL << 20;  // D21.
};

// What the county's first entry says.
struct County {
  CountyCode code;
  std::string name, origin;
  PublicKey root, log_key;
  Bytes box_key;
  std::uint32_t persons_required = 2;
  bool test_county = false;  // Only then may its server run on a made-up clock.
  Bytes recovery_key;        // X25519, to which devices seal the keys of unsent work; may be empty.
  Digest root_digest() const;  // SHA-256(root): what a QR code carries.
};

struct KeyStatus {
  std::vector<Grant> grants;                    // In log order.
  std::optional<std::uint64_t> frozen_at;       // Index of the incident.
  std::optional<std::uint64_t> compromised_at;  // Index of the revocation.
  std::uint64_t last_vouched_sequence = 0;      // With compromised_at: later ones have no effect.
};

class Governance {
 public:
  // Takes the next governance entry (is_governance, or an endorsement in the county's division);
  // others are ignored. Entries that are not accepted, do not parse, or that their author had no
  // right to make (issuer outside scope, system kinds by a person) change nothing.
  void apply(const event::EntryView& logged);
  void apply(const event::LoggedEvent& logged);

  const std::optional<County>& county() const { return county_; }
  // Null: no credential names it. The root's status is there too: one grant by the founding event,
  // of every governance kind but the founding, in the county, without end or quota.
  const KeyStatus* find(const PublicKey& key) const;
  // Digest of the enrolment request that a key's first event must name; the founding origin's for
  // the root. Nothing for an unknown key, or one whose every credential waits for a second person:
  // its events are parked.
  std::optional<Digest> enrolment_of(const PublicKey& key) const;
  const std::map<PublicKey, KeyStatus>& keys() const { return keys_; }

  // The verdict of an event at log index `index` (D8). `seen_size` is the largest verified seen
  // size along its chain up to and with it; nothing where none is this log's. All governance
  // entries before `index` must have been applied, none after. A lost body turns acceptance into
  // AcceptedBodyLost.
  event::Verdict judge(std::uint64_t index, const event::Header& header, TimePoint received,
                       std::optional<std::uint64_t> seen_size, bool body_lost) const;

  // Whether `key` may read and be fed now: a grant in force at the newest position, inside its
  // validity, not revoked, not frozen. Gives the grants that hold.
  std::vector<const Grant*> standing(const PublicKey& key, TimePoint now) const;

  // Every definition that its author had the right to publish, in log order (D12).
  const std::vector<Publication>& publications() const { return publications_; }

  // Every erasure that its author had the right to log, in log order (D20).
  const std::vector<Erasure>& erasures() const { return erasures_; }
  // What of the event at `index` the erasures in effect at the county's time `at` name. A holder
  // whose newest entry was received then deletes it; one that has less of the log, later.
  event::PartSet erased_parts(std::uint64_t index, const event::SignedEvent& event,
                              TimePoint at) const;
  // The erasures of this event that wait for no second person and are not withdrawn, those first
  // that take effect first; what each of them names of it.
  struct ErasureOf {
    const Erasure* erasure = nullptr;
    event::PartSet parts;
  };
  std::vector<ErasureOf> erasures_of(std::uint64_t index, const Digest& event, std::uint16_t kind,
                                     const DivisionCode& division) const;

 private:
  void apply_founding(const event::EntryView& logged);
  void apply_credential(const event::EntryView& logged);
  void apply_revocation(const event::EntryView& logged);
  void apply_incident(const event::EntryView& logged);
  void apply_endorsement(const event::EntryView& logged);
  void apply_definition(const event::EntryView& logged);
  void confirm_definition(const Digest& digest, const event::EntryView& second);
  void withdraw_definitions_of(const PublicKey& key, std::uint64_t vouched);
  void apply_erasure(const event::EntryView& logged);
  void confirm_erasure(const Digest& digest, const event::EntryView& second);
  void withdraw_erasure(const Digest& digest, const event::EntryView& logged);
  // A compromised key's signatures after `vouched` start no deletion that is still to come.
  void withdraw_erasures_of(const PublicKey& key, std::uint64_t vouched,
                            const event::EntryView& logged);
  Erasure* find_erasure(const Digest& digest);
  // The author's grant that lets it do `kind` to `scope` at the entry's place; null: none does.
  const Grant* authority(const event::EntryView& logged, event::Kind kind,
                         const Scope& scope) const;

  std::optional<County> county_;
  std::map<PublicKey, KeyStatus> keys_;
  std::map<Digest, PublicKey> pending_;  // Credential event that waits for a second person -> key.
  std::vector<Publication> publications_;
  std::vector<Erasure> erasures_;
  // Index of an event -> which erasures name it, and by which of their items.
  std::map<std::uint64_t, std::vector<std::pair<std::size_t, std::size_t>>> erased_at_;
};
}  // namespace cunji::credential
