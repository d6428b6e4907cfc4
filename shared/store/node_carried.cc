// NodeStore: others' events that this node carries to the county (D5), until it has them.
#include "shared/store/limits.h"
#include "shared/store/node_database.h"

namespace cunji::store {
Result<void> NodeStore::keep_carried(const std::vector<event::Event>& events) {
  store::Database& db = *database_->db;
  TRY_AS(transaction, Transaction::begin(db));
  TRY_AS(held, db.number("SELECT count(*) FROM carried"));
  if (held + events.size() > kCarriedEventsMax)
    return Error{Errc::Limit, "too many events are carried here already: synchronise first"};
  TRY_AS(insert, db.query("INSERT OR IGNORE INTO carried VALUES (?,?,?,?)"));
  for (const event::Event& event : events) {
    const event::Header& header = event.signed_event.header();
    TRY_AS(own, database_->chain_head(header.author));
    if (own) return Error{Errc::Conflict, "the bundle holds events of this very device"};
    const Bytes signed_bytes = event.signed_event.encode();
    const Bytes body = database_->seals.seal_own(header, event::encode_body(event.body));
    TRY(insert.bind(header.author.view())
            .bind(header.sequence)
            .bind(BytesView(signed_bytes))
            .bind(BytesView(body))
            .run());
  }
  return transaction.commit();
}

Result<std::vector<event::ChainHead>> NodeStore::carried_chains() const {
  std::vector<event::ChainHead> out;
  TRY_AS(query, database_->db->query("SELECT signed FROM carried AS newest WHERE sequence="
                                     "(SELECT max(sequence) FROM carried WHERE key=newest.key)"
                                     " ORDER BY key"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    const auto newest = event::SignedEvent::decode(query.bytes(0));
    if (!newest) return database_->db->corrupt("damaged: a carried event: " + newest.error().what);
    out.push_back({.key = newest->header().author,
                   .sequence = newest->header().sequence,
                   .digest = newest->digest()});
  }
}

Result<std::vector<event::Event>> NodeStore::Database::carried_events(
    const PublicKey& key, std::uint64_t after, std::size_t events_max) const {
  std::vector<event::Event> out;
  TRY_AS(query, db->query("SELECT signed, body FROM carried WHERE key=? AND sequence>?"
                          " ORDER BY sequence LIMIT ?"));
  query.bind(key.view()).bind(after).bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    auto signed_event = event::SignedEvent::decode(query.bytes(0));
    // Damaged here: pushed as lost it would be lost for good, while its author may still have it.
    const auto opened = signed_event ? seals.open_own(signed_event->header(), query.bytes(1))
                                     : Result<Bytes>(signed_event.error());
    const auto body = opened ? event::decode_body(*opened) : Result<event::Body>(opened.error());
    if (!body) return out;
    out.push_back({std::move(*signed_event), *body});
  }
}

Result<std::optional<std::uint64_t>> NodeStore::Database::first_carried(
    const PublicKey& key) const {
  TRY_AS(query, db->query("SELECT sequence FROM carried WHERE key=? ORDER BY sequence LIMIT 1"));
  TRY_AS(row, query.bind(key.view()).next());
  return row ? std::optional(query.number(0)) : std::nullopt;
}

// The county has it, or will not have it: either way the way is at its end. A parked one is offered
// again.
Result<void> NodeStore::Database::record_carried(const sync::EventOutcome& outcome) {
  {
    TRY_AS(held, db->query("SELECT 1 FROM carried WHERE key=? AND sequence=?"));
    TRY_AS(row, held.bind(outcome.key.view()).bind(outcome.sequence).next());
    if (!row) return Error{Errc::Conflict, "an outcome of an event that is not this node's"};
  }
  if (outcome.status == sync::EventOutcome::Status::Parked) return {};
  TRY_AS(query, db->query("DELETE FROM carried WHERE key=? AND sequence=?"));
  return query.bind(outcome.key.view()).bind(outcome.sequence).run();
}
}  // namespace cunji::store
