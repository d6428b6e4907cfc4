// Erasure on a node (D20): its own events, those that it carries, and what the county fed.
#include <map>
#include <set>

#include "shared/log/export.h"
#include "shared/store/node_database.h"

namespace cunji::store {
using Erasing = NodeStore::Erasing;

static bool is_meant(const event::SignedEvent& event, const Erasing& named) {
  return event.digest() == named.event && event.header().division == named.division &&
         !log::needs_body(event.header());
}

// What of an event of a chain is to go: it is found by digest, since one whose acknowledgement was
// lost has no index here yet.
static event::PartSet parts_of_chained(const std::multimap<Digest, const Erasing*>& what,
                                       const event::SignedEvent& event,
                                       std::optional<std::uint64_t> index) {
  event::PartSet out;
  for (auto [at, end] = what.equal_range(event.digest()); at != end; ++at) {
    const Erasing& named = *at->second;
    if (is_meant(event, named) && (!index || *index == named.index)) out |= named.parts;
  }
  return out;
}

// An own or a carried event whose body is written anew.
struct ErasedRow {
  Bytes key;                // Carried: its author.
  std::uint64_t chain = 0;  // Own.
  std::uint64_t sequence = 0;
  Bytes sealed;
};

// The sealed body without these parts, whose photos go to `blobs`; nothing where there is nothing
// to delete.
static Result<std::optional<Bytes>> erased_body(const store::Database& db, const NodeSeals& seals,
                                                const event::SignedEvent& event, BytesView sealed,
                                                const event::PartSet& parts,
                                                std::set<Digest>& blobs) {
  std::optional<Bytes> out;
  if (parts.none()) return out;
  const auto opened = seals.open_own(event.header(), sealed);
  if (!opened) return out;  // Lost here long ago: nobody opens it any more.
  auto body = event::decode_body(*opened);
  if (!body) return db.corrupt("damaged: an event of a chain: " + body.error().what);
  for (const event::Attachment& photo : event::attachments_of(*body, parts))
    blobs.insert(photo.digest);
  if (event::erase_parts(*body, parts))
    out = seals.seal_own(event.header(), event::encode_body(*body));
  return out;
}

// One pass over all own events; the sealed bodies of the others are not opened.
static Result<bool> erase_own(store::Database& db, const NodeSeals& seals,
                              const std::multimap<Digest, const Erasing*>& what,
                              std::set<Digest>& blobs) {
  std::vector<ErasedRow> rows;
  {
    constexpr std::uint64_t kLogged = static_cast<std::uint64_t>(OwnEvent::Standing::Logged);
    TRY_AS(query, db.query("SELECT chain, sequence, signed, body, standing, place FROM own"));
    for (;;) {
      TRY_AS(row, query.next());
      if (!row) break;
      const auto signed_event = event::SignedEvent::decode(query.bytes(2));
      if (!signed_event) continue;  // A damaged row says nothing of which event it was.
      const bool logged = query.number(4) == kLogged;
      const event::PartSet parts = parts_of_chained(
          what, *signed_event, logged ? std::optional(query.number(5)) : std::nullopt);
      TRY_AS(sealed, erased_body(db, seals, *signed_event, query.bytes(3), parts, blobs));
      if (sealed)
        rows.push_back({.key = {},
                        .chain = query.number(0),
                        .sequence = query.number(1),
                        .sealed = std::move(*sealed)});
    }
  }
  TRY_AS(update, db.query("UPDATE own SET body=? WHERE chain=? AND sequence=?"));
  for (const ErasedRow& row : rows)
    TRY(update.bind(BytesView(row.sealed)).bind(row.chain).bind(row.sequence).run());
  return !rows.empty();
}

// The same for others' events on their way: logged by now, where the answer was lost.
static Result<bool> erase_carried(store::Database& db, const NodeSeals& seals,
                                  const std::multimap<Digest, const Erasing*>& what,
                                  std::set<Digest>& blobs) {
  std::vector<ErasedRow> rows;
  {
    TRY_AS(query, db.query("SELECT key, sequence, signed, body FROM carried"));
    for (;;) {
      TRY_AS(row, query.next());
      if (!row) break;
      const auto signed_event = event::SignedEvent::decode(query.bytes(2));
      if (!signed_event) continue;
      const event::PartSet parts = parts_of_chained(what, *signed_event, std::nullopt);
      TRY_AS(sealed, erased_body(db, seals, *signed_event, query.bytes(3), parts, blobs));
      if (sealed)
        rows.push_back({.key = Bytes(query.bytes(0)),
                        .chain = 0,
                        .sequence = query.number(1),
                        .sealed = std::move(*sealed)});
    }
  }
  TRY_AS(update, db.query("UPDATE carried SET body=? WHERE key=? AND sequence=?"));
  for (const ErasedRow& row : rows)
    TRY(update.bind(BytesView(row.sealed)).bind(BytesView(row.key)).bind(row.sequence).run());
  return !rows.empty();
}

Result<bool> NodeStore::erase(const std::vector<Erasing>& what, bool own_too) {
  Database& d = *database_;
  std::multimap<Digest, const Erasing*> by_event;
  for (const Erasing& each : what) by_event.emplace(each.event, &each);
  std::set<Digest>
      blobs;  // With the parts that name them, in one transaction: or nobody knew them.
  bool erased = false;
  {
    TRY_AS(transaction, Transaction::begin(*d.db));
    for (const Erasing& each : what) {
      Bytes sealed;
      {
        TRY_AS(query, d.db->query("SELECT place, entry, body FROM entry WHERE place=?"));
        TRY_AS(row, query.bind(each.index).next());
        if (!row) continue;
        TRY_AS(logged, d.read_entry(query.number(0), query.bytes(1), query.bytes(2)));
        if (!is_meant(logged.entry.event, each)) continue;
        for (const event::Attachment& photo : event::attachments_of(logged.body, each.parts))
          blobs.insert(photo.digest);
        if (!event::erase_parts(logged.body, each.parts)) continue;
        sealed = d.seals.seal_fed(each.index, event::encode_body(logged.body));
      }
      TRY_AS(update, d.db->query("UPDATE entry SET body=? WHERE place=?"));
      TRY(update.bind(BytesView(sealed)).bind(each.index).run());
      erased = true;
    }
    TRY_AS(carried, erase_carried(*d.db, d.seals, by_event, blobs));
    erased = erased || carried;
    if (own_too) {
      TRY_AS(own, erase_own(*d.db, d.seals, by_event, blobs));
      erased = erased || own;
    }
    for (const Digest& digest : blobs) TRY(d.remove_blob(digest));
    TRY(transaction.commit());
  }
  TRY(d.db->empty_wal());
  return erased;
}
}  // namespace cunji::store
