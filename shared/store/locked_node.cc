#include "shared/store/locked_node.h"

#include "shared/store/node_schema.h"

namespace cunji::store {
struct LockedNode::Opened {
  std::unique_ptr<Database> db;
};

LockedNode::LockedNode(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
LockedNode::~LockedNode() = default;

Result<std::unique_ptr<LockedNode>> LockedNode::open(const std::string& path,
                                                     const std::string& vfs) {
  TRY_AS(db, open_node_database(path, vfs));
  TRY_AS(query, db->query("SELECT count(*) FROM setting WHERE name=?"));
  TRY_AS(row, query.bind(kUnsealedMark).next());
  if (row && query.number(0) != 0)
    return Error{Errc::Conflict, path + ": not sealed yet, it must be unlocked once"};
  return std::unique_ptr<LockedNode>(
      new LockedNode(std::make_unique<Opened>(Opened{std::move(db)})));
}

Result<std::optional<sync::Rescue>> LockedNode::rescue() const {
  Database& db = *opened_->db;
  TRY_AS(recovery, clear_value(db, kClearRecovery));
  if (!recovery || recovery->size() <= crypto::BoxPublic::kSize)
    return std::optional<sync::Rescue>{};
  sync::Rescue out;
  ByteReader in(*recovery);
  out.to = in.fixed<crypto::BoxPublic>();
  out.sealed_keys = Bytes(in.raw(in.left()));
  for (const std::string_view sql :
       {"SELECT signed, body FROM own WHERE standing<>2 ORDER BY chain, sequence",
        "SELECT signed, body FROM carried ORDER BY key, sequence"}) {
    TRY_AS(query, db.query(sql));
    for (;;) {
      TRY_AS(row, query.next());
      if (!row) break;
      auto event = event::SignedEvent::decode(query.bytes(0));
      if (!event) return db.corrupt("damaged: an event not sent: " + event.error().what);
      out.county = event->header().county;
      out.events.push_back({std::move(*event), Bytes(query.bytes(1))});
    }
  }
  return std::optional(std::move(out));
}

Result<bool> LockedNode::drop_when_long_locked(TimePoint now) {
  return store::drop_when_long_locked(*opened_->db, now);
}
}  // namespace cunji::store
