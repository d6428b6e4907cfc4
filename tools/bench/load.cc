#include "tools/bench/load.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <map>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/crypto/hash.h"
#include "shared/crypto/system_entropy.h"
#include "shared/sync/batch.h"
#include "shared/sync/blob.h"
#include "shared/sync/handshake.h"
#include "shared/sync/limits.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

std::vector<Bytes> framed(std::span<const event::Event> events, std::size_t batch_events) {
  std::vector<Bytes> out;
  while (!events.empty()) {
    const std::size_t count = std::min(batch_events, events.size());
    proto::NodeFrame frame;
    frame.mutable_push()->set_id(out.size() + 1);
    frame.mutable_push()->set_batch(sync::encode_batch(events.first(count)));
    out.push_back(frame.SerializeAsString());
    events = events.subspan(count);
  }
  return out;
}

namespace {
class Connection {
 public:
  Connection(asio::io_context& io, std::uint16_t port, const Pusher& pusher, std::size_t in_flight,
             double begun, LoadResult& result)
      : stream_(io),
        timer_(io),
        port_(port),
        pusher_(pusher),
        in_flight_(in_flight),
        begun_(begun),
        result_(result) {}

  // Until the server throws us out.
  asio::awaitable<void> flood(const Flooder& flooder) {
    co_await open();
    std::uint64_t id = 0;
    for (std::size_t under_way = 0; !failure_;) {
      while (!failure_ && under_way < in_flight_) {
        proto::NodeFrame frame;
        frame.mutable_push()->set_id(++id);
        frame.mutable_push()->set_batch(flooder.batches[id % flooder.batches.size()]);
        co_await write(channel_->seal(frame.SerializeAsString()));
        ++under_way;
      }
      if (failure_) break;
      const Bytes sealed = co_await read();
      if (failure_) break;
      const auto opened = channel_->open(sealed);
      proto::ServerFrame frame;
      if (!opened || !frame.ParseFromString(*opened)) break;
      --under_way;
      for (const proto::EventResult& each : frame.ack().results()) {
        const bool later = each.refusal().code() == proto::REFUSAL_CODE_LATER;
        const bool logged = each.status() == proto::EventResult::STATUS_LOGGED;
        ++(logged ? result_.flood.logged : later ? result_.flood.later : result_.flood.refused);
      }
      if (flooder.garbage) co_await write(entropy_.next<Digest>().str());
    }
    ++result_.flood.thrown_out;
  }

  asio::awaitable<void> run() {
    const auto wait = std::chrono::duration<double>(pusher_.starts_after);
    timer_.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(wait));
    error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_await open();
    if (!failure_) co_await push();
    if (!failure_ && !pusher_.photos.empty()) co_await send_photos();
    error_code closing;
    beast::get_lowest_layer(stream_).socket().close(closing);
  }
  const std::string& failure() const { return *failure_; }
  bool failed() const { return failure_.has_value(); }

 private:
  asio::awaitable<void> open() {
    const tcp::endpoint server(asio::ip::address_v4::loopback(), port_);
    error_code error;
    auto& socket = beast::get_lowest_layer(stream_);
    co_await socket.async_connect(server, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail("connect: " + error.message());
    socket.expires_never();
    socket.socket().set_option(tcp::no_delay(true), error);
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.read_message_max(2 * sync::kFrameBytesMax);
    co_await stream_.async_handshake("127.0.0.1", "/sync",
                                     asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return fail("WebSocket: " + error.message());
    co_await handshake();
  }

  // As shared/sync/node_session does it, but whatever the server proves is taken on trust.
  asio::awaitable<void> handshake() {
    const Bytes server_hello = co_await read();
    if (failure_) co_return;
    const crypto::BoxPair ephemeral = crypto::generate_box_pair(entropy_);
    proto::NodeHelloContent content;
    content.set_version(sync::kSessionVersion);
    content.set_nonce(entropy_.next<sync::Nonce>().str());
    content.set_key(pusher_.key.public_key().str());
    content.set_ephemeral(ephemeral.public_key.str());
    content.mutable_offer()->set_trusted_size(0);
    proto::NodeHello hello;
    hello.set_content(content.SerializeAsString());
    hello.set_signature(
        pusher_.key.sign(sync::node_signing_input(server_hello, hello.content())).str());
    const Bytes node_hello = hello.SerializeAsString();
    co_await write(node_hello);
    const Bytes server_answer = co_await read();
    proto::ServerAnswer answer;
    proto::ServerAnswerContent said;
    if (failure_ || !answer.ParseFromString(server_answer) ||
        !said.ParseFromString(answer.content()))
      co_return fail("handshake");
    const auto peer = crypto::BoxPublic::from(said.ephemeral());
    if (!peer) co_return fail("handshake");
    auto channel =
        crypto::Channel::agree(crypto::Channel::Role::Node, ephemeral, *peer,
                               sync::transcript_of(server_hello, node_hello, server_answer));
    if (!channel) co_return fail(channel.error().what);
    channel_.emplace(std::move(*channel));
  }

  asio::awaitable<void> push() {
    std::size_t sent = 0;
    while (!failure_ && result_of_pushes_ < pusher_.frames.size()) {
      while (!failure_ && sent < pusher_.frames.size() && sent_at_.size() < in_flight_) {
        sent_at_.push_back(now_seconds());
        co_await write(channel_->seal(pusher_.frames[sent++]));
      }
      if (!failure_) co_await take_answer();
    }
  }

  asio::awaitable<void> take_answer() {
    const Bytes sealed = co_await read();
    if (failure_) co_return;
    const auto opened = channel_->open(sealed);
    proto::ServerFrame frame;
    if (!opened || !frame.ParseFromString(*opened) || !frame.has_ack())
      co_return fail("no acknowledgement: " + frame.ShortDebugString());
    result_.answer_seconds.push_back(now_seconds() - sent_at_.front());
    sent_at_.pop_front();
    ++result_of_pushes_;
    for (const proto::EventResult& each : frame.ack().results()) {
      const bool logged = each.status() == proto::EventResult::STATUS_LOGGED && each.verdict() == 0;
      ++(logged ? result_.logged : result_.not_logged);
    }
    result_.seconds = now_seconds() - begun_;
  }

  // As a node does it: an offer, then chunk after chunk with two under way.
  asio::awaitable<void> send_photos() {
    std::map<Bytes, Bytes> photos;  // By digest.
    proto::NodeFrame offer;
    for (const std::uint64_t number : pusher_.photos) {
      Bytes photo = made_up_photo(number);
      proto::BlobName& name = *offer.mutable_blob_offer()->add_blobs();
      name.set_digest(crypto::sha256(photo).str());
      name.set_size(static_cast<std::uint32_t>(photo.size()));
      photos.emplace(name.digest(), std::move(photo));
    }
    co_await write(channel_->seal(offer.SerializeAsString()));
    const proto::ServerFrame answer = co_await read_frame();
    if (failure_) co_return;
    for (const proto::BlobState& state : answer.blob_answer().blobs()) {
      if (state.standing() != proto::BLOB_STANDING_WANTED)
        co_return fail("a photo is not wanted: " + state.reason());
    }
    for (const auto& [digest, photo] : photos) {
      if (!failure_) co_await send_photo(digest, photo);
    }
  }

  asio::awaitable<void> send_photo(const Bytes& digest, const Bytes& photo) {
    const double begun = now_seconds();
    const std::uint32_t chunks = sync::chunks_of(static_cast<std::uint32_t>(photo.size()));
    proto::ServerFrame answer;
    for (std::uint32_t sent = 0, taken = 0; taken < chunks && !failure_; ++taken) {
      for (; sent < chunks && sent < taken + sync::kChunksInFlightMax; ++sent) {
        proto::NodeFrame frame;
        frame.mutable_blob_chunk()->set_digest(digest);
        frame.mutable_blob_chunk()->set_number(sent);
        frame.mutable_blob_chunk()->set_content(
            photo.substr(sent * sync::kBlobChunkBytes, sync::kBlobChunkBytes));
        co_await write(channel_->seal(frame.SerializeAsString()));
      }
      answer = co_await read_frame();
    }
    if (failure_) co_return;
    if (answer.chunk_ack().standing() != proto::BLOB_STANDING_HELD)
      co_return fail("a photo is not held: " + answer.chunk_ack().reason());
    result_.photo_seconds.push_back(now_seconds() - begun);
    ++result_.photos;
    result_.photo_bytes += photo.size();
    result_.seconds = now_seconds() - begun_;
  }

  asio::awaitable<proto::ServerFrame> read_frame() {
    const Bytes sealed = co_await read();
    proto::ServerFrame out;
    if (failure_) co_return out;
    const auto opened = channel_->open(sealed);
    if (!opened || !out.ParseFromString(*opened)) fail("a frame that does not open");
    co_return out;
  }

  asio::awaitable<Bytes> read() {
    beast::flat_buffer buffer;
    error_code error;
    co_await stream_.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error) fail("the line broke: " + error.message());
    co_return Bytes(static_cast<const char*>(buffer.data().data()), buffer.size());
  }
  asio::awaitable<void> write(const Bytes& message) {
    error_code error;
    co_await stream_.async_write(asio::buffer(message),
                                 asio::redirect_error(asio::use_awaitable, error));
    if (error) fail("the line broke: " + error.message());
  }
  void fail(std::string why) {
    if (!failure_) failure_ = std::move(why);
  }

  beast::websocket::stream<beast::tcp_stream> stream_;
  asio::steady_timer timer_;
  std::uint16_t port_;
  const Pusher& pusher_;
  std::size_t in_flight_;
  double begun_;
  LoadResult& result_;
  crypto::SystemEntropy entropy_;
  std::optional<crypto::Channel> channel_;
  std::deque<double> sent_at_;
  std::size_t result_of_pushes_ = 0;
  std::optional<std::string> failure_;
};
}  // namespace

static asio::awaitable<void> flood_on(asio::io_context& io, std::uint16_t port,
                                      const Flooder& flooder, LoadResult& result) {
  static constexpr std::chrono::milliseconds kPause{20};  // Else it would be our own CPU's flood.
  const Pusher pusher{.key = flooder.key, .frames = {}};
  for (;;) {
    {
      Connection connection(io, port, pusher, sync::kPushesInFlightMax, now_seconds(), result);
      co_await connection.flood(flooder);
    }
    asio::steady_timer pause(io, kPause);
    error_code ignored;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

Result<LoadResult> push_all(std::uint16_t port, const std::vector<Pusher>& pushers,
                            std::size_t in_flight, const std::vector<Flooder>& flooders) {
  asio::io_context io{1};
  LoadResult out;
  std::deque<Connection> connections;
  const double begun = now_seconds();
  std::size_t left = pushers.size();
  for (const Pusher& pusher : pushers) {
    connections.emplace_back(io, port, pusher, in_flight, begun, out);
    asio::co_spawn(io, connections.back().run(), [&](std::exception_ptr thrown) {
      CHECK(thrown == nullptr);  // Asio throws where memory or descriptors run out.
      if (--left == 0) io.stop();
    });
  }
  for (const Flooder& flooder : flooders) {
    for (std::size_t i = 0; i < flooder.connections; ++i)
      asio::co_spawn(io, flood_on(io, port, flooder, out),
                     [](std::exception_ptr thrown) { CHECK(thrown == nullptr); });
  }
  io.run();
  for (const Connection& connection : connections) {
    if (connection.failed()) return Error{Errc::Io, "load: " + connection.failure()};
  }
  return out;
}
}  // namespace cunji::bench
