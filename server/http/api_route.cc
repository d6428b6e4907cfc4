#include "server/http/api_route.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/api/limits.h"

namespace cunji::server {
namespace asio = boost::asio;
namespace http = boost::beast::http;

ApiRoute::ApiRoute(std::unique_ptr<Api> api) : api_(std::move(api)), pool_(kApiThreads) {}

ApiRoute::~ApiRoute() { pool_.join(); }

bool ApiRoute::is_for(const Request& request) {
  const auto target = request.target();
  return std::string_view(target.data(), target.size()).starts_with(kApiPrefix);
}

static ApiRoute::Response response_of(ApiAnswer answer, unsigned version) {
  ApiRoute::Response out{http::int_to_status(answer.status), version};
  out.set(http::field::content_type, answer.content_type);
  out.set("X-Content-Type-Options", "nosniff");  // A photo is what we say it is, or bytes.
  out.set(http::field::cache_control, "no-store");
  if (answer.retry_after) out.set(http::field::retry_after, std::to_string(*answer.retry_after));
  if (!answer.allow.empty()) out.set(http::field::allow, answer.allow);
  if (answer.status == 401) out.set(http::field::www_authenticate, "Bearer");
  out.body() = std::move(answer.body);
  out.prepare_payload();
  return out;
}

static ApiRoute::Response too_many(unsigned version) {
  return response_of(
      answer_of(busy("查阅请求过多，请稍后再试", "too many questions at once: try again")),
      version);
}

static ApiRequest request_of(const ApiRoute::Request& request) {
  const auto text = [](auto view) { return std::string(view.data(), view.size()); };
  return {.method = text(request.method_string()),
          .target = text(request.target()),
          .authorization = text(request[http::field::authorization]),
          .body = request.body()};
}

// In coroutines no aggregate is built inside co_await or co_return: GCC 12 destroys it twice.
asio::awaitable<ApiRoute::Response> ApiRoute::answer(const Request& request) {
  const unsigned version = request.version();
  if (waiting_ >= kApiWaitingMax) co_return too_many(version);
  ++waiting_;
  // There and back again: co_spawn resumes this coroutine on its own executor, that of the sockets.
  auto work = [this, asked = request_of(request)]() -> asio::awaitable<ApiAnswer> {
    co_return api_->answer(asked);
  };
  ApiAnswer answer = co_await asio::co_spawn(pool_, std::move(work), asio::use_awaitable);
  --waiting_;
  co_return response_of(std::move(answer), version);
}

ApiRoute::Response ApiRoute::too_large(unsigned version) {
  return response_of(answer_of({.status = 413,
                                .code = "too_large",
                                .zh = "请求内容过大",
                                .en = "the body of a request is at most " +
                                      std::to_string(kApiBodyBytesMax) + " bytes"}),
                     version);
}

ApiRoute::Response ApiRoute::too_fast(unsigned version, unsigned wait_seconds) {
  return response_of(answer_of({.status = 429,
                                .code = "too_many_requests",
                                .zh = "请求过多，请稍后再试",
                                .en = "too many requests from this address: try again later",
                                .retry_after = wait_seconds}),
                     version);
}
}  // namespace cunji::server
