#pragma once
// Carries requests of the reading interface from the socket thread to threads of its own and back,
// so that no question holds up sessions or the verifying of signatures.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>

#include "server/api/api.h"

namespace cunji::server {
class ApiRoute {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  // Belongs to the sockets' thread.
  explicit ApiRoute(std::unique_ptr<Api> api);
  ~ApiRoute();  // Waits for what is being answered.

  // Whether a request is for this interface.
  static bool is_for(const Request& request);
  // 503 when too many wait.
  boost::asio::awaitable<Response> answer(const Request& request);
  static Response too_large(unsigned version);  // 413: a body above kApiBodyBytesMax.
  // 429: more of one address than the server takes; come again after `wait_seconds`.
  static Response too_fast(unsigned version, unsigned wait_seconds);
  void show(ViewPtr view) { api_->show(std::move(view)); }

 private:
  std::unique_ptr<Api> api_;
  std::size_t waiting_ = 0;
  boost::asio::thread_pool pool_;
};
}  // namespace cunji::server
