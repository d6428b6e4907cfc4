#pragma once
// One node's WebSocket connection: feeds its session, hands pushes to the verifying pool and then,
// in their order, to the writer. Everything but the verifying happens on the socket thread.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "server/app/writer.h"
#include "server/http/reader.h"

namespace cunji::server {
// What all connections share; outlives them.
struct Shared {
  boost::asio::io_context& io;
  boost::asio::thread_pool& pool;
  Writer& writer;
  Reader& reader;
  Clock& clock;
  Entropy& entropy;
  const crypto::KeyPair& system_key;
  CountyCode county;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Stream = boost::beast::websocket::stream<boost::beast::tcp_stream>;
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  Connection(boost::beast::tcp_stream stream, const Shared& shared);

  // Accepts the upgrade and serves until the connection ends.
  boost::asio::awaitable<void> run(Request request);
  // A checkpoint was published: a waiting poll may be answered.
  void on_view();
  // Called a few times a second: ends handshakes and waits that take too long.
  void on_tick();
  // Sends what is queued, then closes.
  void finish();

 private:
  struct Push {
    std::uint64_t id = 0;
    CheckedBatch batch;
    std::size_t tasks_left = 0;  // Of verifying; changed on the socket thread only.
  };
  using SteadyTime = std::chrono::steady_clock::time_point;

  boost::asio::awaitable<void> read_all();
  boost::asio::awaitable<void> write_all();
  void carry_out(Result<sync::ServerSession::Output> output);
  void verify(sync::ServerSession::PushedBatch pushed);
  void hand_over_verified();
  void ask(sync::ServerSession::EnrolmentAsk ask);
  void answer_poll();
  void send(std::vector<Bytes> frames);
  void close();

  Stream stream_;
  const Shared& shared_;
  sync::ServerSession session_;
  std::deque<std::shared_ptr<Push>> verifying_;  // In the order they came.
  std::deque<Bytes> sending_;
  std::size_t sending_bytes_ = 0;
  bool writing_ = false, finishing_ = false, closed_ = false;
  SteadyTime opened_at_;
  std::optional<std::uint64_t> waits_for_size_;
  SteadyTime waits_until_{};
};
}  // namespace cunji::server
