#pragma once
// One HTTP request after another to the county's server, each over a connection of its own: what
// the `read` command needs, no more. Every step has a timeout, every answer a bound.
#include <functional>
#include <string>

#include "fieldnode/invitation.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace cunji::fieldnode::cli {
struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};
// Whom to ask, and what makes a server with TLS the county's.
struct HttpServer {
  ServerAddress address;
  std::string authorities_file;  // As SyncOptions has it.
  // Whether the root's statement names this TLS key; else the certificate has to verify.
  std::function<Result<bool>(const Digest& key)> knows_key;
};
// Larger answers are refused: a page of the reading interface is far smaller.
inline constexpr std::size_t kHttpAnswerBytesMax = 16'777'216;
// For each of: connection, TLS, request, answer. A state of the past is made while one waits.
inline constexpr Duration kHttpStepTimeout{30'000};

// `method` GET, POST or DELETE; `target` as it stands in the address; `token` of a reading session,
// or empty. Errc::Io and Errc::Timeout begin with the server's address;
// Errc::Forged for a certificate that can't be trusted: nothing was sent then.
Result<HttpAnswer> http_request(const HttpServer& server, const std::string& method,
                                const std::string& target, const std::string& token,
                                const std::string& body);
}  // namespace cunji::fieldnode::cli
