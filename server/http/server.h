#pragma once
// The sockets: one thread accepts, speaks HTTP and WebSocket and runs all sessions; a pool verifies
// signatures on all cores; the writer makes events durable. See server/README.md, "Threads".
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/api/api.h"
#include "server/app/blob_desk.h"
#include "server/app/writer.h"
#include "server/http/gates.h"

namespace cunji::server {
struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8440;  // 0: any free one.
  // PEM files, both or neither: without them nothing is encrypted outside the sessions.
  std::string certificate_file = {}, private_key_file = {};
  std::string tls_statement_file = {};  // Need not exist.
  unsigned workers = 0;                 // Threads that verify signatures; 0: one a core.
  std::string folder = {};              // The county's: its disk is watched. Empty: not.
  // /metrics says how much is done here and when. Else it is for this machine alone.
  bool metrics_for_all = false;
  HttpLimits limits = {};
  OperatorLog operator_log = {};
  bool has_tls() const { return !certificate_file.empty(); }
};

// Errc::Malformed for an address that is none, for one beyond this machine without TLS, and for a
// certificate without its key or the other way round.
Result<void> check_options(const HttpOptions& options);
// Whether the address is every one of this machine, and so none that anybody could write down.
bool listens_everywhere(const HttpOptions& options);

class HttpServer {
 public:
  // Reads certificate and TLS statement, binds and listens. Errors as of check_options() and
  // load_certificate(); Errc::Forged for a statement that is not the root's. Errc::Io says which
  // address and why, Errc::Conflict for a port in use. `reader_log` is a read-only connection of
  // its own. All outlive run().
  static Result<std::unique_ptr<HttpServer>> open(const HttpOptions& options, Writer& writer,
                                                  BlobDesk& blobs, ViewPtr view,
                                                  const crypto::KeyPair& system_key,
                                                  CountyCode county,
                                                  std::unique_ptr<log::EventLog> reader_log,
                                                  std::shared_ptr<Clock> clock, Entropy& entropy);
  ~HttpServer();
  std::uint16_t port() const;
  // Answers /api/ by this. Before run().
  void serve_reading(std::unique_ptr<Api> api);

  // Serves until SIGTERM or SIGINT. At SIGHUP reads certificate, key and statement again (what does
  // not load leaves the old ones in use) and opens the log's file anew. Ends too when the writer
  // gives up: then the error. Stops gracefully: no new connections, the writer's queue emptied and
  // published, the last answers sent.
  Result<void> run();

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};
}  // namespace cunji::server
