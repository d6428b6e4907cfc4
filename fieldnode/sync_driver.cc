#include "fieldnode/sync_driver.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>

#include "fieldnode/verify_pool.h"
#include "shared/net/line.h"
#include "shared/net/tls.h"
#include "shared/sync/limits.h"

namespace cunji::fieldnode {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Socket = websocket::stream<net::Line>;
using SystemError = boost::system::error_code;

namespace {
// How often the session is asked whether the server is silent too long.
constexpr std::chrono::milliseconds kTickEvery{250};
// Sessions in a row that only widen the scope: county, then town, then villages; then one to spare.
constexpr int kSessionsMax = 4;
// A new credential counts for sessions once the server has published it, within about a second.
constexpr int kNewCredentialWaitsMax = 10;
constexpr std::chrono::milliseconds kNewCredentialWait{300};

asio::redirect_error_t<asio::use_awaitable_t<>> into(SystemError& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

// In coroutines no aggregate is built inside co_await or co_return: GCC 12 destroys it twice.
Error error_of(Errc code, std::string what) { return {code, std::move(what)}; }

Error io_error(const ServerAddress& server, const char* step, const SystemError& error) {
  const bool slow = error == beast::error::timeout || error == asio::error::timed_out;
  return Error{slow ? Errc::Timeout : Errc::Io,
               to_text(server) + ": " + step + ": " + (slow ? "no answer" : error.message())};
}

// A server that speaks otherwise than expected: the likeliest mistake, and OpenSSL's words for it
// help nobody.
Error handshake_error(const ServerAddress& server, const SystemError& error) {
  Error out = io_error(server, server.tls ? "TLS handshake" : "handshake", error);
  if (server.tls && out.code == Errc::Io)
    out.what += " (does the server have TLS? if it is this machine's own without: ws://)";
  if (!server.tls && error == websocket::error::upgrade_declined)
    out.what += " (if the server has TLS: wss://" + host_and_port(server) + ")";
  return out;
}

// One connection. All of it runs on one thread.
class Connection {
 public:
  Connection(asio::io_context& io, ServerAddress server, const SyncOptions& options)
      : socket_(net::Line(beast::tcp_stream(io))),
        resolver_(io),
        timer_(io),
        server_(std::move(server)),
        timeout_(options.connect_timeout),
        authorities_file_(options.authorities_file) {}

  asio::awaitable<std::optional<Error>> open() {
    SystemError error;
    // Bounded by the system's resolver, some seconds a name server; it can't be interrupted.
    const auto found =
        co_await resolver_.async_resolve(server_.host, std::to_string(server_.port), into(error));
    if (error) co_return io_error(server_, "name", error);
    auto& tcp = beast::get_lowest_layer(socket_);
    tcp.expires_after(timeout_);
    co_await tcp.async_connect(found, into(error));
    if (error) co_return io_error(server_, "connect", error);
    tcp.socket().set_option(asio::ip::tcp::no_delay(true), error);
    if (server_.tls) {
      if (auto failed = co_await begin_tls()) co_return failed;
    }
    tcp.expires_never();  // From here on the WebSocket's own timeouts hold.
    socket_.set_option(websocket::stream_base::timeout{.handshake_timeout = timeout_,
                                                       .idle_timeout = sync::kReplyTimeout,
                                                       .keep_alive_pings = true});
    socket_.read_message_max(sync::kFrameBytesMax);
    socket_.binary(true);
    co_await socket_.async_handshake(host_and_port(server_), "/sync", into(error));
    if (error) {
      auto failed =
          server_.tls ? io_error(server_, "handshake", error) : handshake_error(server_, error);
      co_return failed;
    }
    co_return std::nullopt;
  }

  // What the server has shown; over TLS only.
  const std::optional<net::PeerCertificate>& certificate() const { return certificate_; }

  // One message, or what became of the line.
  asio::awaitable<std::optional<Error>> read(Bytes& message) {
    SystemError error;
    beast::flat_buffer buffer;
    co_await socket_.async_read(buffer, into(error));
    if (error == websocket::error::message_too_big)
      co_return error_of(Errc::Limit, to_text(server_) + ": a message above the limit");
    if (error) co_return io_error(server_, "line cut", error);
    message.assign(static_cast<const char*>(buffer.data().data()), buffer.size());
    co_return std::nullopt;
  }

  // Queues; one writer at a time sends in order. The session bounds what is under way.
  void send(std::vector<Bytes> messages) {
    for (Bytes& message : messages) queue_.push_back(std::move(message));
    if (!writing_ && !queue_.empty()) {
      writing_ = true;
      write_next();
    }
  }

  // Breaks the line; a read under way then ends with an error.
  void cut() {
    SystemError ignored;
    auto& tcp = beast::get_lowest_layer(socket_).socket();
    tcp.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    tcp.close(ignored);
  }

  asio::awaitable<void> close() {
    SystemError ignored;
    while (writing_) {
      timer_.expires_after(kTickEvery / 10);
      co_await timer_.async_wait(into(ignored));
    }
    beast::get_lowest_layer(socket_).expires_never();
    co_await socket_.async_close(websocket::close_code::normal, into(ignored));
    cut();
  }

  // Waits until the writer has let go of this object, after a cut.
  asio::awaitable<void> settle() {
    SystemError ignored;
    while (writing_) {
      timer_.expires_after(std::chrono::milliseconds{1});
      co_await timer_.async_wait(into(ignored));
    }
  }

 private:
  // Takes any certificate: what it is worth is decided once the server has said who it is.
  asio::awaitable<std::optional<Error>> begin_tls() {
    auto context = net::client_tls_context(authorities_file_);
    if (!context) co_return context.error();
    auto& tls = socket_.next_layer().begin_tls(**context);
    net::expect_host(tls.native_handle(), server_.host);
    beast::get_lowest_layer(socket_).expires_after(timeout_);
    SystemError error;
    co_await tls.async_handshake(asio::ssl::stream_base::client, into(error));
    if (error) {
      auto failed = handshake_error(server_, error);
      co_return failed;
    }
    auto shown = net::peer_certificate(tls.native_handle());
    if (!shown) co_return shown.error();
    certificate_ = std::move(*shown);
    co_return std::nullopt;
  }

  void write_next() {
    socket_.async_write(asio::buffer(queue_.front()), [this](SystemError error, std::size_t) {
      queue_.pop_front();
      if (error) queue_.clear();  // The reader meets the same error and reports it.
      writing_ = !queue_.empty();
      if (writing_) write_next();
    });
  }

  Socket socket_;
  asio::ip::tcp::resolver resolver_;
  asio::steady_timer timer_;
  ServerAddress server_;
  Duration timeout_;
  std::string authorities_file_;
  std::optional<net::PeerCertificate> certificate_;
  std::deque<Bytes> queue_;
  bool writing_ = false;
};

void count(const sync::NodeSession::Output& output, SyncReport& report) {
  using Status = sync::EventOutcome::Status;
  for (const sync::EventOutcome& outcome : output.outcomes) {
    if (outcome.status == Status::Logged) {
      ++report.logged;
      if (!event::is_accepted(outcome.verdict)) ++report.disputed;
    }
    if (outcome.status == Status::Parked) ++report.parked;
    if (outcome.status == Status::Refused && ++report.refused == 1)
      report.first_refusal = outcome.reason;
  }
  for (const sync::FeedCommit& feed : output.feed) report.fetched += feed.entries.size();
  for (const sync::BlobOutcome& outcome : output.blobs) {
    using Blob = sync::BlobOutcome::Status;
    if (outcome.status == Blob::Held) ++report.photos;
    if (outcome.status == Blob::Lost) ++report.photos_lost;
    if (outcome.status == Blob::Unwanted) report.photo_unwanted = outcome.reason;
  }
  if (!output.later.empty()) report.later = output.later;
  if (output.enrolment) report.enrolment = output.enrolment;
  if (output.split_view) report.split_view = output.split_view;
}

// One session over one connection.
class Run {
 public:
  Run(Node& node, asio::io_context& io, const ServerAddress& server, const SyncOptions& options,
      SyncReport& report)
      : node_(node),
        options_(options),
        report_(report),
        connection_(io, server, options),
        ticker_(io) {}

  asio::awaitable<std::optional<Error>> session(sync::NodeSession::Options session_options) {
    auto session = node_.start_session(std::move(session_options), options_.clock());
    if (!session) co_return session.error();
    session_ = &*session;
    if (auto error = co_await connection_.open()) co_return error;
    ticking_ = true;
    asio::co_spawn(ticker_.get_executor(), tick(), asio::detached);
    auto error = co_await messages();
    ended_ = true;
    ticker_.cancel();
    if (error) {
      connection_.cut();
    } else {
      co_await connection_.close();
    }
    co_await connection_.settle();
    while (ticking_) co_await asio::post(ticker_.get_executor(), asio::use_awaitable);
    co_return error;
  }

  // Ended before its photos, since the node wants more divisions now.
  bool wider() const { return wider_; }

 private:
  asio::awaitable<std::optional<Error>> messages() {
    std::uint32_t received = 0;
    while (true) {
      Bytes message;
      auto error = co_await connection_.read(message);
      if (failed_) co_return failed_;  // The ticker cut the line, and knows why.
      if (stopped_) co_return std::nullopt;
      if (error) co_return error;
      if (options_.cut_after_messages && ++received > *options_.cut_after_messages)
        co_return error_of(Errc::Io, "line cut on purpose");
      if (!greeted_) {
        if (auto wrong = check_certificate(message)) co_return wrong;
        greeted_ = true;
      }
      if (auto wrong = take(session_->on_message(message, options_.clock()))) co_return wrong;
      if (report_.split_view || asked_) co_return std::nullopt;
      // A key in trouble is level once, too: the rest of its exchange is good. It does not stay.
      if (report_.level && session_->sending_blobs() && !looked_) {
        // Photos wait for the divisions that are still to be asked for, in another session.
        looked_ = true;
        const auto wider = node_.widen(options_.clock());
        if (!wider) co_return wider.error();
        wider_ = *wider;
        if (wider_) co_return std::nullopt;
      }
      const bool done = report_.level && !session_->sending_blobs();
      if (done && (report_.trouble || !options_.poll_every)) co_return std::nullopt;
      if (options_.stop && options_.stop()) co_return std::nullopt;
    }
  }

  // The root's word on the key counts before the certificate: dates and names are asked only where
  // there is none.
  std::optional<Error> check_certificate(BytesView server_hello) {
    const auto& certificate = connection_.certificate();
    if (!certificate) return std::nullopt;
    const auto known = node_.knows_tls_key(server_hello, certificate->key);
    if (!known) return known.error();
    if (*known || certificate->problem.empty()) return std::nullopt;
    return Error{Errc::Forged, std::string(kCertificateError) + certificate->problem};
  }

  std::optional<Error> take(Result<sync::NodeSession::Output> output) {
    if (!output) return output.error();
    count(*output, report_);
    asked_ = asked_ || output->enrolment;
    report_.level = output->level || session_->sending_blobs();
    report_.enrolled = session_->enrolled();
    auto send = node_.take(std::move(*output));
    if (!send) return send.error();
    report_.trouble = node_.trouble();
    connection_.send(std::move(*send));
    if (options_.on_progress) options_.on_progress(session_->progress(), report_.level);
    return std::nullopt;
  }

  // Notices a silent server, polls when level, and ends the session when asked to.
  asio::awaitable<void> tick() {
    Duration since_poll{0};
    while (!ended_) {
      SystemError error;
      ticker_.expires_after(kTickEvery);
      co_await ticker_.async_wait(into(error));
      if (ended_) break;
      since_poll += std::chrono::duration_cast<Duration>(kTickEvery);
      auto output = session_->on_tick(options_.clock());
      if (output && report_.level && options_.poll_every && since_poll >= *options_.poll_every) {
        since_poll = Duration{0};
        report_.level = false;
        output = session_->poll(options_.clock());
      }
      const bool level = report_.level;
      failed_ = take(std::move(output));
      report_.level = report_.level || level;
      stopped_ = options_.stop && options_.stop();
      if (!failed_ && !stopped_) continue;
      connection_.cut();
      break;
    }
    ticking_ = false;
  }

  Node& node_;
  const SyncOptions& options_;
  SyncReport& report_;
  Connection connection_;
  asio::steady_timer ticker_;
  sync::NodeSession* session_ = nullptr;
  std::optional<Error> failed_;
  bool ended_ = false, stopped_ = false, ticking_ = false, greeted_ = false;
  bool asked_ = false;  // To be enrolled, and answered.
  bool looked_ = false, wider_ = false;
};

asio::awaitable<SyncEnd> sync_sessions(Node& node, ServerAddress server, asio::io_context& io,
                                       SyncOptions options) {
  SyncEnd end;
  VerifyPool verifiers;
  std::uint64_t size_min = 0;  // So that the credential itself comes along.
  if (options.enrol) {
    Run run(node, io, server, options, end.report);
    sync::NodeSession::Options asking;
    asking.enrol = options.enrol;
    end.error = co_await run.session(std::move(asking));
    // Refused or waiting: there is nothing to synchronise yet.
    const bool approved = end.report.enrolment && !end.report.enrolment->waits;
    if (end.error || !approved) co_return end;
    end.report.level = false;
    if (end.report.enrolment->credential) size_min = end.report.enrolment->credential->index + 1;
  }
  int waits = options.enrol ? kNewCredentialWaitsMax : 0;
  for (int i = 0; i < kSessionsMax; ++i) {
    Run run(node, io, server, options, end.report);
    const bool last = i + 1 == kSessionsMax;
    sync::NodeSession::Options plain;
    plain.stay = options.poll_every.has_value();
    plain.size_min = size_min;
    if (options.photos) plain.blobs = &node.store();
    plain.verify_all = [&verifiers](auto events) { return verifiers.verify(events); };
    end.error = co_await run.session(std::move(plain));
    if (end.error || !end.report.level || end.report.trouble || last) break;
    if (!end.report.enrolled && waits > 0) {
      --waits;
      --i;
      end.report.level = false;
      SystemError ignored;
      asio::steady_timer timer(io, kNewCredentialWait);
      co_await timer.async_wait(into(ignored));
      continue;
    }
    auto wider = run.wider() ? Result<bool>(true) : node.widen(options.clock());
    if (!wider) end.error = wider.error();
    if (!wider || !*wider) break;
    end.report.level = false;
  }
  co_return end;
}
}  // namespace

void sync_once(Node& node, ServerAddress server, asio::io_context& io, SyncOptions options,
               std::function<void(SyncEnd)> done) {
  CHECK(options.clock);
  asio::co_spawn(io, sync_sessions(node, std::move(server), io, std::move(options)),
                 [done = std::move(done)](std::exception_ptr thrown, SyncEnd end) {
                   // Asio throws where memory or descriptors run out; all else is an error code.
                   if (thrown) end.error = Error{Errc::Io, "the network layer gave up"};
                   done(std::move(end));
                 });
}

SyncEnd sync_and_wait(Node& node, const ServerAddress& server, SyncOptions options) {
  asio::io_context io{1};
  SyncEnd out;
  sync_once(node, server, io, std::move(options), [&](SyncEnd end) { out = std::move(end); });
  io.run();
  return out;
}

Result<Digest> fetch_root_digest(const ServerAddress& server, Duration connect_timeout) {
  asio::io_context io{1};
  Result<Digest> out = Error{Errc::Io, to_text(server) + ": no greeting"};
  const auto greet = [&]() -> asio::awaitable<void> {
    SyncOptions options;
    options.connect_timeout = connect_timeout;
    Connection connection(io, server, options);
    Bytes hello;
    auto error = co_await connection.open();
    if (!error) error = co_await connection.read(hello);
    connection.cut();
    if (error) {
      out = *error;
    } else {
      out = root_digest_of_hello(hello);
    }
  };
  asio::co_spawn(io, greet, asio::detached);
  io.run();
  return out;
}
}  // namespace cunji::fieldnode
