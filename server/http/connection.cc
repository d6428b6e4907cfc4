#include "server/http/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "shared/sync/limits.h"

namespace cunji::server {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

// A frame with the envelope that seals it.
static constexpr std::size_t kMessageBytesMax =
    sync::kFrameBytesMax + crypto::Channel::kOverheadBytes;

Connection::Connection(beast::tcp_stream stream, const Shared& shared)
    : stream_(std::move(stream)),
      shared_(shared),
      session_(shared.system_key, shared.reader, shared.entropy, shared.clock.now()),
      opened_at_(std::chrono::steady_clock::now()) {}

asio::awaitable<void> Connection::run(Request request) {
  const auto self = shared_from_this();
  stream_.next_layer().expires_never();  // From here on the WebSocket has its own timers.
  stream_.set_option(websocket::stream_base::timeout{.handshake_timeout = sync::kHandshakeTimeout,
                                                     .idle_timeout = kIdleTimeout,
                                                     .keep_alive_pings = true});
  stream_.read_message_max(kMessageBytesMax);
  stream_.binary(true);
  error_code error;
  co_await stream_.async_accept(request, asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    closed_ = true;
    co_return;
  }
  carry_out(session_.open());
  co_await read_all();
  closed_ = true;
}

asio::awaitable<void> Connection::read_all() {
  beast::flat_buffer buffer;
  while (!finishing_ && !closed_) {
    error_code error;
    co_await stream_.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error || finishing_ || closed_) co_return;
    const BytesView message(static_cast<const char*>(buffer.data().data()), buffer.size());
    carry_out(session_.on_message(message, shared_.clock.now()));
    buffer.consume(buffer.size());
  }
}

void Connection::carry_out(Result<sync::ServerSession::Output> output) {
  if (closed_) return;
  if (!output) return close();
  send(std::move(output->send));
  if (output->pushed) verify(std::move(*output->pushed));
  if (output->enrol) ask(std::move(*output->enrol));
  if (output->waits_for_size) {
    waits_for_size_ = output->waits_for_size;
    waits_until_ = std::chrono::steady_clock::now() + sync::kPollWait;
    on_view();
  }
}

// Spreads a batch over the pool. The tasks write to different events of it, so they need no lock;
// the last one's end is counted on the socket thread.
void Connection::verify(sync::ServerSession::PushedBatch pushed) {
  auto push = std::make_shared<Push>();
  push->id = pushed.push_id;
  push->batch.sender = *session_.key();
  for (event::Event& event : pushed.events)
    push->batch.events.push_back({std::move(event), std::nullopt});
  verifying_.push_back(push);
  const std::size_t events = push->batch.events.size();
  push->tasks_left = (events + kVerifyEvents - 1) / kVerifyEvents;
  if (push->tasks_left == 0) return hand_over_verified();
  for (std::size_t from = 0; from < events; from += kVerifyEvents) {
    asio::post(shared_.pool, [self = shared_from_this(), push, from, events] {
      const std::size_t to = std::min(events, from + kVerifyEvents);
      for (std::size_t i = from; i < to; ++i) {
        CheckedEvent& checked = push->batch.events[i];
        checked.refusal = check(checked.event, self->shared_.county);
      }
      asio::post(self->shared_.io, [self, push] {
        if (--push->tasks_left == 0) self->hand_over_verified();
      });
    });
  }
}

// The writer gets a connection's pushes in the order they came, else chains would seem to have
// gaps.
void Connection::hand_over_verified() {
  while (!verifying_.empty() && verifying_.front()->tasks_left == 0) {
    const auto push = verifying_.front();
    verifying_.pop_front();
    shared_.writer.push(
        std::move(push->batch), [self = shared_from_this(), id = push->id](auto outcomes) mutable {
          auto& io =
              self->shared_.io;  // The reference goes along: a connection ends on its own thread.
          asio::post(io, [self = std::move(self), id, outcomes = std::move(outcomes)]() mutable {
            self->carry_out(
                self->session_.on_results(id, std::move(outcomes), self->shared_.clock.now()));
          });
        });
  }
}

void Connection::ask(sync::ServerSession::EnrolmentAsk ask) {
  shared_.writer.enrol(std::move(ask), [self = shared_from_this()](auto outcome) mutable {
    auto& io = self->shared_.io;
    asio::post(io, [self = std::move(self), outcome = std::move(outcome)]() mutable {
      self->carry_out(self->session_.on_enrolment(std::move(outcome), self->shared_.clock.now()));
    });
  });
}

void Connection::on_view() {
  if (waits_for_size_ && shared_.reader.checkpoint().size >= *waits_for_size_) answer_poll();
}

void Connection::answer_poll() {
  // By the machine's clock, since a made-up one may stand still; the session is told that its time
  // is over.
  const bool over = std::chrono::steady_clock::now() > waits_until_;
  const Duration waited = over && shared_.clock.made_up() ? sync::kPollWait : Duration{0};
  waits_for_size_.reset();
  carry_out(session_.on_checkpoint(shared_.clock.now() + waited));
}

void Connection::on_tick() {
  const auto now = std::chrono::steady_clock::now();
  if (waits_for_size_ && now > waits_until_) answer_poll();
  // By the machine's clock: a test county's jumps.
  if (session_.key() == nullptr && now > opened_at_ + sync::kHandshakeTimeout) close();
}

void Connection::send(std::vector<Bytes> frames) {
  for (Bytes& frame : frames) {
    sending_bytes_ += frame.size();
    sending_.push_back(std::move(frame));
  }
  if (sending_bytes_ > kSendQueueBytesMax) return close();  // It reads too slowly.
  if (writing_ || sending_.empty()) return;
  writing_ = true;
  asio::co_spawn(
      shared_.io, [self = shared_from_this()] { return self->write_all(); }, asio::detached);
}

asio::awaitable<void> Connection::write_all() {
  error_code error;
  while (!error && !closed_ && !sending_.empty()) {
    const Bytes& frame = sending_.front();
    co_await stream_.async_write(asio::buffer(frame),
                                 asio::redirect_error(asio::use_awaitable, error));
    sending_bytes_ -= sending_.front().size();
    sending_.pop_front();
  }
  writing_ = false;
  if (error) close();
  if (!finishing_ || closed_) co_return;
  closed_ = true;
  co_await stream_.async_close(websocket::close_code::going_away,
                               asio::redirect_error(asio::use_awaitable, error));
}

void Connection::finish() {
  if (closed_ || finishing_) return;
  finishing_ = true;
  if (writing_) return;
  writing_ = true;
  asio::co_spawn(
      shared_.io, [self = shared_from_this()] { return self->write_all(); }, asio::detached);
}

// At once: after an error nothing more is said (server_session.h).
void Connection::close() {
  closed_ = true;
  beast::get_lowest_layer(stream_).cancel();
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
}
}  // namespace cunji::server
