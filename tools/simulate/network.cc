#include "tools/simulate/network.h"

#include <algorithm>

namespace cunji::simulate {
// A rural line: a message takes this long.
static constexpr Duration kDelayMin{5}, kDelayMax{400};

// Messages in clear: hello and answer of the server, hello of the node. All later ones are sealed.
static std::uint64_t clear_messages(End from) { return from == End::Server ? 2 : 1; }

ConnectionId Network::open() {
  connections_[++last_id_];
  return last_id_;
}

void Network::send(ConnectionId id, End from, Bytes message) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  ++counts_.messages;
  if (chance_.per_mille(faults_.cut)) {
    ++counts_.cuts;
    cut(id);
    return;
  }
  if (chance_.per_mille(faults_.silence)) {
    ++counts_.silences;
    connection.silent = true;
  }
  Direction& way = direction(connection, from);
  if (!way.held.empty()) {
    const Bytes late = std::move(way.held.front());
    way.held.clear();
    deliver_later(id, from, std::move(message), Fault::Early);
    deliver_later(id, from, late, Fault::None);
    return;
  }
  if (chance_.per_mille(faults_.reorder)) {
    ++counts_.reorders;
    way.held.push_back(std::move(message));
    return;
  }
  if (chance_.per_mille(faults_.alter)) {
    ++counts_.alterations;
    deliver_later(id, from, altered(std::move(message)), Fault::Altered);
    return;
  }
  if (chance_.per_mille(faults_.duplicate)) {
    ++counts_.duplicates;
    deliver_later(id, from, message, Fault::None);
    deliver_later(id, from, std::move(message), Fault::Repeated);
    return;
  }
  deliver_later(id, from, std::move(message), Fault::None);
}

Bytes Network::altered(Bytes message) {
  if (message.empty()) return "?";
  const std::size_t at = chance_.below(message.size());
  if (chance_.per_mille(300)) {
    message.resize(at);
  } else {
    message[at] = static_cast<char>(message[at] ^ (1 << chance_.below(8)));
  }
  return message;
}

void Network::deliver_later(ConnectionId id, End from, Bytes message, Fault fault) {
  Direction& way = direction(connections_.at(id), from);
  const bool sealed =
      fault == Fault::Repeated ? way.sent > clear_messages(from) : way.sent >= clear_messages(from);
  if (fault != Fault::Repeated) ++way.sent;
  const TimePoint arrives =
      std::max(way.last, schedule_.now() + chance_.between(kDelayMin, kDelayMax));
  way.last = arrives;
  schedule_.after(arrives - schedule_.now(),
                  [this, id, from, message = std::move(message), fault, sealed] {
                    deliver(id, from, message, fault, sealed);
                  });
}

void Network::deliver(ConnectionId id, End from, const Bytes& message, Fault fault, bool sealed) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.silent) return;
  const End to = from == End::Node ? End::Server : End::Node;
  const bool there = to == End::Node ? found->second.node_there : found->second.server_there;
  if (!there) return;
  if (fault == Fault::Altered && !sealed) found->second.handshake_altered = true;
  const bool must_fail = fault == Fault::Repeated || fault == Fault::Early ||
                         (sealed && (fault == Fault::Altered || found->second.handshake_altered));
  const bool taken = ends_.receive(id, to, message);
  if (!taken) {
    close(id, to);
  } else if (must_fail) {
    violations_.push_back("connection " + std::to_string(id) +
                          ": a session took a message that was " +
                          (fault == Fault::Repeated  ? "repeated"
                           : fault == Fault::Early   ? "reordered"
                           : fault == Fault::Altered ? "altered"
                                                     : "sealed after an altered handshake"));
  }
}

void Network::tell(ConnectionId id, End end) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  bool& there = end == End::Node ? found->second.node_there : found->second.server_there;
  const bool was_there = std::exchange(there, false);
  if (!found->second.node_there && !found->second.server_there) connections_.erase(found);
  if (was_there) ends_.lost(id, end);
}

// Everything under way is lost; the ends learn of it one after the other.
void Network::cut(ConnectionId id) {
  connections_.at(id).silent = true;
  for (const End end : {End::Node, End::Server})
    schedule_.after(chance_.between(kDelayMin, kDelayMax), [this, id, end] { tell(id, end); });
}

void Network::close(ConnectionId id, End from) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  (from == End::Node ? connection.node_there : connection.server_there) = false;
  const End other = from == End::Node ? End::Server : End::Node;
  if (connection.silent) {
    // The other end is not told, but nobody is left to be waited for.
    schedule_.after(std::chrono::minutes{10}, [this, id, other] { tell(id, other); });
    return;
  }
  const TimePoint arrives = std::max(direction(connection, from).last, schedule_.now() + kDelayMin);
  schedule_.after(arrives - schedule_.now(), [this, id, other] { tell(id, other); });
}

void Network::fall_silent(ConnectionId id) {
  if (const auto found = connections_.find(id); found != connections_.end())
    found->second.silent = true;
}
}  // namespace cunji::simulate
