#pragma once
// What a node keeps, in SQLite: its own chains (never deleted), whole entries of its divisions and
// of governance, cursors, the trusted checkpoint. Bodies and settings are sealed (D16); headers,
// requests, notes and positions lie clear. Every call that changes something is one transaction,
// durable when it returns (synchronous=FULL). One thread.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/entropy.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/seal.h"
#include "shared/event/chain.h"
#include "shared/event/entry.h"
#include "shared/event/entry_view.h"
#include "shared/event/event.h"
#include "shared/event/parts.h"
#include "shared/sync/blob.h"
#include "shared/sync/node_session.h"

namespace cunji::store {
// Where one of the node's own events stands.
struct OwnEvent {
  enum class Standing { Unsent, Parked, Logged, Refused };
  event::Event event;
  Standing standing = Standing::Unsent;
  std::uint64_t index = 0;  // Logged.
  TimePoint received{};
  event::Verdict verdict = event::Verdict::Accepted;
  std::string reason;  // Refused.
};

struct NodeCounts {
  std::uint64_t own = 0, unsent = 0, parked = 0, refused = 0, entries = 0, carried = 0;
};

// Photos and other blobs that own events name.
struct NodeBlobCounts {
  std::uint64_t waiting = 0, waiting_bytes = 0;  // Not known to be held by the county.
  std::uint64_t held = 0;                        // By the county.
  std::uint64_t unwanted = 0;                    // It won't take them, as it said last.
  std::uint64_t lost = 0;                        // Damaged here before they were sent.
};

class NodeStore final : public sync::NodeSource, public sync::BlobSource {
 public:
  // `path`: the database file, made if absent. `key`: the data key of the vault; `entropy` outlives
  // the store. `vfs`: an SQLite VFS by name (simulator, browser); empty: the platform's.
  // Errc::Corrupt for a file that is no node database, is damaged (quick_check, up to
  // kQuickCheckBytesMax) or of a newer version; Errc::Forged when it was sealed under another key;
  // Errc::Io when it can't be opened, with the reason; Errc::Conflict when another process has it.
  static Result<std::unique_ptr<NodeStore>> open(const std::string& path,
                                                 const crypto::SealKey& key, Entropy& entropy,
                                                 const std::string& vfs = {});
  ~NodeStore() override;

  // Small named values ("pin", "key", "request" …).
  Result<std::optional<Bytes>> setting(std::string_view name) const;
  Result<void> set_setting(std::string_view name, BytesView value);

  // Makes what is not sent readable to whoever has the county's recovery key, once and for good:
  // LockedNode then gives it away without this store's key. Errc::Malformed for a key that is none.
  Result<void> seal_outbox_to(const crypto::BoxPublic& recovery);
  // To be called at each unlocking, before anything is shown. After more than kUnlockedDaysMax
  // without one, drop_entries() (D16): true then. `now`: the device's clock.
  Result<bool> note_unlocked(TimePoint now);

  // Forms that were begun and not recorded, oldest change first. Errc::Limit above kDraftsMax.
  struct Draft {
    std::string id;  // The caller's, at random: it lies clear.
    TimePoint changed{};
    Bytes content;
  };
  Result<void> keep_draft(const Draft& draft);  // In place of one with this id.
  Result<std::vector<Draft>> drafts() const;
  Result<void> drop_draft(std::string_view id);

  // Begins a chain for a new key at its enrolment request. The newest chain is the one in use.
  // Errc::Conflict if it is there already.
  Result<void> begin_chain(const PublicKey& key, BytesView enrolment_request);
  Result<std::optional<event::ChainHead>> current_chain() const;
  // Durable when it returns; Errc::Conflict unless it is the next of its key's chain. Where its
  // sealed body no longer opens, an own event is given with an empty body: it was lost here (D7).
  Result<void> append_own(const event::Event& event);
  Result<std::vector<OwnEvent>> own_history(const PublicKey& key, std::uint64_t after,
                                            std::size_t events_max) const;
  // Own events that no fed entry holds yet, in chain order: what the fold shows as not received.
  // Refused ones are not among them: they will never be received.
  Result<std::vector<event::Event>> own_pending() const;
  // Errc::Conflict, and nothing is kept, for an event that is not this node's. What is logged stays
  // logged, whatever a late answer says.
  Result<void> record_outcomes(const std::vector<sync::EventOutcome>& outcomes);

  // Keeps proven entries and moves the cursor, together. Errc::Conflict when the cursor is not
  // where the entries go on.
  Result<void> commit_feed(const sync::FeedCommit& feed);
  Result<void> want_divisions(const std::vector<DivisionCode>& divisions);  // The county's first.
  // Deletes the entries of all divisions but the county's own, and where their feeds stood; own
  // events stay.
  Result<void> drop_entries();
  // Deletes parts of bodies, among the entries held, the events carried and, `own_too`, in the own
  // chains, as event::erase_parts() does, and the photos that these parts name (D20). Passed over
  // is what is not held, is another event than named, or is public (log::needs_body()). Gives
  // whether anything was there to delete. When it returns, nothing of it is on disk; after an error
  // it is called again.
  using Erasing = event::ErasedEvent;
  Result<bool> erase(const std::vector<Erasing>& what, bool own_too = true);
  // Entries held, in log order from `from` on.
  using Visit = std::function<Result<bool>(const event::LoggedEvent&)>;
  Result<void> scan_entries(std::uint64_t from, const Visit& visit) const;
  // The same entries with their parts in place, for the fold. A view is valid during its visit.
  using VisitView = std::function<Result<bool>(const event::EntryView&)>;
  Result<void> scan_views(std::uint64_t from, const VisitView& visit) const;
  Result<std::vector<event::LoggedEvent>> division_entries(const DivisionCode& division,
                                                           std::uint64_t from,
                                                           std::size_t entries_max) const;

  // --- Blobs, 1 to event::kBlobBytesMax bytes, sealed in chunks. Kept before the event that names
  // them: after a crash between the two nobody names it, and it goes when there are too many such.
  // The same bytes twice are kept once.
  Result<Digest> add_blob(BytesView bytes);
  // Whether an event may name it: it is here, or the county has it. `size` as the event says.
  Result<bool> has_blob(const Digest& digest, std::uint32_t size) const;
  // Nothing where it is not, or no longer, here; Errc::Corrupt where it is damaged.
  Result<std::optional<Bytes>> blob(const Digest& digest) const;
  // What a session brought. Copies that the county holds stay up to kHeldBlobBytesMax, the newest
  // ones; others are never deleted.
  Result<void> record_blobs(const std::vector<sync::BlobOutcome>& outcomes);
  Result<NodeBlobCounts> blob_counts() const;
  // Deletes it with all that is known of it, overwritten on disk (D20).
  Result<void> erase_blob(const Digest& digest);

  Result<void> set_trusted(const std::string& note, const log::Checkpoint& checkpoint);
  Result<void> keep_evidence(const sync::SplitView& evidence);
  Result<std::vector<sync::SplitView>> evidence() const;
  Result<NodeCounts> counts() const;

  // Keeps others' genuine events until the county has logged or refused them, sealed as own ones
  // are. Those held already are passed over. Errc::Conflict for an event of a chain of this node's
  // own; Errc::Limit above kCarriedEventsMax.
  Result<void> keep_carried(const std::vector<event::Event>& events);

  // sync::NodeSource
  Result<std::vector<event::ChainHead>> carried_chains() const override;
  Result<std::vector<event::ChainHead>> own_chains() const override;
  Result<std::vector<event::Event>> own_events(const PublicKey& key, std::uint64_t after,
                                               std::size_t events_max) const override;
  Result<std::optional<event::Event>> own_event(const PublicKey& key,
                                                std::uint64_t sequence) const override;
  Result<std::optional<std::uint64_t>> first_unanswered(
      const PublicKey& key, std::uint64_t through,
      const std::set<DivisionCode>& fed) const override;
  Result<std::vector<sync::Cursor>> cursors() const override;
  Result<std::optional<log::Checkpoint>> trusted() const override;
  Result<std::optional<std::string>> trusted_note() const override;

  // sync::BlobSource
  Result<std::vector<sync::DueBlob>> blobs_due(std::uint64_t after,
                                               std::size_t blobs_max) const override;
  Result<Bytes> blob_chunk(const Digest& digest, std::uint32_t number) const override;

 private:
  struct Database;
  explicit NodeStore(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};
}  // namespace cunji::store
