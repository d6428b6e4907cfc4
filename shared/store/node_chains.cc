// NodeStore: the node's own chains, and what came of their events.
#include "shared/event/enrolment.h"
#include "shared/store/node_database.h"

namespace cunji::store {
using Standing = OwnEvent::Standing;

static Result<event::ChainHead> read_chain(const Query& query) {  // key, sequence, digest, seen
  TRY_AS(key, query.fixed<PublicKey>(0));
  TRY_AS(digest, query.fixed<Digest>(2));
  return event::ChainHead{
      .key = key, .sequence = query.number(1), .digest = digest, .seen_size_max = query.number(3)};
}

Result<std::optional<event::ChainHead>> NodeStore::Database::chain_head(
    const PublicKey& key) const {
  TRY_AS(query, db->query("SELECT key, sequence, digest, seen FROM chain WHERE key=?"));
  TRY_AS(row, query.bind(key.view()).next());
  if (!row) return std::optional<event::ChainHead>{};
  TRY_AS(head, read_chain(query));
  return std::optional(head);
}

Result<void> NodeStore::begin_chain(const PublicKey& key, BytesView enrolment_request) {
  TRY_AS(known, database_->chain_head(key));
  if (known) return Error{Errc::Conflict, "this key has a chain already"};
  const Digest digest = event::request_digest(enrolment_request);
  TRY_AS(query, database_->db->query(
                    "INSERT INTO chain (key, request, sequence, digest, seen) VALUES (?,?,0,?,0)"));
  return query.bind(key.view()).bind(enrolment_request).bind(digest.view()).run();
}

Result<std::optional<event::ChainHead>> NodeStore::current_chain() const {
  TRY_AS(query, database_->db->query("SELECT key, sequence, digest, seen FROM chain"
                                     " ORDER BY number DESC LIMIT 1"));
  TRY_AS(row, query.next());
  if (!row) return std::optional<event::ChainHead>{};
  TRY_AS(head, read_chain(query));
  return std::optional(head);
}

Result<void> NodeStore::append_own(const event::Event& event) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  const event::Header& header = event.signed_event.header();
  TRY_AS(head, database_->chain_head(header.author));
  if (!head) return Error{Errc::Conflict, "this key has no chain here"};
  if (event::link_of(*head, event.signed_event) != event::ChainLink::Next)
    return Error{Errc::Conflict, "event " + std::to_string(header.sequence) +
                                     " does not continue the chain, which has " +
                                     std::to_string(head->sequence)};
  const event::ChainHead after = event::advanced(*head, event.signed_event, header.seen.size);
  const Bytes signed_bytes = event.signed_event.encode();
  const Bytes body = database_->seals.seal_own(header, event::encode_body(event.body));
  TRY_AS(own, database_->db->query("INSERT INTO own (chain, sequence, signed, body) VALUES"
                                   " ((SELECT number FROM chain WHERE key=?),?,?,?)"));
  TRY(own.bind(header.author.view())
          .bind(header.sequence)
          .bind(BytesView(signed_bytes))
          .bind(BytesView(body))
          .run());
  TRY(database_->name_blobs(event));
  TRY_AS(chain, database_->db->query("UPDATE chain SET sequence=?, digest=?, seen=? WHERE key=?"));
  TRY(chain.bind(after.sequence)
          .bind(after.digest.view())
          .bind(after.seen_size_max)
          .bind(header.author.view())
          .run());
  return transaction.commit();
}

Result<event::Event> NodeStore::Database::read_event(const Query& query) const {
  auto signed_event = event::SignedEvent::decode(query.bytes(0));
  if (!signed_event) return db->corrupt("damaged: own event: " + signed_event.error().what);
  const auto opened = seals.open_own(signed_event->header(), query.bytes(1));
  if (!opened) return event::Event{std::move(*signed_event), {}};  // Lost: the header counts on.
  auto body = event::decode_body(*opened);
  if (!body) return db->corrupt("damaged: own event: " + body.error().what);
  return event::Event{std::move(*signed_event), std::move(*body)};
}

static bool is_verdict(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(event::Verdict::AcceptedChainUnproven) ||
         (number >= static_cast<std::uint64_t>(event::Verdict::NoCredential) &&
          number <= static_cast<std::uint64_t>(event::Verdict::Frozen));
}

Result<OwnEvent> NodeStore::Database::read_own(const Query& query) const {
  TRY_AS(event, read_event(query));
  const std::uint64_t standing = query.number(2), verdict = query.number(5);
  const std::uint64_t received = query.number(4);
  if (standing > static_cast<std::uint64_t>(Standing::Refused) || !is_verdict(verdict) ||
      received > kTimeMillisMax)
    return db->corrupt("damaged: an own event's standing");
  return OwnEvent{.event = std::move(event),
                  .standing = static_cast<Standing>(standing),
                  .index = query.number(3),
                  .received = from_millis(received),
                  .verdict = static_cast<event::Verdict>(verdict),
                  .reason = std::string(query.bytes(6))};
}

Result<std::vector<OwnEvent>> NodeStore::own_history(const PublicKey& key, std::uint64_t after,
                                                     std::size_t events_max) const {
  std::vector<OwnEvent> out;
  TRY_AS(query, database_->db->query(
                    "SELECT signed, body, standing, place, received, verdict, reason FROM own"
                    " WHERE chain=(SELECT number FROM chain WHERE key=?) AND sequence>?"
                    " ORDER BY sequence LIMIT ?"));
  query.bind(key.view()).bind(after).bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(own, database_->read_own(query));
    out.push_back(std::move(own));
  }
}

Result<std::vector<event::Event>> NodeStore::own_pending() const {
  std::vector<event::Event> out;
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE fed=0 AND standing<>3"
                                     " ORDER BY chain, sequence"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query));
    out.push_back(std::move(event));
  }
}

Result<std::vector<event::ChainHead>> NodeStore::own_chains() const {
  std::vector<event::ChainHead> out;
  // Older chains while something of them may still be taken; the current one always (a server that
  // lost it must notice), unless it has ended in a refusal.
  TRY_AS(query,
         database_->db->query(
             "SELECT key, sequence, digest, seen FROM chain WHERE sequence>0 AND ("
             " EXISTS (SELECT 1 FROM own WHERE chain=number AND standing<>2 AND standing<>3)"
             " OR (number=(SELECT max(number) FROM chain) AND NOT EXISTS"
             "     (SELECT 1 FROM own WHERE chain=number AND standing<>2))) ORDER BY number"));
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(head, read_chain(query));
    out.push_back(head);
  }
}

Result<std::vector<event::Event>> NodeStore::own_events(const PublicKey& key, std::uint64_t after,
                                                        std::size_t events_max) const {
  TRY_AS(own, database_->chain_head(key));
  if (!own) return database_->carried_events(key, after, events_max);
  std::vector<event::Event> out;
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain=(SELECT number FROM"
                                     " chain WHERE key=?) AND sequence>? ORDER BY sequence"
                                     " LIMIT ?"));
  query.bind(key.view()).bind(after).bind(events_max);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return out;
    TRY_AS(event, database_->read_event(query));
    out.push_back(std::move(event));
  }
}

Result<std::optional<std::uint64_t>> NodeStore::first_unanswered(
    const PublicKey& key, std::uint64_t through, const std::set<DivisionCode>& fed) const {
  TRY_AS(own, database_->chain_head(key));
  if (!own) return database_->first_carried(key);
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain=(SELECT number FROM"
                                     " chain WHERE key=?) AND sequence<=? AND standing<>2 AND"
                                     " standing<>3 ORDER BY sequence"));
  query.bind(key.view()).bind(through);
  for (;;) {
    TRY_AS(row, query.next());
    if (!row) return std::optional<std::uint64_t>{};
    TRY_AS(event, database_->read_event(query));
    const event::Header& header = event.signed_event.header();
    if (!fed.contains(header.division)) return std::optional(header.sequence);
  }
}

Result<std::optional<event::Event>> NodeStore::own_event(const PublicKey& key,
                                                         std::uint64_t sequence) const {
  TRY_AS(own, database_->chain_head(key));
  if (!own) return std::optional<event::Event>{};
  TRY_AS(query, database_->db->query("SELECT signed, body FROM own WHERE chain="
                                     "(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  TRY_AS(row, query.bind(key.view()).bind(sequence).next());
  if (!row) return std::optional<event::Event>{};
  TRY_AS(event, database_->read_event(query));
  return std::optional(std::move(event));
}

Result<void> NodeStore::Database::record(const sync::EventOutcome& outcome) {
  using Status = sync::EventOutcome::Status;
  TRY_AS(own, db->query("SELECT standing FROM own WHERE chain="
                        "(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  TRY_AS(row, own.bind(outcome.key.view()).bind(outcome.sequence).next());
  if (!row) return record_carried(outcome);
  const bool logged = outcome.status == Status::Logged;
  // What is logged stays so: a late answer to an earlier offer must not take it back.
  if (!logged && own.number(0) == static_cast<std::uint64_t>(Standing::Logged)) return {};
  const Standing standing = logged                             ? Standing::Logged
                            : outcome.status == Status::Parked ? Standing::Parked
                                                               : Standing::Refused;
  TRY_AS(query, db->query("UPDATE own SET standing=?, place=?, received=?, verdict=?, reason=?"
                          " WHERE chain=(SELECT number FROM chain WHERE key=?) AND sequence=?"));
  return query.bind(static_cast<std::uint64_t>(standing))
      .bind(logged ? outcome.index : 0)
      .bind(logged ? to_millis(outcome.received) : 0)
      .bind(logged ? static_cast<std::uint64_t>(outcome.verdict) : 0)
      .bind(standing == Standing::Refused ? BytesView(outcome.reason) : BytesView())
      .bind(outcome.key.view())
      .bind(outcome.sequence)
      .run();
}

Result<void> NodeStore::record_outcomes(const std::vector<sync::EventOutcome>& outcomes) {
  TRY_AS(transaction, Transaction::begin(*database_->db));
  for (const sync::EventOutcome& outcome : outcomes) TRY(database_->record(outcome));
  return transaction.commit();
}
}  // namespace cunji::store
