#include "server/http/server.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <filesystem>
#include <set>

#include "server/api/limits.h"
#include "server/app/files.h"
#include "server/http/api_route.h"
#include "server/http/certificate.h"
#include "server/http/connection.h"
#include "shared/sync/limits.h"
#include "shared/sync/tls_statement.h"

namespace cunji::server {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

static constexpr Duration kTick{100};

static void add_disk_use(const Folder& folder, Metrics::Now& now) {
  std::error_code error;
  for (const std::string& database : {folder.log(), folder.side()}) {
    for (const char* tail : {"", "-wal"}) {
      const auto size = std::filesystem::file_size(database + tail, error);
      if (!error) now.database_bytes += size;
    }
  }
  const auto space = std::filesystem::space(folder.path, error);
  if (!error) now.disk_free_bytes = space.available;
}

struct HttpServer::State {
  State(HttpOptions o, Writer& w, BlobDesk& b, Reader r, const crypto::KeyPair& system_key,
        CountyCode county, std::shared_ptr<Clock> c, Entropy& entropy)
      : options(std::move(o)),
        writer(w),
        blobs(b),
        reader(std::move(r)),
        clock(std::move(c)),
        pool(workers()),
        verifier(io, pool, workers(), county),
        gates(options.limits),
        acceptor(io),
        signals(io, SIGTERM, SIGINT),
        reload_signals(io, SIGHUP),
        shared{io,
               verifier,
               gates,
               writer.metrics(),
               writer,
               blobs,
               reader,
               *clock,
               entropy,
               system_key,
               county,
               [this](Guests::Id guest) { end_session(guest); },
               options.operator_log} {}
  unsigned workers() const {
    return options.workers != 0 ? options.workers
                                : std::max(1U, std::thread::hardware_concurrency());
  }

  asio::awaitable<void> accept_all();
  std::optional<Peer> let_in(const tcp::socket& socket);
  asio::awaitable<void> serve(tcp::socket socket, Peer peer);
  asio::awaitable<bool> begin_tls(net::Line& line);
  Result<void> load_tls();
  void warn_of_dates();
  asio::awaitable<void> reload_on_signal();
  using Response = http::response<http::string_body>;
  asio::awaitable<Response> answer(const Connection::Request& request, const Peer& peer);
  asio::awaitable<void> answer_metrics(const Connection::Request& request, const Peer& peer,
                                       Response& out);
  void end_session(Guests::Id guest);
  template <class Found, class Look>
  asio::awaitable<Found> ask_writer(Look look);
  asio::awaitable<void> tick();
  std::string health() const;
  void on_view(ViewPtr view);
  void stop();
  void say_farewell();

  const HttpOptions options;
  asio::io_context io{1};
  Writer& writer;
  BlobDesk& blobs;
  Reader reader;
  std::shared_ptr<Clock> clock;
  asio::thread_pool pool;
  Verifier verifier;
  Gates gates;
  tcp::acceptor acceptor;
  asio::signal_set signals, reload_signals;
  Shared shared;
  std::optional<Certificate> certificate;
  std::chrono::steady_clock::time_point dates_looked_at{};
  std::unique_ptr<ApiRoute> api;
  std::set<std::shared_ptr<Connection>> connections;
  const SteadyTime started = std::chrono::steady_clock::now();
  SteadyTime view_since = started;  // The newest checkpoint's.
  bool stopping = false;
  std::optional<Error> failure;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }
void HttpServer::serve_reading(std::unique_ptr<Api> api) {
  state_->api = std::make_unique<ApiRoute>(std::move(api));
}

Result<void> check_options(const HttpOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return Error{Errc::Malformed, "\"" + options.address + "\" is no IP address"};
  if (options.certificate_file.empty() != options.private_key_file.empty())
    return Error{Errc::Malformed,
                 "证书与私钥须一同给出 / certificate and private key go together: one is missing"};
  if (!options.has_tls() && !address.is_loopback())
    return Error{Errc::Malformed,
                 "不加密时仅限本机 / without --certificate and --private-key only on loopback "
                 "(127.0.0.1 or ::1), not on " +
                     options.address};
  return {};
}

bool listens_everywhere(const HttpOptions& options) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  return !error && address.is_unspecified();
}

// Both or neither: a certificate whose statement is broken would shut out the nodes that need it.
Result<void> HttpServer::State::load_tls() {
  std::optional<Certificate> loaded;
  if (options.has_tls()) {
    TRY_AS(read, load_certificate(options.certificate_file, options.private_key_file));
    loaded = std::move(read);
  }
  Bytes statement;
  if (file_exists(options.tls_statement_file)) {
    TRY_AS(bytes, read_file(options.tls_statement_file, sync::kTlsStatementBytesMax));
    const auto opened =
        sync::open_tls_statement(bytes, reader.founding().entry.event.header().author);
    if (!opened)
      return Error{opened.error().code, options.tls_statement_file + ": " + opened.error().what};
    if (loaded && !opened->names(loaded->key))
      options.operator_log.warn(
          "tls_statement_of_other_keys",
          "县根声明未列出此证书的密钥 / tls.statement does not name this certificate's key",
          {{"key", loaded->key}});
    statement = std::move(bytes);
  }
  certificate = std::move(loaded);
  reader.offer(std::move(statement));
  warn_of_dates();
  return {};
}

void HttpServer::State::warn_of_dates() {
  dates_looked_at = std::chrono::steady_clock::now();
  if (!certificate) return;
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  if (const std::string warning = date_warning(*certificate, now); !warning.empty())
    options.operator_log.warn("certificate_dates", warning.c_str(),
                              {{"file", Plain{options.certificate_file}},
                               {"valid_until", to_millis(certificate->valid_until)}});
}

asio::awaitable<void> HttpServer::State::reload_on_signal() {
  while (!stopping) {
    error_code error;
    co_await reload_signals.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    auto done = options.operator_log.reopen();
    if (done) done = load_tls();
    if (done) {
      options.operator_log.info("reloaded", "已重新载入 / certificate, statement and log reloaded");
    } else {
      options.operator_log.error("not_reloaded",
                                 "未能重新载入，沿用旧的 / not reloaded, the old ones stay in use",
                                 {{"why", done.error()}});
    }
  }
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(
    const HttpOptions& options, Writer& writer, BlobDesk& blobs, ViewPtr view,
    const crypto::KeyPair& system_key, CountyCode county, std::unique_ptr<log::EventLog> reader_log,
    std::shared_ptr<Clock> clock, Entropy& entropy) {
  auto state = std::make_unique<State>(options, writer, blobs,
                                       Reader(std::move(reader_log), std::move(view)), system_key,
                                       county, std::move(clock), entropy);
  const std::string place = options.address + ":" + std::to_string(options.port);
  error_code error;
  TRY(check_options(options));
  TRY(state->load_tls());
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
  asio::co_spawn(s.io, [&s] { return s.reload_on_signal(); }, asio::detached);
  s.io.run();
  s.pool.join();
  s.writer.stop();
  s.blobs.stop();
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
    auto peer = let_in(socket);
    if (!peer) {
      writer.metrics().count_closed(ClosedReason::NoPlace);
      options.operator_log.debug("no_place", "连接超限 / a connection above a limit was closed");
      continue;  // Closes it.
    }
    asio::co_spawn(
        io,
        [this, socket = std::move(socket), peer = std::move(*peer)]() mutable {
          return serve(std::move(socket), std::move(peer));
        },
        asio::detached);
  }
}

std::optional<Peer> HttpServer::State::let_in(const tcp::socket& socket) {
  error_code error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return std::nullopt;  // Gone already.
  Peer peer{.guest = 0, .address = address_name(endpoint.address())};
  if (gates.connects.take(peer.address, std::chrono::steady_clock::now())) return std::nullopt;
  const auto guest = gates.guests.enter(peer.address);
  if (!guest) return std::nullopt;
  peer.guest = *guest;
  ++writer.metrics().connections;
  return peer;
}

// Says so, and hears the sender out for a moment: closing at once would take the answer back.
static asio::awaitable<void> refuse_body(net::Line& line) {
  constexpr unsigned kHttp11 = 11;
  constexpr int kReadsMax = 64;
  error_code error;
  const auto response = ApiRoute::too_large(kHttp11);
  co_await http::async_write(line, response, asio::redirect_error(asio::use_awaitable, error));
  line.next_layer().socket().shutdown(tcp::socket::shutdown_send, error);
  line.next_layer().expires_after(kFarewell);
  std::array<char, 4'096> ignored;
  for (int i = 0; i < kReadsMax && !error; ++i)
    co_await line.async_read_some(asio::buffer(ignored),
                                  asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<void> HttpServer::State::serve(tcp::socket socket, Peer peer) {
  error_code error;
  socket.set_option(tcp::no_delay(true), error);
  net::Line line{beast::tcp_stream(std::move(socket))};
  // Altogether: a byte now and then gains no time.
  line.next_layer().expires_after(gates.limits.head);
  if (certificate && !co_await begin_tls(line)) {
    gates.guests.leave(peer.guest);
    co_return;
  }
  beast::flat_buffer buffer;
  http::request_parser<http::string_body> parser;
  parser.header_limit(kRequestHeadBytesMax);
  parser.body_limit(kApiBodyBytesMax);
  co_await http::async_read(line, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error == beast::error::timeout) writer.metrics().count_closed(ClosedReason::HeadTimeout);
  if (error == http::error::body_limit) {
    writer.metrics().count_request(static_cast<unsigned>(http::status::payload_too_large));
    co_await refuse_body(line);
  }
  if (!error && !stopping) {
    Connection::Request request = parser.release();
    if (beast::websocket::is_upgrade(request) && request.target() == "/sync") {
      const auto connection = std::make_shared<Connection>(std::move(line), peer, shared);
      connections.insert(connection);
      co_await connection->run(std::move(request));
      connections.erase(connection);
    } else {
      // The head's time was for the head; a fold of the past takes longer.
      line.next_layer().expires_after(sync::kReplyTimeout);
      const auto response = co_await answer(request, peer);
      writer.metrics().count_request(response.result_int());
      line.next_layer().expires_after(sync::kReplyTimeout);
      co_await http::async_write(line, response, asio::redirect_error(asio::use_awaitable, error));
      line.next_layer().socket().shutdown(tcp::socket::shutdown_both, error);
    }
  }
  gates.guests.leave(peer.guest);
}

void HttpServer::State::end_session(Guests::Id guest) {
  const auto found = std::find_if(connections.begin(), connections.end(),
                                  [&](const auto& each) { return each->guest() == guest; });
  if (found != connections.end()) std::shared_ptr(*found)->close(ClosedReason::TooManySessions);
}

// The handshake, within the time that `line` has. Somebody who speaks HTTP to us is told what we
// speak; all others are hung up on.
asio::awaitable<bool> HttpServer::State::begin_tls(net::Line& line) {
  static constexpr std::string_view kWrongPort =
      "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8"
      "\r\n\r\n此端口须用 TLS / this port speaks TLS: use https:// or wss://\n";
  error_code error;
  co_await line.begin_tls(*certificate->context)
      .async_handshake(asio::ssl::stream_base::server,
                       asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_return true;
  options.operator_log.debug("tls_refused", "TLS 握手未成 / a TLS handshake failed",
                             {{"why", Plain{error.message()}}});
  const auto code = static_cast<unsigned long>(error.value());
  if (error.category() == asio::error::get_ssl_category() &&
      ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST)
    co_await asio::async_write(line.next_layer(), asio::buffer(kWrongPort),
                               asio::redirect_error(asio::use_awaitable, error));
  co_return false;
}

// Every plain request passes here first; /healthz always gets through, since who watches whether
// the server lives must not take its limits for its death.
asio::awaitable<HttpServer::State::Response> HttpServer::State::answer(
    const Connection::Request& request, const Peer& peer) {
  const auto wait = request.target() == "/healthz"
                        ? std::nullopt
                        : gates.requests.take(peer.address, std::chrono::steady_clock::now());
  const unsigned wait_seconds = wait ? static_cast<unsigned>(wait->count() / 1'000 + 1) : 0;
  if (api && ApiRoute::is_for(request)) {
    if (wait) co_return ApiRoute::too_fast(request.version(), wait_seconds);
    co_return co_await api->answer(request);
  }
  Response out{http::status::ok, request.version()};
  out.set(http::field::content_type, "application/json");
  out.set(http::field::cache_control, "no-store");
  if (wait) {
    out.result(http::status::too_many_requests);
    out.set(http::field::retry_after, std::to_string(wait_seconds));
    out.body() = "{\"error\":\"请求过多 / too many requests from this address\"}\n";
  } else if (request.method() != http::verb::get) {
    out.result(http::status::method_not_allowed);
    out.body() = "{\"error\":\"only GET\"}\n";
  } else if (request.target() == "/healthz") {
    out.body() = health();
  } else if (request.target() == "/checkpoint") {
    out.set(http::field::content_type, "text/plain; charset=utf-8");
    out.body() = reader.note();
  } else if (request.target() == "/state") {
    const auto report =
        co_await ask_writer<FoldReport>([](Keeper& keeper) { return keeper.fold_report(); });
    out.body() = "{\"fold_version\":" + std::to_string(state::kFoldVersion) +
                 ",\"next_index\":" + std::to_string(report.next_index) + ",\"digest\":\"" +
                 to_hex(report.digest.view()) + "\"}\n";
  } else if (request.target() == "/metrics") {
    co_await answer_metrics(request, peer, out);
  } else {
    out.result(http::status::not_found);
    out.body() =
        "{\"error\":\"there are /sync (WebSocket), /healthz, /checkpoint, /state and /metrics\"}\n";
  }
  out.prepare_payload();
  co_return out;
}

// For this machine alone unless the operator says otherwise, and then not through a proxy on this
// machine either, which says for whom it asks.
asio::awaitable<void> HttpServer::State::answer_metrics(const Connection::Request& request,
                                                        const Peer& peer, Response& out) {
  const bool here =
      asio::ip::make_address(peer.address.substr(0, peer.address.find('/'))).is_loopback();
  const bool passed_on =
      request.count("X-Forwarded-For") + request.count(http::field::forwarded) > 0;
  if (!options.metrics_for_all && (!here || passed_on)) {
    out.result(http::status::forbidden);
    out.body() = "{\"error\":\"仅限本机 / /metrics is for this machine alone\"}\n";
    co_return;
  }
  Metrics::Now now = co_await ask_writer<Metrics::Now>([](Keeper& keeper) {
    Metrics::Now found{};
    found.fold_size = keeper.fold()->read([](const state::State& s) { return s.next_index(); });
    found.log_size = keeper.log_size();
    if (const auto side = keeper.side_counts()) {
      found.quarantined = side->quarantined;
      found.parked = side->parked;
      found.parked_bytes = side->parked_bytes;
      found.codes_open = side->codes_open;
    }
    return found;
  });
  const auto seconds_since = [](SteadyTime then) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
  };
  now.checkpoint_size = reader.checkpoint().size;
  now.checkpoint_age_seconds = seconds_since(view_since);
  now.uptime_seconds = seconds_since(started);
  now.connections = gates.guests.count();
  now.strangers = gates.guests.strangers();
  now.sessions = now.connections - now.strangers;
  now.verifying_events = verifier.waiting_events();
  now.queued_events = writer.waiting_events();
  now.photos = blobs.figures();
  if (!options.folder.empty()) add_disk_use(Folder{options.folder}, now);
  out.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  out.body() = writer.metrics().text(now);
}

// What belongs to the writer's thread is looked at there; the answer comes back from there.
template <class Found, class Look>
asio::awaitable<Found> HttpServer::State::ask_writer(Look look) {
  auto found = std::make_shared<std::optional<Found>>();
  auto ready = std::make_shared<asio::steady_timer>(io, sync::kReplyTimeout);
  writer.look([this, found, ready, look](Keeper& keeper) {
    asio::post(io, [found, ready, value = look(keeper)] {
      *found = value;
      ready->cancel();
    });
  });
  error_code ignored;
  co_await ready->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return found->value_or(Found{});
}

std::string HttpServer::State::health() const {
  return "{\"status\":\"" + std::string(stopping ? "stopping" : "ok") + "\",\"county\":\"" +
         shared.county.str() +
         "\",\"checkpoint_size\":" + std::to_string(reader.checkpoint().size) +
         ",\"sessions\":" + std::to_string(connections.size()) + "}\n";
}

void HttpServer::State::on_view(ViewPtr view) {
  if (view->published.checkpoint.size != reader.checkpoint().size)
    view_since = std::chrono::steady_clock::now();
  if (api) api->show(view);
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
    if (std::chrono::steady_clock::now() > dates_looked_at + kCertificateLookInterval)
      warn_of_dates();
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
  reload_signals.cancel(ignored);
  asio::post(pool, [this] {
    writer.stop();
    blobs.stop();
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
