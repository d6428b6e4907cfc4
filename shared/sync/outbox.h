#pragma once
// What a node pushes: its own chains from the heads that the server holds, in bounded batches, and
// what the server answered to each event. Part of NodeSession.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/sync/level.h"
#include "shared/sync/node_session.h"

namespace cunji::proto {
class Ack;
}

namespace cunji::sync {
class Outbox {
 public:
  struct Push {
    std::uint64_t id = 0;
    Bytes batch;
  };
  struct Acked {
    std::vector<EventOutcome> outcomes;
    std::optional<ChainTrouble> trouble;
    std::string later;  // Why events were put off; empty: none were.
    // The newest index of each division among the logged ones.
    std::map<DivisionCode, std::uint64_t> logged;
  };

  // `source` outlives the outbox. Trouble is reported of `session_key` only.
  Outbox(const NodeSource& source, const PublicKey& session_key, std::size_t batch_events_max)
      : source_(source), session_key_(session_key), batch_events_max_(batch_events_max) {}

  // Reads the heads of the own chains; gives those to be offered: new since the last call.
  Result<std::vector<ChainPosition>> offer();
  // Takes the server's heads. Events below them whose acknowledgement was lost are pushed again,
  // unless a feed of their division (`fed`) will bring them. Errc::Protocol for a chain that was
  // not offered.
  Result<std::optional<ChainTrouble>> on_level(const std::vector<ChainPosition>& heads,
                                               const std::set<DivisionCode>& fed);
  // The next push, nothing when there is none or `in_flight_max` are under way. An own event that
  // is damaged ends its chain: `trouble` then says so.
  Result<std::optional<Push>> next(std::size_t in_flight_max, std::optional<ChainTrouble>& trouble);
  // Errc::Protocol for anything that is no answer to a push under way, event for event.
  Result<Acked> on_ack(const proto::Ack& ack);

  // Our copy of this chain has a hole: offered as not held from now on, so that it is fed whole.
  // Errc::Protocol when the chain was not offered: its events may not be left out.
  Result<std::optional<ChainTrouble>> give_up(const PublicKey& key);
  // What the server put off is offered again, from the head that the next Level tells.
  void retry_put_off();
  // The server refuses pushes of this session; what is under way will not be answered.
  void drop_all();

  bool under_way() const { return !in_flight_.empty(); }
  bool needs_level() const;  // A chain goes on only from a head that a new Level tells.
  std::uint64_t pushed() const { return pushed_; }
  std::uint64_t left() const;  // Events still to be answered.

 private:
  struct Chain {
    event::ChainHead own;
    std::optional<ChainPosition> offered;
    std::optional<ChainPosition> held;  // By the server, as it last said.
    std::uint64_t next = 0;             // Sequence to push next; 0: not before a Level.
    Digest previous;                    // Digest of the event before `next`; zero: not known.
    bool behind = false;                // The server holds more of it than we do.
    bool broken = false;                // Not offered, nor pushed any more.
    bool carried = false;               // Another node's, of which we hold a piece.
    bool refused = false;               // An event of it was: nothing more in this session.
    bool put_off = false;               // The server said later: not before retry_put_off().
    bool ask_again = false;             // Push from the head that the next Level tells.
    bool progress = true;               // Something was taken since ask_again was last set.
    bool runs() const { return next != 0 && !broken && !refused && !put_off && !ask_again; }
  };
  struct InFlight {
    std::uint64_t id = 0;
    PublicKey key;
    std::uint64_t first = 0;
    std::vector<DivisionCode> divisions;  // Of its events, in order.
  };

  void offer(const event::ChainHead& head, bool carried, std::vector<ChainPosition>& out);
  Result<std::vector<event::Event>> read(Chain& chain, std::optional<ChainTrouble>& trouble);
  std::optional<ChainTrouble> trouble_of(const Chain& chain, ChainTrouble::Reason reason) const;
  std::optional<ChainTrouble> end_broken(Chain& chain);
  Result<bool> same_event(const PublicKey& key, const ChainPosition& position) const;
  Result<std::optional<ChainTrouble>> take_head(Chain& chain, const ChainPosition& head,
                                                const std::set<DivisionCode>& fed);
  void refuse(Chain& chain, const EventOutcome& outcome, Acked& out);

  const NodeSource& source_;
  PublicKey session_key_;
  std::size_t batch_events_max_;
  std::map<PublicKey, Chain> chains_;
  std::deque<InFlight> in_flight_;
  std::uint64_t last_id_ = 0, pushed_ = 0;
};
}  // namespace cunji::sync
