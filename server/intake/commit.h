#pragma once
// The working set of one commit: what Intake::take() is about to log, on copies of everything that
// it would change. Nothing of it counts before the log has taken it; it is thrown away otherwise.
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "server/intake/daily_use.h"
#include "server/intake/intake.h"
#include "shared/base/entropy.h"

namespace cunji::server {
using Place = std::pair<PublicKey, std::uint64_t>;  // Key and sequence.

// What outlives a commit; changed only by Commit::finish(), once the log has taken the entries.
struct IntakeState {
  log::EventLog& log;
  store::SideStore& side;
  crypto::KeyPair system_key;
  std::shared_ptr<const credential::Governance> governance;  // Replaced, never changed in place.
  log::LogHead head;
  bool in_doubt = false;                 // A commit failed, and the log may hold it after all.
  std::map<std::uint64_t, Digest> seen;  // Size -> digest of this log's note text at that size.
  std::set<Place> reported_forks;        // By incidents in the log.
  std::set<PublicKey> recheck;           // Keys whose parked events may be taken now.
  DailyUse use;
  std::vector<event::LoggedEvent> newest;
};

class Commit {
 public:
  Commit(IntakeState& state, TimePoint now);

  // Decides the events of one batch in order. Errc::Io when the log can't be read.
  Result<void> take(const CheckedBatch& batch);
  // Signs the next event of the system key and adds it.
  Result<void> add_system(const event::Draft& draft, Entropy& entropy);
  // Takes parked events of keys that have become known, in this commit or before it.
  Result<void> take_parked();
  // Logs everything in one transaction; the side store follows. A crash in between leaves refused
  // and parked events that their nodes offer again, and taken ones parked, which the next start
  // finds logged.
  Result<void> finish();
  // Of the batches, in their order; final after finish().
  std::vector<std::vector<sync::EventOutcome>> take_results() { return std::move(results_); }

 private:
  struct Parked {
    event::Event event;
    PublicKey sender;
    std::pair<std::size_t, std::size_t> result;  // Into results_.
  };
  struct ToQuarantine {
    event::Event event;
    std::string reason;
    PublicKey sender;
  };
  // The refused events of one batch by their digests, each with what the one that its chain ended
  // at was told: what follows an event that comes later comes later, too.
  using Refused = std::map<Digest, RefusalReason>;

  const credential::Governance& governance() const;
  Result<event::ChainHead> chain_of(const PublicKey& key);
  Result<std::uint64_t> verified_seen(const event::Seen& seen);
  Result<sync::EventOutcome> offer(const CheckedEvent& checked, const PublicKey& sender,
                                   Refused& refused);
  Result<sync::EventOutcome> offer_known(const event::Event& event, const PublicKey& sender,
                                         Refused& refused);
  Result<std::optional<log::NewEntry>> logged_at(const Place& place, std::uint64_t& index);
  Result<sync::EventOutcome> add(const event::Event& event, const event::ChainHead& chain);
  Result<void> report_fork(const event::SignedEvent& logged, const event::SignedEvent& other);
  sync::EventOutcome refuse(const event::Event& event, const PublicKey& sender, int code,
                            std::string reason, Refused& refused);
  sync::EventOutcome refuse_child(const event::Event& event, const PublicKey& sender,
                                  Refused& refused);
  bool above_quota(const event::Header& header) const;
  // Whether it was done; false: the side store can't be read now, the key stays in recheck_.
  Result<bool> take_parked_of(const PublicKey& key);
  void settle_side_store();

  IntakeState& state_;
  TimePoint received_;
  std::vector<log::NewEntry> entries_;
  std::map<Place, std::size_t> places_;  // Into entries_.
  std::map<PublicKey, event::ChainHead> chains_;
  std::shared_ptr<credential::Governance> advanced_;  // Null: unchanged so far.
  std::set<Place> forks_;
  std::set<PublicKey> recheck_;
  std::map<PublicKey, std::uint64_t> unpark_;  // Key -> last sequence taken from the side store.
  std::vector<Parked> parked_;
  std::vector<ToQuarantine> quarantine_;
  DailyUse use_;  // Of this commit alone, by the same day.
  std::vector<std::vector<sync::EventOutcome>> results_;
};
}  // namespace cunji::server
