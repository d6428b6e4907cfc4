#include "server/http/connection.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>

#include "protocol/sync.pb.h"
#include "shared/sync/limits.h"

namespace cunji::server {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

// A frame with the envelope that seals it.
static constexpr std::size_t kMessageBytesMax =
    sync::kFrameBytesMax + crypto::Channel::kOverheadBytes;

Connection::Connection(net::Line line, Peer peer, const Shared& shared)
    : stream_(std::move(line)),
      peer_(std::move(peer)),
      shared_(shared),
      session_(shared.system_key, shared.reader, shared.entropy, shared.clock.now()),
      opened_at_(std::chrono::steady_clock::now()) {}

asio::awaitable<void> Connection::run(Request request) {
  const auto self = shared_from_this();
  beast::get_lowest_layer(stream_)
      .expires_never();  // From here on the WebSocket has its own timers.
  stream_.set_option(
      websocket::stream_base::timeout{.handshake_timeout = shared_.gates.limits.hello,
                                      .idle_timeout = shared_.gates.limits.idle,
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
  while (!finishing_ && !closed_) {
    error_code error;
    co_await stream_.async_read(arriving_, asio::redirect_error(asio::use_awaitable, error));
    arriving_since_.reset();
    if (error || finishing_ || closed_) co_return;
    shared_.metrics.bytes_in += arriving_.size();
    const BytesView message(static_cast<const char*>(arriving_.data().data()), arriving_.size());
    carry_out(session_.on_message(message, shared_.clock.now()));
    arriving_.consume(arriving_.size());
    if (!closed_) meet_key();
    if (!closed_) co_await keep_pace();
  }
}

// Once the county knows the session's key, it counts as that key's.
void Connection::meet_key() {
  if (known_ || session_.key() == nullptr) return;
  if (shared_.reader.governance().find(*session_.key()) == nullptr) return;
  known_ = true;
  if (const auto oldest = shared_.gates.guests.know(peer_.guest, *session_.key()))
    shared_.end_session(*oldest);
}

// Who asks faster than we let one key ask is read later: the line itself makes him wait.
asio::awaitable<void> Connection::keep_pace() {
  if (session_.key() == nullptr) co_return;
  const Bytes key = session_.key()->str();
  while (const auto wait = shared_.gates.frames.take(key, std::chrono::steady_clock::now())) {
    asio::steady_timer pause(shared_.io, *wait);
    error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (finishing_ || closed_) co_return;
  }
}

void Connection::carry_out(Result<sync::ServerSession::Output> output) {
  if (closed_) return;
  if (!output) {
    shared_.operator_log.debug("session_ended", "会话因错中止 / a session ended with an error",
                               {{"why", output.error()}});
    return close(ClosedReason::Session);
  }
  send(std::move(output->send));
  if (output->pushed) verify(std::move(*output->pushed));
  if (output->enrol) ask(std::move(*output->enrol));
  if (output->blob_offer) take_offer(std::move(*output->blob_offer));
  if (output->blob_chunk) take_chunk(std::move(*output->blob_chunk));
  if (output->waits_for_size) {
    waits_for_size_ = output->waits_for_size;
    waits_until_ = std::chrono::steady_clock::now() + sync::kPollWait;
    on_view();
  }
}

// What can't be verified within this sender's share, or is sent by one whose events were refused by
// the thousand, comes later; that costs us next to nothing.
void Connection::verify(sync::ServerSession::PushedBatch pushed) {
  const auto push = std::make_shared<Push>();
  push->id = pushed.push_id;
  push->arrived = std::chrono::steady_clock::now();
  push->published = shared_.reader.checkpoint().size;
  push->batch->sender = *session_.key();
  for (event::Event& event : pushed.events)
    push->batch->events.push_back({std::move(event), std::nullopt});
  if (shared_.gates.refused_events.look(push->batch->sender.view(), push->arrived))
    return put_off(*push, LaterReason::SenderRate,
                   "被拒记录过多，稍后再传 / too much of what came from this key was refused; "
                   "come again later");
  const bool taken = shared_.verifier.check(push->batch, [self = shared_from_this(), push] {
    push->verified = true;
    self->hand_over_verified();
  });
  if (!taken) return put_off(*push, LaterReason::Queue, kBusyReason);
  verifying_.push_back(push);
}

void Connection::put_off(const Push& push, LaterReason why, const std::string& reason) {
  shared_.metrics.count_later(why, push.batch->events.size());
  shared_.gates.frames.charge(push.batch->sender.view(), kPutOffFrames, push.arrived);
  carry_out(session_.on_results(push.id, all_later(*push.batch, reason), shared_.clock.now()));
}

// The writer gets a connection's pushes in the order they came, else chains would seem to have
// gaps.
void Connection::hand_over_verified() {
  while (!verifying_.empty() && verifying_.front()->verified) {
    const auto push = verifying_.front();
    verifying_.pop_front();
    shared_.writer.push(
        std::move(*push->batch), [self = shared_from_this(), push](auto outcomes) mutable {
          auto& io =
              self->shared_.io;  // The reference goes along: a connection ends on its own thread.
          asio::post(io, [self = std::move(self), push = std::move(push),
                          outcomes = std::move(outcomes)]() mutable {
            self->answer(*push, std::move(outcomes));
          });
        });
  }
}

// What was refused through no fault of ours, or logged long ago, is charged to the sender.
void Connection::answer(const Push& push, std::vector<sync::EventOutcome> outcomes) {
  const auto now = std::chrono::steady_clock::now();
  const auto for_nothing = std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& each) {
    using Status = sync::EventOutcome::Status;
    const bool ours = each.refusal == proto::REFUSAL_CODE_LATER && each.reason != kQuotaReason;
    if (each.status == Status::Logged) return each.index < push.published;
    return each.status == Status::Parked || (each.status == Status::Refused && !ours);
  });
  if (for_nothing > 0)
    shared_.gates.refused_events.charge(session_.key()->view(), static_cast<double>(for_nothing),
                                        now);
  carry_out(session_.on_results(push.id, std::move(outcomes), shared_.clock.now()));
  shared_.metrics.acknowledgement.add(now - push.arrived);
}

void Connection::ask(sync::ServerSession::EnrolmentAsk ask) {
  if (!shared_.gates.may_enrol(ask.code_id, peer_.address, std::chrono::steady_clock::now())) {
    ++shared_.metrics.enrolments_later;
    return carry_out(session_.on_enrolment(
        Error{Errc::Limit, "入网请求过多，稍后再试 / too many ask to be enrolled; try again later"},
        shared_.clock.now()));
  }
  shared_.writer.enrol(std::move(ask), [self = shared_from_this()](auto outcome) mutable {
    auto& io = self->shared_.io;
    asio::post(io, [self = std::move(self), outcome = std::move(outcome)]() mutable {
      self->carry_out(self->session_.on_enrolment(std::move(outcome), self->shared_.clock.now()));
    });
  });
}

void Connection::take_offer(std::vector<sync::BlobName> names) {
  const credential::KeyStatus* status = shared_.reader.governance().find(*session_.key());
  const bool in_good_order = status && !status->frozen_at && !status->compromised_at;
  shared_.blobs.offer({*session_.key(), in_good_order, std::move(names)},
                      [self = shared_from_this()](auto answers) mutable {
                        auto& io = self->shared_.io;
                        asio::post(io, [self = std::move(self), answers = std::move(answers)] {
                          self->carry_out(self->session_.on_blob_answers(answers));
                        });
                      });
}

void Connection::take_chunk(sync::BlobChunk chunk) {
  shared_.blobs.chunk({*session_.key(), std::move(chunk)},
                      [self = shared_from_this()](auto answer) mutable {
                        auto& io = self->shared_.io;
                        asio::post(io, [self = std::move(self), answer = std::move(answer)] {
                          self->carry_out(self->session_.on_chunk_answer(answer));
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
  if (closed_) return;
  // By the machine's clock: a test county's jumps.
  const HttpLimits& limits = shared_.gates.limits;
  if (session_.key() == nullptr && now > opened_at_ + limits.hello)
    return close(ClosedReason::HelloTimeout);
  if (!known_ && now > opened_at_ + limits.stranger) {
    meet_key();  // Enrolled meanwhile, perhaps.
    if (!known_) return close(ClosedReason::StrangerTimeout);
  }
  if (arriving_.size() == 0) return;
  if (!arriving_since_) arriving_since_ = now;
  if (now > *arriving_since_ + limits.frame) close(ClosedReason::FrameTimeout);
}

void Connection::send(std::vector<Bytes> frames) {
  for (Bytes& frame : frames) {
    sending_bytes_ += frame.size();
    shared_.metrics.bytes_out += frame.size();
    sending_.push_back(std::move(frame));
  }
  if (sending_bytes_ > shared_.gates.limits.send_queue_bytes)
    return close(ClosedReason::SlowReader);  // It reads too slowly.
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
  if (error) end();
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

// After an error nothing more is said (server_session.h).
void Connection::close(ClosedReason reason) {
  if (!closed_) shared_.metrics.count_closed(reason);
  end();
}

void Connection::end() {
  closed_ = true;
  beast::get_lowest_layer(stream_).cancel();
  error_code ignored;
  beast::get_lowest_layer(stream_).socket().close(ignored);
}
}  // namespace cunji::server
