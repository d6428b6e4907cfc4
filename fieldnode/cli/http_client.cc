#include "fieldnode/cli/http_client.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace cunji::fieldnode::cli {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using SystemError = boost::system::error_code;

static asio::redirect_error_t<asio::use_awaitable_t<>> into(SystemError& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

static Error io_error(const ServerAddress& server, const char* step, const SystemError& error) {
  const bool slow = error == beast::error::timeout;
  return Error{slow ? Errc::Timeout : Errc::Io,
               to_text(server) + ": " + step + ": " + (slow ? "no answer" : error.message())};
}

static asio::awaitable<std::optional<Error>> exchange(asio::io_context& io, ServerAddress server,
                                                      http::request<http::string_body> request,
                                                      HttpAnswer& answer) {
  SystemError error;
  asio::ip::tcp::resolver resolver(io);
  const auto found =
      co_await resolver.async_resolve(server.host, std::to_string(server.port), into(error));
  if (error) co_return io_error(server, "name", error);
  beast::tcp_stream stream(io);
  stream.expires_after(kHttpStepTimeout);
  co_await stream.async_connect(found, into(error));
  if (error) co_return io_error(server, "connect", error);
  stream.expires_after(kHttpStepTimeout);
  co_await http::async_write(stream, request, into(error));
  if (error) co_return io_error(server, "request", error);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kHttpAnswerBytesMax);
  stream.expires_after(kHttpStepTimeout);
  co_await http::async_read(stream, buffer, parser, into(error));
  if (error) co_return io_error(server, "answer", error);
  answer.status = parser.get().result_int();
  answer.body = std::move(parser.get().body());
  co_return std::nullopt;
}

Result<HttpAnswer> http_request(const ServerAddress& server, const std::string& method,
                                const std::string& target, const std::string& token,
                                const std::string& body) {
  constexpr unsigned kHttp11 = 11;
  http::request<http::string_body> request{http::string_to_verb(method), target, kHttp11};
  request.set(http::field::host, to_text(server));
  request.set(http::field::connection, "close");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  asio::io_context io{1};
  HttpAnswer answer;
  std::optional<Error> failed = Error{Errc::Io, to_text(server) + ": the network layer gave up"};
  asio::co_spawn(io, exchange(io, server, std::move(request), answer),
                 [&](std::exception_ptr thrown, std::optional<Error> error) {
                   if (!thrown) failed = std::move(error);
                 });
  io.run();
  if (failed) return *failed;
  return answer;
}
}  // namespace cunji::fieldnode::cli
