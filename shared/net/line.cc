#include "shared/net/line.h"

#include <boost/asio/bind_executor.hpp>
#include <optional>

namespace cunji::net {
struct Line::Parts {
  explicit Parts(Tcp t) : tcp(std::move(t)) {}
  Tcp tcp;
  std::optional<Tls> tls;  // Refers to `tcp`, so the two stay in one place.
};

Line::Line(Tcp tcp) : parts_(std::make_unique<Parts>(std::move(tcp))) {}
Line::Line(Line&&) noexcept = default;
Line::~Line() = default;

Line::Tls& Line::begin_tls(boost::asio::ssl::context& context) {
  return parts_->tls.emplace(parts_->tcp, context);
}
bool Line::has_tls() const { return parts_->tls.has_value(); }
Line::Tls& Line::tls() { return *parts_->tls; }
Line::Tcp& Line::next_layer() noexcept { return parts_->tcp; }
const Line::Tcp& Line::next_layer() const noexcept { return parts_->tcp; }

// What waits runs where the stream does: there is one executor, its owner's.
void Line::read_some(const Few<boost::asio::mutable_buffer>& buffers, Handler handler) {
  auto then = boost::asio::bind_executor(get_executor(), std::move(handler));
  if (has_tls()) return parts_->tls->async_read_some(buffers, std::move(then));
  return parts_->tcp.async_read_some(buffers, std::move(then));
}
void Line::write_some(const Few<boost::asio::const_buffer>& buffers, Handler handler) {
  auto then = boost::asio::bind_executor(get_executor(), std::move(handler));
  if (has_tls()) return parts_->tls->async_write_some(buffers, std::move(then));
  return parts_->tcp.async_write_some(buffers, std::move(then));
}
}  // namespace cunji::net
