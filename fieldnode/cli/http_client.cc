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

#include "fieldnode/sync_driver.h"
#include "shared/net/line.h"
#include "shared/net/tls.h"

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

// The handshake, and whether that is the county's server: the root's word on its key counts before
// the certificate.
static asio::awaitable<std::optional<Error>> begin_tls(net::Line& line, const HttpServer& server) {
  auto context = net::client_tls_context(server.authorities_file);
  if (!context) co_return context.error();
  auto& tls = line.begin_tls(**context);
  net::expect_host(tls.native_handle(), server.address.host);
  SystemError error;
  line.next_layer().expires_after(kHttpStepTimeout);
  co_await tls.async_handshake(asio::ssl::stream_base::client, into(error));
  if (error) co_return io_error(server.address, "TLS handshake", error);
  const auto shown = net::peer_certificate(tls.native_handle());
  if (!shown) co_return shown.error();
  const auto known = server.knows_key(shown->key);
  if (!known) co_return known.error();
  if (*known || shown->problem.empty()) co_return std::nullopt;
  // In coroutines no aggregate is built inside co_return: GCC 12 destroys it twice.
  Error failed{Errc::Forged, std::string(kCertificateError) + shown->problem};
  co_return failed;
}

static asio::awaitable<std::optional<Error>> exchange(asio::io_context& io,
                                                      const HttpServer& county,
                                                      http::request<http::string_body> request,
                                                      HttpAnswer& answer) {
  const ServerAddress& server = county.address;
  SystemError error;
  asio::ip::tcp::resolver resolver(io);
  const auto found =
      co_await resolver.async_resolve(server.host, std::to_string(server.port), into(error));
  if (error) co_return io_error(server, "name", error);
  net::Line line{beast::tcp_stream(io)};
  beast::tcp_stream& tcp = line.next_layer();
  tcp.expires_after(kHttpStepTimeout);
  co_await tcp.async_connect(found, into(error));
  if (error) co_return io_error(server, "connect", error);
  if (server.tls) {
    if (auto failed = co_await begin_tls(line, county)) co_return failed;
  }
  tcp.expires_after(kHttpStepTimeout);
  co_await http::async_write(line, request, into(error));
  if (error) co_return io_error(server, "request", error);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kHttpAnswerBytesMax);
  tcp.expires_after(kHttpStepTimeout);
  co_await http::async_read(line, buffer, parser, into(error));
  if (error) co_return io_error(server, "answer", error);
  answer.status = parser.get().result_int();
  answer.body = std::move(parser.get().body());
  co_return std::nullopt;
}

Result<HttpAnswer> http_request(const HttpServer& server, const std::string& method,
                                const std::string& target, const std::string& token,
                                const std::string& body) {
  constexpr unsigned kHttp11 = 11;
  http::request<http::string_body> request{http::string_to_verb(method), target, kHttp11};
  request.set(http::field::host, host_and_port(server.address));
  request.set(http::field::connection, "close");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  asio::io_context io{1};
  HttpAnswer answer;
  std::optional<Error> failed =
      Error{Errc::Io, to_text(server.address) + ": the network layer gave up"};
  asio::co_spawn(io, exchange(io, server, std::move(request), answer),
                 [&](std::exception_ptr thrown, std::optional<Error> error) {
                   if (!thrown) failed = std::move(error);
                 });
  io.run();
  if (failed) return *failed;
  return answer;
}
}  // namespace cunji::fieldnode::cli
