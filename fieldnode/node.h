#pragma once
// A field node (design section 2): keeps its chain, records signed events without a network,
// exchanges them with the county in sessions, and folds what it holds. A function of its inputs
// (D11): the caller owns store and keys, says what time it is, supplies chance and carries frames.
// One thread. See README.md for what a crash at each step leaves.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fieldnode/key_keeper.h"
#include "shared/base/calendar.h"
#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "shared/credential/governance.h"
#include "shared/credential/read_proof.h"
#include "shared/event/enrolment.h"
#include "shared/event/event.h"
#include "shared/programmes/all.h"
#include "shared/state/state.h"
#include "shared/store/node_store.h"
#include "shared/sync/node_session.h"

namespace cunji::fieldnode {
// What is to be recorded; the node adds key, chain, county and the newest checkpoint it knows.
struct RecordDraft {
  event::Kind kind = event::Kind::Visit;
  DivisionCode division;
  SubjectId subject;
  TimePoint recorded{};      // The device's wall clock, as it is.
  std::vector<Bytes> parts;  // Serialized proto::Part messages, not padded.
};
struct Recorded {
  std::uint64_t sequence = 0;
  Digest digest;
  // What the log would say of it, as far as this node knows: the credentials it holds. The event is
  // recorded whatever it says (D7). Nothing while no credential of this key is held.
  std::optional<event::Verdict> expected;
};

// One of the node's own events, for a list.
struct OwnLine {
  store::OwnEvent own;
  bool current_key = true;   // False: of a key before a succession.
  bool re_recorded = false;  // Of an old key, and recorded again under a newer one.
};

// A colleague's receipt for what was last handed over.
struct Receipted {
  PublicKey by;
  std::string role, office;           // Of the credential that the key has or had.
  std::uint64_t through = 0;          // Up to this number of the chain, and with it all before.
  std::optional<TimePoint> received;  // By the county.
};

struct Status {
  bool enrolled = false;  // A request was made for a county: events can be recorded.
  bool approved = false;  // A credential for the current key is held and in force.
  bool contacted = false;
  bool revoked = false;  // See Node::revoked().
  // The county's recovery key opens what is not sent, should the PIN be forgotten (D16).
  bool recoverable = false;
  std::uint64_t in_bundles = 0;        // Of the unsent ones: also written to a bundle.
  std::optional<Receipted> receipted;  // The newest one, if it was fed to this node.
  std::uint64_t carried = 0;           // Colleagues' events on their way to the county.
  PublicKey key;
  std::uint32_t keys = 0;  // More than one: there was a succession.
  Digest root_digest;
  std::string origin, role, office, county_name;
  std::vector<std::string> divisions;  // What the credential covers, prefixes.
  std::uint64_t own = 0, unsent = 0, parked = 0, refused = 0, disputed = 0, entries = 0;
  store::NodeBlobCounts photos;
  std::uint64_t resume_due = 0;            // Old events that resume() would record again.
  std::optional<TimePoint> oldest_unsent;  // Recorded, of the unsent ones.
  std::uint64_t trusted_size = 0;
  std::uint64_t split_views = 0;  // Evidence against the county's server is kept.
  // Keys with a credential for this very person that are not this node's (D19): shown in red.
  std::vector<PublicKey> unknown_keys;
};

// What was last written to a bundle: own events up to a sequence. They count as not sent all the
// same.
struct HandedOver {
  PublicKey key;  // The chain.
  std::uint64_t through = 0;
  TimePoint at{};
  std::optional<PublicKey> taker;  // The colleague's device; nothing: for the county.
};
// A colleague's bundle that this node took over.
struct TakenOver {
  bool readable = false;     // Sealed to this node: its events go out with the next session.
  std::uint64_t events = 0;  // Of a readable one.
  std::vector<Recorded> receipts;
};

// What verify() found; `finding` is empty when all is sound.
struct VerifyReport {
  std::uint64_t own_events = 0, entries = 0, divisions = 0, chains = 0;
  std::string finding_zh, finding_en;
  bool sound() const { return finding_en.empty(); }
};

class Node {
 public:
  // Takes the store; `keys` and `entropy` outlive the node. Folds what the store holds. Makes the
  // first key if there is none. Checks the links of the own chain: where they are broken, trouble()
  // says so. Errc::Corrupt when the store's chain is of a key that `keys` has not.
  static Result<std::unique_ptr<Node>> open(std::unique_ptr<store::NodeStore> store,
                                            KeyKeeper& keys, Entropy& entropy);
  ~Node();

  // --- Enrolment (D4). The request is made once per key and county, and kept: asking again sends
  // the same. Errc::Conflict when events of this node already name another county.
  Result<sync::EnrolmentOffer> enrol(const Digest& root_digest, BytesView code_key);

  // --- Recording. Checked with the code the server checks with, before it is committed; durable
  // when it returns. Errc::Protocol when no county is known yet, Errc::Malformed or Errc::Limit for
  // a draft that the server would refuse or that names a photo which the store does not hold
  // (NodeStore::add_blob), Errc::Conflict while trouble() stands.
  Result<Recorded> record(const RecordDraft& draft);

  // --- Sessions. `session_outputs` go to take() in the order they come, each before its messages
  // are sent (D9). The session must not outlive the node.
  Result<sync::NodeSession> start_session(sync::NodeSession::Options options, TimePoint now);
  // Makes durable what the session brought, then gives the messages to send. On an error nothing
  // may be sent and the session is over; the store holds a consistent beginning of it.
  Result<std::vector<Bytes>> take(sync::NodeSession::Output output);
  // Over TLS, before anything else is done with the server's greeting: whether `key`, the digest of
  // its TLS key, is one of the county's by the root's statement, whatever the certificate says
  // (D19). Keeps the newest statement it sees, durable when it returns: an older one counts no more
  // from then on. Errc::Forged where the greeting is not the county's.
  Result<bool> knows_tls_key(BytesView server_hello, const Digest& key);
  // The same by the statement that is kept alone, for a line that begins with no greeting.
  Result<bool> knows_tls_key(const Digest& key) const;
  // After the session was level: wants the divisions that the credentials of this key name, keeps
  // those below that the county named, and drops those that no credential in force covers any more.
  // True where something wanted was not asked for yet: synchronise once more.
  Result<bool> widen(TimePoint now);

  // --- Trouble with the own chain, and the way on (D4).
  const std::optional<sync::ChainTrouble>& trouble() const { return trouble_; }
  // Makes a new key whose request names the old chain's last sound event and is signed by both, and
  // goes on with it. The old chain stays. Errc::Protocol without trouble.
  Result<void> succeed();
  // Records under the current key what the county had not accepted of the keys before, each once,
  // also over a crash between. Gives how many were recorded now. `recorded` is the device's clock:
  // the parts keep their own `occurred`, filled in with the first recording's time.
  Result<std::uint64_t> resume(TimePoint recorded);

  // --- Work that goes by hand (D5). What is not sent, in a bundle for the county, or, with
  // `reader` (a colleague's box_statement()), for his device, if its credential covers every
  // division. No file where there is nothing. Errc::Conflict when it does not; Errc::Forged,
  // Errc::Malformed for a statement that is none.
  struct Bundled {
    std::uint64_t events = 0;
    Bytes file;
  };
  Result<Bundled> bundle(std::optional<BytesView> reader, TimePoint now);
  Result<std::optional<HandedOver>> handed_over() const;
  // This node's box key, made at its first use, as colleagues' devices take it.
  Result<Bytes> box_statement();
  // Takes over a colleague's bundle: keeps its events until the county has them, if it is sealed to
  // this node, and signs a receipt for them in any case. Of a bundle for the county only the file
  // can be carried. Errc::Conflict for a bundle for somebody else, of another county, or of this
  // very node; Errc::Forged where an event is not genuine; then nothing of it is kept.
  Result<TakenOver> take_bundle(BytesView file, TimePoint now);

  // --- The end (D16). Whether the county has taken away every credential of the current key; the
  // mere end of their validity is none. Nothing is shown from then on, and what is held of the
  // divisions is deleted as soon as it is known; what was signed still goes out.
  bool revoked() const;
  // Whether the vault may be wiped: revoked, and the county has every own event and its photos, or
  // does not want them.
  Result<bool> may_be_wiped() const;

  // --- Reading the county's log by itself (D18): what opens a reading session on the server that
  // is reached as `origin` (credential/read_proof.h). Errc::Conflict when revoked.
  Result<Signature> prove_reading(std::string_view origin,
                                  const credential::ReadNonce& nonce) const;

  // --- Looking. What is shown includes the own events that the county has not received (D13).
  // With pending events; valid until the next change. Errc::Conflict when revoked.
  Result<const state::State*> shown();
  Result<const state::State*> folded();  // Received entries only: whose digest is compared.
  const credential::Governance& governance() const { return folded_.governance(); }
  // The county's prefix for questions to the state; nothing before the first contact.
  std::optional<CountyCode> county() const;
  // Own events of all keys, old keys first; `unsent_only`: what the county has not logged and no
  // newer key has recorded again.
  Result<std::vector<OwnLine>> own_lines(bool unsent_only) const;
  Result<Status> status(TimePoint now);
  // Goes through everything again: own chains, signatures, bodies, links of each division, the
  // checkpoint's signature, and the fold against a fresh one. Reports the first finding.
  Result<VerifyReport> verify();

  store::NodeStore& store() { return *store_; }
  const PublicKey& key() const;

 private:
  Node(std::unique_ptr<store::NodeStore> store, KeyKeeper& keys, Entropy& entropy);

  static std::string request_setting(const PublicKey& key);
  Result<void> load();
  Result<void> check_own_chain();
  Result<void> look_for_freeze();
  Result<void> close_if_revoked();
  Result<void> seal_for_recovery();
  Result<crypto::BoxPair> box_key();
  Result<void> check_reader(const PublicKey& key, const std::vector<event::Event>& events,
                            TimePoint now) const;
  Result<DivisionCode> receipt_division(const std::optional<DivisionCode>& division,
                                        TimePoint now) const;
  Result<void> begin(const crypto::KeyPair& key, const event::EnrolmentRequest& request,
                     const crypto::KeyPair* old_key);
  Result<void> keep_pin(const sync::CountyPin& pin);
  Result<void> want_granted(const std::vector<std::string>& prefixes);
  Result<void> want_covered(const std::vector<DivisionCode>& covered);
  Result<void> refold();
  void forget_fold();
  Result<void> fold_from(std::uint64_t from);
  Result<bool> erase_due();
  Result<void> load_erased();
  Result<std::optional<event::Seen>> seen() const;
  Result<Recorded> append(const RecordDraft& draft, const event::ChainHead& head);
  std::optional<Receipted> receipt_of(const event::SignedEvent& event) const;
  std::optional<event::Verdict> expected_verdict(const event::SignedEvent& event,
                                                 const event::ChainHead& head) const;

  // A succession's re-recording (succession.cc): the i-th event of `originals` becomes sequence
  // `base` + i + 1 of `key`, so how far it came shows in the chain itself.
  struct ResumePlan {
    PublicKey key;
    std::uint64_t base = 0;
    std::vector<std::pair<PublicKey, std::uint64_t>> originals;
  };
  Result<std::vector<ResumePlan>> resume_plans() const;
  Result<void> keep_plan(std::size_t number, const ResumePlan& plan);
  Result<std::uint64_t> carry_out(const ResumePlan& plan, TimePoint recorded);
  Result<std::vector<std::pair<PublicKey, std::uint64_t>>> resumable() const;
  Result<std::set<std::pair<PublicKey, std::uint64_t>>> re_recorded() const;

  std::unique_ptr<store::NodeStore> store_;
  KeyKeeper& keeper_;
  Entropy& entropy_;
  std::vector<crypto::KeyPair> keys_;  // The last one is in use.
  sync::CountyPin pin_;
  bool enrolled_ = false;  // The current key has a request, and so a chain.
  std::optional<sync::ChainTrouble> trouble_;
  // Wanted since the newest session began, for the county named them, and not fed yet.
  std::set<DivisionCode> named_;

  bool recoverable_ = false;

  state::State folded_{programmes::all_calculations()};
  std::optional<std::uint64_t> newest_folded_;  // Index of the newest entry in the fold.
  TimePoint county_time_{};                     // When the county received it.
  std::set<Digest> erased_;  // Erasures that were carried out in this store (D20).
  std::optional<std::uint64_t> lowest_unfolded_;  // Committed since the last fold.
  std::optional<state::State> shown_;             // Empty: to be made again.
};
}  // namespace cunji::fieldnode
