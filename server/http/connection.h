#pragma once
// One node's WebSocket connection: feeds its session, hands pushes to the verifying pool and then,
// in their order, to the writer. Everything but the verifying happens on the socket thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/app/blob_desk.h"
#include "server/app/writer.h"
#include "server/http/gates.h"
#include "server/http/reader.h"
#include "server/http/verifier.h"
#include "shared/net/line.h"

namespace cunji::server {
// Who is at the other end, as the socket says.
struct Peer {
  Guests::Id guest = 0;
  std::string address;  // See address_name().
};

// What all connections share; outlives them.
struct Shared {
  boost::asio::io_context& io;
  Verifier& verifier;
  Gates& gates;
  Metrics& metrics;
  Writer& writer;
  BlobDesk& blobs;
  Reader& reader;
  Clock& clock;
  Entropy& entropy;
  const crypto::KeyPair& system_key;
  CountyCode county;
  std::function<void(Guests::Id)> end_session;  // One that gives way to a newer one.
  OperatorLog operator_log;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Stream = boost::beast::websocket::stream<net::Line>;
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  Connection(net::Line line, Peer peer, const Shared& shared);

  // Accepts the upgrade and serves until the connection ends.
  boost::asio::awaitable<void> run(Request request);
  // A checkpoint was published: a waiting poll may be answered.
  void on_view();
  // Called a few times a second: ends handshakes and waits that take too long.
  void on_tick();
  // Sends what is queued, then closes.
  void finish();
  // At once.
  void close(ClosedReason reason);
  Guests::Id guest() const { return peer_.guest; }

 private:
  struct Push {
    std::uint64_t id = 0;
    std::shared_ptr<CheckedBatch> batch = std::make_shared<CheckedBatch>();
    bool verified = false;
    SteadyTime arrived{};
    std::uint64_t published = 0;  // Log size that everybody could know when it arrived.
  };

  boost::asio::awaitable<void> read_all();
  boost::asio::awaitable<void> write_all();
  void carry_out(Result<sync::ServerSession::Output> output);
  void verify(sync::ServerSession::PushedBatch pushed);
  void put_off(const Push& push, LaterReason why, const std::string& reason);
  void hand_over_verified();
  void answer(const Push& push, std::vector<sync::EventOutcome> outcomes);
  void meet_key();
  boost::asio::awaitable<void> keep_pace();
  void ask(sync::ServerSession::EnrolmentAsk ask);
  void take_offer(std::vector<sync::BlobName> names);
  void take_chunk(sync::BlobChunk chunk);
  void answer_poll();
  void send(std::vector<Bytes> frames);
  void end();

  Stream stream_;
  Peer peer_;
  const Shared& shared_;
  sync::ServerSession session_;
  boost::beast::flat_buffer arriving_;  // The message that is being read.
  std::optional<SteadyTime> arriving_since_;
  bool known_ = false;                           // The county knows its key.
  std::deque<std::shared_ptr<Push>> verifying_;  // In the order they came.
  std::deque<Bytes> sending_;
  std::size_t sending_bytes_ = 0;
  bool writing_ = false, finishing_ = false, closed_ = false;
  SteadyTime opened_at_;
  std::optional<std::uint64_t> waits_for_size_;
  SteadyTime waits_until_{};
};
}  // namespace cunji::server
