#pragma once
// Connections between nodes and server: ordered and whole like WebSocket over TCP, with delays and
// cuts; and a hostile box in the middle, which repeats, reorders and alters messages. A sealed
// session must notice each of these at once: what it takes all the same is a violation.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shared/base/bytes.h"
#include "tools/simulate/chance.h"
#include "tools/simulate/schedule.h"

namespace cunji::simulate {
using ConnectionId = std::uint64_t;
enum class End : std::uint8_t { Node, Server };

// Faults per thousand messages.
struct NetworkFaults {
  std::uint64_t cut = 0;      // Both ends learn of it.
  std::uint64_t silence = 0;  // Nothing arrives any more, and nobody is told.
  std::uint64_t duplicate = 0, reorder = 0, alter = 0;
};

struct NetworkCounts {
  std::uint64_t messages = 0, cuts = 0, silences = 0, duplicates = 0, reorders = 0, alterations = 0;
};

class Network {
 public:
  // Whoever stands at the ends.
  class Ends {
   public:
    virtual ~Ends() = default;
    // False: the session took offence, and is over.
    virtual bool receive(ConnectionId id, End end, BytesView message) = 0;
    virtual void lost(ConnectionId id, End end) = 0;
  };

  // All three outlive the network; `ends` is not called from within a call of its own.
  Network(Schedule& schedule, Chance& chance, Ends& ends)
      : schedule_(schedule), chance_(chance), ends_(ends) {}

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }
  ConnectionId open();
  // On a connection that is gone it does nothing.
  void send(ConnectionId id, End from, Bytes message);
  // This end is done; the other one learns of it, once what is under way has arrived.
  void close(ConnectionId id, End from);
  // This end lost power: the other one hears nothing any more.
  void fall_silent(ConnectionId id);

  const NetworkCounts& counts() const { return counts_; }
  // What a session took that it must not take.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  enum class Fault : std::uint8_t { None, Repeated, Early, Altered };
  struct Direction {
    TimePoint last{};  // When its last message arrives.
    std::uint64_t sent = 0;
    std::vector<Bytes> held;  // Kept back, to arrive after the next one.
  };
  struct Connection {
    Direction to_node, to_server;
    bool node_there = true, server_there = true;
    bool silent = false;
    bool handshake_altered = false;
  };

  Direction& direction(Connection& connection, End from) {
    return from == End::Node ? connection.to_server : connection.to_node;
  }
  void cut(ConnectionId id);
  void tell(ConnectionId id, End end);
  void deliver_later(ConnectionId id, End from, Bytes message, Fault fault);
  void deliver(ConnectionId id, End from, const Bytes& message, Fault fault, bool sealed);
  Bytes altered(Bytes message);

  Schedule& schedule_;
  Chance& chance_;
  Ends& ends_;
  NetworkFaults faults_;
  NetworkCounts counts_;
  ConnectionId last_id_ = 0;
  std::map<ConnectionId, Connection> connections_;
  std::vector<std::string> violations_;
};
}  // namespace cunji::simulate
