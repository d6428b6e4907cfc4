#pragma once
// The only socket of the field node: carries a node's sessions over WebSocket (path /sync, binary
// frames), with TLS unless the server is this machine. The certificate must be one that this device
// trusts, or its key one that the county's root has named (D19); else only the WebSocket's own
// request has been sent, which names nobody, and the server's greeting read. Native only. Nothing
// waits without a bound: each step of connecting has a timeout, a silent server is noticed by the
// session (kReplyTimeout) and a dead line by the socket's own pings.
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fieldnode/invitation.h"
#include "fieldnode/node.h"

namespace cunji::fieldnode {
struct SyncOptions {
  std::optional<sync::EnrolmentOffer> enrol;  // Ask to be enrolled first; then synchronise.
  // Stay connected when level, and ask again so often; nothing: end when level.
  std::optional<Duration> poll_every;
  // The wall clock; the node's own recording clock is not asked here.
  std::function<TimePoint()> clock;
  bool photos = true;                // Deliver them, too, once events are level.
  Duration connect_timeout{15'000};  // For each of: name, TCP, TLS, WebSocket handshake.
  // PEM file of the certificate authorities to trust; empty: the system's.
  std::string authorities_file;
  // For tests of a cut: ends the connection after so many received messages.
  std::optional<std::uint32_t> cut_after_messages;

  // Called after each message that was taken; `level` when everything is exchanged.
  std::function<void(const sync::NodeSession::Progress&, bool level)> on_progress;
  // Asked with each message and tick: true ends the session in order, between messages.
  std::function<bool()> stop;
};

struct SyncReport {
  bool level = false;
  bool enrolled = false;  // The server knows the key's credential.
  std::uint64_t logged = 0, parked = 0, refused = 0, disputed = 0, fetched = 0;
  std::uint64_t photos = 0, photos_lost = 0;  // The county holds them now; they were damaged here.
  std::string photo_unwanted;                 // Why it does not want one, if there is such.
  std::string first_refusal;                  // Its reason.
  std::string later;                          // Why some events were put off, if any were (D21).
  std::optional<sync::EnrolmentOutcome> enrolment;
  std::optional<sync::SplitView> split_view;  // Loud: the server showed two logs.
  std::optional<sync::ChainTrouble> trouble;  // A new key is needed: Node::succeed().
};

// Synchronises once, in as many sessions as it takes to be level (a wider scope needs a second).
// Runs on `io`, which one thread runs; any number of nodes may do so at a time. `node` outlives it.
// `done` is called once, from `io`: the report so far is given also where there is an error, since
// what was taken before is durable. Errors: Errc::Io with host, port and reason where the server is
// not reached or the line breaks, Errc::Timeout, and whatever session or store said.
struct SyncEnd {
  SyncReport report;
  std::optional<Error> error;
};
void sync_once(Node& node, ServerAddress server, boost::asio::io_context& io, SyncOptions options,
               std::function<void(SyncEnd)> done);

// The same, on an io_context of its own, until it is done.
SyncEnd sync_and_wait(Node& node, const ServerAddress& server, SyncOptions options);

// How the text of an error begins that is about the certificate; its code is Errc::Forged.
inline constexpr std::string_view kCertificateError = "certificate: ";

// Connects, reads the server's greeting and hangs up: who does it claim to be? The certificate is
// not asked: the answer is compared with a fingerprint that came another way.
Result<Digest> fetch_root_digest(const ServerAddress& server, Duration connect_timeout);
}  // namespace cunji::fieldnode
