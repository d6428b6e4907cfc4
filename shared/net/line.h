#pragma once
// A TCP connection with or without TLS on it, as one type, so that what is written above it (HTTP,
// WebSocket, sessions) is compiled once. Used like a beast::tcp_stream; timeouts are set on
// next_layer(), and hold for TLS as well. Its owner's thread only.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace cunji::net {
class Line {
 public:
  using Tcp = boost::beast::tcp_stream;
  using Tls = boost::asio::ssl::stream<Tcp&>;
  using executor_type = Tcp::executor_type;

  explicit Line(Tcp tcp) : parts_(std::make_unique<Parts>(std::move(tcp))) {}

  // From now on everything goes through TLS; first of all the handshake, by
  // `tls().async_handshake`. The context may be changed or let go of afterwards.
  Tls& begin_tls(boost::asio::ssl::context& context) {
    return parts_->tls.emplace(parts_->tcp, context);
  }
  bool has_tls() const { return parts_->tls.has_value(); }
  Tls& tls() { return *parts_->tls; }  // has_tls() only.

  executor_type get_executor() noexcept { return parts_->tcp.get_executor(); }
  Tcp& next_layer() noexcept { return parts_->tcp; }
  const Tcp& next_layer() const noexcept { return parts_->tcp; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (has_tls()) return parts_->tls->async_read_some(buffers, std::forward<Token>(token));
    return parts_->tcp.async_read_some(buffers, std::forward<Token>(token));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (has_tls()) return parts_->tls->async_write_some(buffers, std::forward<Token>(token));
    return parts_->tcp.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  struct Parts {
    explicit Parts(Tcp t) : tcp(std::move(t)) {}
    Tcp tcp;
    std::optional<Tls> tls;  // Refers to `tcp`, so the two stay in one place.
  };
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
