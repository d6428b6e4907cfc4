#pragma once
// What NodeStore's parts share: the open database, its seals, and how rows are read. node_store.cc
// has settings, drafts and what is trusted; node_chains.cc the own chains; node_entries.cc what
// the county feeds; node_carried.cc others' events on their way; node_blobs.cc photos. Private to
// shared/store.
#include "shared/store/database.h"
#include "shared/store/node_schema.h"
#include "shared/store/node_seals.h"
#include "shared/store/node_store.h"

namespace cunji::store {
struct NodeStore::Database {
  Database(std::unique_ptr<store::Database> opened, const crypto::SealKey& key, Entropy& chance)
      : db(std::move(opened)), seals(key, chance), entropy(chance) {}
  std::unique_ptr<store::Database> db;
  NodeSeals seals;
  Entropy& entropy;

  Result<std::optional<event::ChainHead>> chain_head(const PublicKey& key) const;
  Result<event::Event> read_event(const Query& query) const;  // Columns 0 and 1: signed, body.
  Result<OwnEvent> read_own(const Query& query) const;        // And standing … reason.
  // An entry and its body, opened: what scan_views() looks at.
  struct OpenedEntry {
    event::Entry entry;
    Bytes body;
  };
  Result<OpenedEntry> open_entry(std::uint64_t index, BytesView entry, BytesView sealed) const;
  Result<event::LoggedEvent> read_entry(std::uint64_t index, BytesView entry,
                                        BytesView sealed) const;
  Error corrupt_entry(std::uint64_t index, const std::string& what) const {
    return db->corrupt("entry " + std::to_string(index) + ": " + what);
  }
  Result<sync::Cursor> cursor(const DivisionCode& division) const;
  Result<void> add_entry(const event::LoggedEvent& logged);
  Result<void> record(const sync::EventOutcome& outcome);
  // Notes which of the blobs here an own event names; within its transaction.
  Result<void> name_blobs(const event::Event& event);
  // All that is known of one; within a transaction.
  Result<void> remove_blob(const Digest& digest);
  Result<void> drop_unnamed_blobs(std::uint64_t bytes_max);
  Result<void> drop_held_copies(std::uint64_t bytes_max);
  Result<void> keep_chunks(std::uint64_t number, const Digest& digest, BytesView bytes);
  // Of chains that are not this node's own (node_carried.cc).
  Result<std::vector<event::Event>> carried_events(const PublicKey& key, std::uint64_t after,
                                                   std::size_t events_max) const;
  Result<std::optional<std::uint64_t>> first_carried(const PublicKey& key) const;
  Result<void> record_carried(const sync::EventOutcome& outcome);
};
}  // namespace cunji::store
