#pragma once
// A TCP connection with or without TLS on it, as one type. Reads and writes go through one function
// each, whatever waits for them, so that TCP and TLS below are compiled once, in line.cc. Used like
// a beast::tcp_stream; timeouts are set on next_layer(), and hold for TLS as well. Its owner's
// thread only.
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <memory>
#include <utility>

namespace cunji::net {
class Line {
 public:
  using Tcp = boost::beast::tcp_stream;
  using Tls = boost::asio::ssl::stream<Tcp&>;
  using executor_type = Tcp::executor_type;

  explicit Line(Tcp tcp);
  Line(Line&& other) noexcept;
  ~Line();

  // From now on everything goes through TLS; first of all the handshake, by
  // `tls().async_handshake`. The context may be changed or let go of afterwards.
  Tls& begin_tls(boost::asio::ssl::context& context);
  bool has_tls() const;
  Tls& tls();  // has_tls() only.

  executor_type get_executor() noexcept { return next_layer().get_executor(); }
  Tcp& next_layer() noexcept;
  const Tcp& next_layer() const noexcept;

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, Signature>(
        [this, some = first_of<boost::asio::mutable_buffer>(buffers)](auto&& handler) {
          read_some(some, std::forward<decltype(handler)>(handler));
        },
        token);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, Signature>(
        [this, some = first_of<boost::asio::const_buffer>(buffers)](auto&& handler) {
          write_some(some, std::forward<decltype(handler)>(handler));
        },
        token);
  }

 private:
  // "Some" may be less than all: a WebSocket's frame is its head and one or two pieces.
  template <class Buffer>
  using Few = boost::container::static_vector<Buffer, 8>;
  using Signature = void(boost::system::error_code, std::size_t);
  using Handler = boost::asio::any_completion_handler<Signature>;

  template <class Buffer, class Buffers>
  static Few<Buffer> first_of(const Buffers& buffers) {
    Few<Buffer> out;
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at) {
      const Buffer buffer(*at);
      if (buffer.size() > 0 && out.size() < out.capacity()) out.push_back(buffer);
    }
    return out;
  }
  void read_some(const Few<boost::asio::mutable_buffer>& buffers, Handler handler);
  void write_some(const Few<boost::asio::const_buffer>& buffers, Handler handler);

  struct Parts;
  std::unique_ptr<Parts> parts_;  // Null once moved from.
};

// How a WebSocket ends its line: TCP only. That the end is meant is said by the WebSocket's own
// close frame; waiting for TLS's as well would give a silent peer one more thing to hold up.
template <class Handler>
void async_teardown(boost::beast::role_type role, Line& line, Handler&& handler) {
  using boost::beast::websocket::async_teardown;
  async_teardown(role, line.next_layer(), std::forward<Handler>(handler));
}
}  // namespace cunji::net
