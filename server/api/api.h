#pragma once
// The reading interface (D18): read-only JSON over HTTP, for whoever proves an enrolled key. The
// sockets are http's; this takes a request and gives an answer, on whatever thread it is called.
// See server/README.md, "Reading".
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/access_log.h"
#include "server/api/past_states.h"
#include "server/api/read_sessions.h"
#include "server/app/clock.h"
#include "server/app/keeper.h"
#include "server/app/shared_fold.h"

namespace cunji::server {
// What both this interface and the sockets need to know of it.
inline constexpr std::string_view kApiPrefix = "/api/";

struct Call;  // call.h

struct ApiRequest {
  std::string method, target;
  std::string authorization;  // The header's value.
  std::string body;           // At most kApiBodyBytesMax.
};
struct ApiAnswer {
  unsigned status = 200;
  std::string body;                       // JSON, where content_type says nothing else.
  std::optional<unsigned> retry_after{};  // Seconds.
  std::string allow{};                    // With 405: the methods.
  std::string content_type = "application/json";
};
// A problem as it is answered: {"error": {code, zh, en}}.
ApiAnswer answer_of(const Problem& problem);

class Api {
 public:
  using OpenLog = std::function<Result<std::unique_ptr<log::EventLog>>()>;
  struct Options {
    CountyCode county;
    std::string access_log;  // Path.
    std::vector<std::string> origins;
    OpenLog open_log;  // A read-only connection more.
    // Any thread. As ReadBlob in call.h.
    std::function<Result<std::optional<Bytes>>(const Digest&)> read_blob;
    // A clock that only goes forward; tests turn it.
    std::function<Duration()> uptime = steady_uptime;
  };
  static Duration steady_uptime();

  // Errors of AccessLog::open(); Errc::Malformed for an origin that is none. `entropy` outlives it.
  static Result<std::unique_ptr<Api>> open(Options options, std::shared_ptr<const SharedFold> fold,
                                           ViewPtr view, std::shared_ptr<Clock> clock,
                                           Entropy& entropy);

  // --- Any thread.
  ApiAnswer answer(const ApiRequest& request);
  // From now on. Where it tells of a further erasure (D20), no state of the past is kept that was
  // made with what is deleted now.
  void show(ViewPtr view);
  std::size_t sessions() const { return sessions_.count(); }

 private:
  Api(Options options, std::shared_ptr<const SharedFold> fold, ViewPtr view,
      std::shared_ptr<Clock> clock, Entropy& entropy, std::unique_ptr<AccessLog> access);
  // Gives the body; puts what else the answer says into `answer`.
  Outcome<std::string> carry_out(const ApiRequest& request, ApiAnswer& answer);
  Outcome<void> let_in(Call& call, bool needs_scope);
  Outcome<void> keep_access(const Call& call);
  Outcome<std::unique_ptr<log::EventLog>> borrow_log();
  void give_back(std::unique_ptr<log::EventLog> log);

  Options options_;
  std::shared_ptr<const SharedFold> fold_;
  std::shared_ptr<Clock> clock_;
  std::unique_ptr<AccessLog> access_;
  ReadSessions sessions_;
  PastStates past_;

  std::mutex mutex_;  // Guards what follows.
  ViewPtr view_;
  std::vector<std::unique_ptr<log::EventLog>> idle_logs_;  // Connections for the next requests.
};
}  // namespace cunji::server
