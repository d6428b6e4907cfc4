#include "server/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <set>

#include "server/http/connection.h"
#include "shared/sync/limits.h"

namespace cunji::server {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

static constexpr Duration kTick{100};

struct HttpServer::State {
  State(Writer& w, Reader r, const crypto::KeyPair& system_key, CountyCode county,
        std::shared_ptr<Clock> c, Entropy& entropy)
      : writer(w),
        reader(std::move(r)),
        clock(std::move(c)),
        pool(std::max(1U, std::thread::hardware_concurrency())),
        acceptor(io),
        signals(io, SIGTERM, SIGINT),
        shared{io, pool, writer, reader, *clock, entropy, system_key, county} {}

  asio::awaitable<void> accept_all();
  asio::awaitable<void> serve(tcp::socket socket);
  asio::awaitable<http::response<http::string_body>> answer(const Connection::Request& request);
  asio::awaitable<FoldReport> fold_report();
  asio::awaitable<void> tick();
  std::string health() const;
  void on_view(ViewPtr view);
  void stop();
  void say_farewell();

  asio::io_context io{1};
  Writer& writer;
  Reader reader;
  std::shared_ptr<Clock> clock;
  asio::thread_pool pool;
  tcp::acceptor acceptor;
  asio::signal_set signals;
  Shared shared;
  std::set<std::shared_ptr<Connection>> connections;
  std::size_t sockets = 0;
  bool stopping = false;
  std::optional<Error> failure;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

Result<void> expect_loopback(const std::string& text) {
  error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return Error{Errc::Malformed, "\"" + text + "\" is no IP address"};
  if (!address.is_loopback())
    return Error{Errc::Malformed,
                 "本版不加密，仅限本机 / this version serves without TLS, so only on "
                 "loopback (127.0.0.1 or ::1), not on " +
                     text};
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(
    const HttpOptions& options, Writer& writer, ViewPtr view, const crypto::KeyPair& system_key,
    CountyCode county, std::unique_ptr<log::EventLog> reader_log, std::shared_ptr<Clock> clock,
    Entropy& entropy) {
  auto state = std::make_unique<State>(writer, Reader(std::move(reader_log), std::move(view)),
                                       system_key, county, std::move(clock), entropy);
  const std::string place = options.address + ":" + std::to_string(options.port);
  error_code error;
  TRY(expect_loopback(options.address));
  const auto address = asio::ip::make_address(options.address);
  const tcp::endpoint endpoint(address, options.port);
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) state->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use)
    return Error{Errc::Conflict, "端口已被占用 / the port is in use: " + place};
  if (error) return Error{Errc::Io, "can't listen on " + place + ": " + error.message()};
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

Result<void> HttpServer::run() {
  State& s = *state_;
  s.writer.start(
      [&s](ViewPtr view) {
        asio::post(s.io, [&s, view = std::move(view)]() mutable { s.on_view(std::move(view)); });
      },
      [&s](Error error) {
        asio::post(s.io, [&s, error = std::move(error)] {
          s.failure = error;
          s.stop();
        });
      });
  s.signals.async_wait([&s](error_code error, int) {
    if (!error) s.stop();
  });
  asio::co_spawn(s.io, [&s] { return s.accept_all(); }, asio::detached);
  asio::co_spawn(s.io, [&s] { return s.tick(); }, asio::detached);
  s.io.run();
  s.pool.join();
  s.writer.stop();
  if (s.failure) return *s.failure;
  return {};
}

asio::awaitable<void> HttpServer::State::accept_all() {
  while (!stopping) {
    error_code error;
    tcp::socket socket =
        co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // Out of descriptors, say: no reason to spin.
      asio::steady_timer pause(io, kTick);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      continue;
    }
    if (sockets >= kConnectionsMax) continue;  // Closes it.
    asio::co_spawn(
        io, [this, socket = std::move(socket)]() mutable { return serve(std::move(socket)); },
        asio::detached);
  }
}

asio::awaitable<void> HttpServer::State::serve(tcp::socket socket) {
  ++sockets;
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  beast::tcp_stream stream(std::move(socket));
  stream.expires_after(sync::kHandshakeTimeout);
  beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.header_limit(kRequestHeadBytesMax);
  parser.body_limit(0);
  co_await http::async_read(stream, buffer, parser,
                            asio::redirect_error(asio::use_awaitable, error));
  if (!error && !stopping) {
    Connection::Request request = parser.release();
    if (beast::websocket::is_upgrade(request) && request.target() == "/sync") {
      const auto connection = std::make_shared<Connection>(std::move(stream), shared);
      connections.insert(connection);
      co_await connection->run(std::move(request));
      connections.erase(connection);
    } else {
      const auto response = co_await answer(request);
      co_await http::async_write(stream, response,
                                 asio::redirect_error(asio::use_awaitable, error));
      stream.socket().shutdown(tcp::socket::shutdown_both, error);
    }
  }
  --sockets;
}

asio::awaitable<http::response<http::string_body>> HttpServer::State::answer(
    const Connection::Request& request) {
  http::response<http::string_body> out{http::status::ok, request.version()};
  out.set(http::field::content_type, "application/json");
  out.set(http::field::cache_control, "no-store");
  if (request.method() != http::verb::get) {
    out.result(http::status::method_not_allowed);
    out.body() = "{\"error\":\"only GET\"}\n";
  } else if (request.target() == "/healthz") {
    out.body() = health();
  } else if (request.target() == "/checkpoint") {
    out.set(http::field::content_type, "text/plain; charset=utf-8");
    out.body() = reader.note();
  } else if (request.target() == "/state") {
    const FoldReport report = co_await fold_report();
    out.body() = "{\"fold_version\":" + std::to_string(state::kFoldVersion) +
                 ",\"next_index\":" + std::to_string(report.next_index) + ",\"digest\":\"" +
                 to_hex(report.digest.view()) + "\"}\n";
  } else {
    out.result(http::status::not_found);
    out.body() = "{\"error\":\"there are /sync (WebSocket), /healthz, /checkpoint and /state\"}\n";
  }
  out.prepare_payload();
  co_return out;
}

// The fold belongs to the writer's thread; the answer comes back from there.
asio::awaitable<FoldReport> HttpServer::State::fold_report() {
  auto report = std::make_shared<std::optional<FoldReport>>();
  auto ready = std::make_shared<asio::steady_timer>(io, sync::kReplyTimeout);
  writer.fold_report([this, report, ready](FoldReport value) {
    asio::post(io, [report, ready, value] {
      *report = value;
      ready->cancel();
    });
  });
  error_code ignored;
  co_await ready->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return report->value_or(FoldReport{});
}

std::string HttpServer::State::health() const {
  return "{\"status\":\"" + std::string(stopping ? "stopping" : "ok") + "\",\"county\":\"" +
         shared.county.str() +
         "\",\"checkpoint_size\":" + std::to_string(reader.checkpoint().size) +
         ",\"sessions\":" + std::to_string(connections.size()) + "}\n";
}

void HttpServer::State::on_view(ViewPtr view) {
  reader.show(std::move(view));
  // A copy, since answering may end a connection.
  const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
  for (const auto& connection : all) connection->on_view();
}

asio::awaitable<void> HttpServer::State::tick() {
  asio::steady_timer timer(io);
  while (!stopping) {
    timer.expires_after(kTick);
    error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto& connection : all) connection->on_tick();
  }
}

// No new connections; then, off this thread, the writer empties its queue and publishes, while this
// thread goes on sending answers.
void HttpServer::State::stop() {
  if (stopping) return;
  stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  signals.cancel(ignored);
  asio::post(pool, [this] {
    writer.stop();
    asio::post(io, [this] { say_farewell(); });
  });
}

void HttpServer::State::say_farewell() {
  const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
  for (const auto& connection : all) connection->finish();
  const auto timer = std::make_shared<asio::steady_timer>(io, kFarewell);
  timer->async_wait([this, timer](error_code) { io.stop(); });
  asio::co_spawn(
      io,
      [this, timer]() -> asio::awaitable<void> {
        asio::steady_timer look(io);
        while (!connections.empty()) {
          look.expires_after(std::chrono::milliseconds{20});
          error_code ignored;
          co_await look.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        timer->cancel();
      },
      asio::detached);
}
}  // namespace cunji::server
