#pragma once
// The node's side of a session. Sans-IO: a driver feeds messages and the time, carries out the
// returned Output in its order, and opens a new session after any error or cut; nothing is lost,
// since every position is read from the node's store (NodeSource). See sync/README.md.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "shared/base/entropy.h"
#include "shared/base/result.h"
#include "shared/crypto/sign.h"
#include "shared/event/entry.h"
#include "shared/event/event.h"
#include "shared/log/checkpoint.h"
#include "shared/sync/blob.h"

namespace cunji::sync {
// Newest entry held of a division.
struct Cursor {
  DivisionCode division;
  std::uint64_t next_index = 0;  // Its index + 1; 0: nothing held yet.
  Digest leaf{};                 // Its leaf hash; zero when nothing is held.
};

// What the session reads from the node's store; always the durable state.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  // Heads of the node's own chains that have anything to offer, the current key's last.
  virtual Result<std::vector<event::ChainHead>> own_chains() const = 0;
  virtual Result<std::vector<event::Event>> own_events(const PublicKey& key, std::uint64_t after,
                                                       std::size_t events_max) const = 0;
  virtual Result<std::optional<event::Event>> own_event(const PublicKey& key,
                                                        std::uint64_t sequence) const = 0;
  // Sequence of the first own event up to `through` that is neither known to be logged nor refused,
  // and whose division is not among `fed`; nothing where there is none.
  virtual Result<std::optional<std::uint64_t>> first_unanswered(
      const PublicKey& key, std::uint64_t through, const std::set<DivisionCode>& fed) const = 0;
  // Others' chains whose events it carries to the county, not whole: from the first event held to
  // the last, which the head names. own_events(), own_event() and first_unanswered() answer for
  // them.
  virtual Result<std::vector<event::ChainHead>> carried_chains() const {
    return std::vector<event::ChainHead>{};
  }
  // The divisions this node wants (the county's own first) with what it holds of each.
  virtual Result<std::vector<Cursor>> cursors() const = 0;
  // The checkpoint it trusts; nothing before the first contact.
  virtual Result<std::optional<log::Checkpoint>> trusted() const = 0;
  // Its signed note, which goes into SplitView as evidence.
  virtual Result<std::optional<std::string>> trusted_note() const = 0;
};

// What the node knows of its county before a session.
struct CountyPin {
  Digest root_digest;                // From the QR code or the enrolment code's text.
  std::optional<PublicKey> log_key;  // Once known; a change is refused.
  std::string origin;                // Empty before the first contact.
};

struct EventOutcome {
  enum class Status { Logged, Parked, Refused };
  Status status = Status::Logged;
  PublicKey key;
  std::uint64_t sequence = 0;
  std::uint64_t index = 0;  // Logged: place, county time and verdict.
  TimePoint received{};
  event::Verdict verdict = event::Verdict::Accepted;
  int refusal = 0;  // proto::RefusalCode, where refused.
  std::string reason;
};

// Proven entries of one division: links, author signatures and the last one's inclusion checked.
struct FeedCommit {
  DivisionCode division;
  std::vector<event::LoggedEvent> entries;
  Cursor cursor;  // After them.
};

// The current key can't go on: its chain here does not fit what the county holds. The node makes a
// new key at once and records again what had not been accepted (D4).
struct ChainTrouble {
  enum class Reason {
    Behind,  // The county holds more than we do: we were restored from a backup, or cloned.
    Fork,    // The county holds another event at `sequence`: cloned, or the key is stolen. Ours was
             // sent, as evidence (D4).
    Broken,  // Our own event after `sequence` is missing or damaged here.
  };
  PublicKey key;
  std::uint64_t sequence = 0;  // The county's head; Fork: where it was found.
  Digest digest;               // Of its event there; zero where the county only refused ours.
  Reason reason = Reason::Behind;
};

// Two signed notes that no one log can have made (design section 4, end). Keep and show loudly.
struct SplitView {
  std::string trusted_note, shown_note;
  std::string reason;
};

struct EnrolmentOffer {
  Bytes request;   // 281 bytes.
  Bytes code_key;  // 32 bytes: SHA-256 of the normalised code text.
};
struct EnrolmentOutcome {
  bool waits = false;
  std::string role;
  std::vector<std::string> divisions;
  std::optional<event::LoggedEvent> credential;
};

// For each event, in order, whether its author's signature holds: SignedEvent::verify(), nothing
// else. A driver that has threads spreads a feed over them; the session waits for the answer.
using VerifyAll =
    std::function<std::vector<std::uint8_t>(std::span<const event::SignedEvent* const>)>;
std::vector<std::uint8_t> verify_one_by_one(std::span<const event::SignedEvent* const> events);

class NodeSession {
 public:
  struct Options {
    std::size_t batch_events_max = 500;
    std::size_t feed_entries_max = 1'000;
    std::optional<EnrolmentOffer> enrol = {};  // Ask to be enrolled, then end.
    bool stay = false;  // After being level: stay open and wait for poll() (`--watch`).
    // Not level before the county's checkpoint has this size: that of a credential just issued.
    std::uint64_t size_min = 0;
    const BlobSource* blobs = nullptr;         // Outlives the session; null: it delivers no blobs.
    VerifyAll verify_all = verify_one_by_one;  // Of a feed's entries.
  };
  // What the driver does next, in this order: make the first four durable BEFORE sending.
  struct Output {
    std::optional<std::string> trusted_note;  // Consistent with the one before; replaces it.
    std::optional<CountyPin> pin;             // At first contact: keep it.
    std::vector<EventOutcome> outcomes;
    std::vector<FeedCommit> feed;
    std::optional<SplitView> split_view;        // Keep as evidence; the session is over.
    std::optional<ChainTrouble> chain_trouble;  // Of the session's key only. Feeding goes on.
    // Wanted divisions that the county does not feed to this key: not level, whatever `level` says.
    std::vector<DivisionCode> outside_scope;
    // With `level`, when the entries that say so are durable: divisions that the county says the
    // key's scope covers and that were not wanted, each once in a session. Judge them by the
    // credentials held and want them: a later poll, or the next session, offers and fetches them.
    std::vector<DivisionCode> covered;
    std::string later;  // Why some events were put off (quota, D21): they stay unsent, no outcome.
    std::vector<BlobOutcome> blobs;
    std::optional<EnrolmentOutcome> enrolment;
    std::vector<Bytes> send;
    // Everything offered is answered, every wanted division (less outside_scope) is level. For a
    // key that is not enrolled(): nothing more to do in this session. Blobs come after it, while
    // sending_blobs(); when they have gone, it is said again.
    bool level = false;
  };
  // Counts for a progress bar.
  struct Progress {
    std::uint64_t to_push = 0, pushed = 0, to_fetch = 0, fetched = 0;
    std::uint64_t blob_bytes_to_send = 0, blob_bytes_sent = 0;
  };

  // `source` and `entropy` outlive the session.
  NodeSession(const crypto::KeyPair& key, CountyPin pin, const NodeSource& source, Entropy& entropy,
              Options options, TimePoint now);
  ~NodeSession();
  NodeSession(NodeSession&&) noexcept;

  // Takes one WebSocket message, which may be anything. On an error the session is over.
  // Errc::Protocol, Malformed, Limit; Errc::Forged when the server is not the county's, or shows
  // entries that do not fit their proofs.
  Result<Output> on_message(BytesView message, TimePoint now);
  // Errc::Timeout when the server owes an answer for kReplyTimeout.
  Result<Output> on_tick(TimePoint now);
  // With Options::stay, when level: asks for what is new and offers what was recorded since. One
  // round trip when nothing is. Blobs wait for it.
  Result<Output> poll(TimePoint now);

  const Progress& progress() const;
  bool enrolled() const;  // As the server said.
  // Events are level: what is left to do, if anything, is blobs.
  bool sending_blobs() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
}  // namespace cunji::sync
