#include "server/api/api.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "protocol/api.pb.h"
#include "server/api/call.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"

namespace cunji::server {
namespace {
enum class Access {
  Public,   // Anyone.
  Session,  // Whoever has a session: what is shown depends on the scope.
  Scope,    // Whoever may read of households at all.
};
struct Route {
  std::string_view method, path;
  Access access;
  Outcome<std::string> (*handler)(Call&);
};
// All there is. `protocol/openapi.yaml` has the same paths, held by a test.
constexpr Route kRoutes[] = {
    {"POST", "/api/v1/challenges", Access::Public, make_challenge},
    {"POST", "/api/v1/sessions", Access::Public, open_session},
    {"GET", "/api/v1/sessions/current", Access::Session, show_session},
    {"DELETE", "/api/v1/sessions/current", Access::Session, close_session},
    {"GET", "/api/v1/checkpoint", Access::Public, show_checkpoint},
    {"GET", "/api/v1/proofs/inclusion", Access::Public, prove_inclusion},
    {"GET", "/api/v1/proofs/consistency", Access::Public, prove_consistency},
    {"GET", "/api/v1/state", Access::Session, show_state_digest},
    {"GET", "/api/v1/divisions", Access::Scope, list_divisions},
    {"GET", "/api/v1/coordinators", Access::Scope, list_coordinators},
    {"GET", "/api/v1/households", Access::Scope, list_households},
    {"GET", "/api/v1/households/{id}", Access::Scope, show_household},
    {"GET", "/api/v1/households/{id}/timeline", Access::Scope, list_timeline},
    {"GET", "/api/v1/due", Access::Scope, list_due},
    {"GET", "/api/v1/progress", Access::Scope, show_progress},
    {"GET", "/api/v1/warnings", Access::Scope, list_warnings},
    {"GET", "/api/v1/events", Access::Session, list_events},
    {"GET", "/api/v1/events/{event}", Access::Session, show_event},
    {"GET", "/api/v1/entries", Access::Session, list_entries},
    {"GET", "/api/v1/blobs/{digest}", Access::Session, show_blob},
};

// The values for the route's {…}, if the path is one of the route's.
std::optional<std::vector<std::string>> match(std::string_view route, std::string_view path) {
  std::vector<std::string> values;
  while (true) {
    const std::size_t route_end = route.find('/'), path_end = path.find('/');
    const std::string_view expected = route.substr(0, route_end), got = path.substr(0, path_end);
    if (expected.starts_with('{')) {
      if (got.empty()) return std::nullopt;
      values.emplace_back(got);
    } else if (expected != got) {
      return std::nullopt;
    }
    const bool ends = route_end == std::string_view::npos;
    if (ends != (path_end == std::string_view::npos)) return std::nullopt;
    if (ends) return values;
    route.remove_prefix(route_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> values;
  std::string allow;  // Methods of the path.
};
Found find_route(std::string_view method, std::string_view path) {
  Found out;
  for (const Route& route : kRoutes) {
    const auto values = match(route.path, path);
    if (!values) continue;
    out.allow += (out.allow.empty() ? "" : ", ") + std::string(route.method);
    if (route.method != method) continue;
    out.route = &route;
    out.values = *values;
  }
  return out;
}

Problem no_session(const std::string& zh, const std::string& en) {
  return {.status = 401, .code = "no_session", .zh = zh, .en = en};
}

constexpr std::string_view kBearer = "Bearer ";
}  // namespace

ApiAnswer answer_of(const Problem& problem) {
  api::Failure out;
  out.mutable_error()->set_code(problem.code);
  out.mutable_error()->set_zh(problem.zh);
  out.mutable_error()->set_en(problem.en);
  auto json = json_of(out);
  return {.status = problem.status,
          .body = json ? std::move(*json) : std::string("{}\n"),
          .retry_after = problem.retry_after};
}

Duration Api::steady_uptime() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

Result<std::unique_ptr<Api>> Api::open(Options options, std::shared_ptr<const SharedFold> fold,
                                       ViewPtr view, std::shared_ptr<Clock> clock,
                                       Entropy& entropy) {
  for (const std::string& origin : options.origins) TRY(credential::check_web_origin(origin));
  TRY_AS(access, AccessLog::open(options.access_log));
  return std::unique_ptr<Api>(new Api(std::move(options), std::move(fold), std::move(view),
                                      std::move(clock), entropy, std::move(access)));
}

Api::Api(Options options, std::shared_ptr<const SharedFold> fold, ViewPtr view,
         std::shared_ptr<Clock> clock, Entropy& entropy, std::unique_ptr<AccessLog> access)
    : options_(std::move(options)),
      fold_(std::move(fold)),
      clock_(std::move(clock)),
      access_(std::move(access)),
      sessions_(entropy),
      view_(std::move(view)) {
  sessions_.set_origins(options_.origins);
}

void Api::show(ViewPtr view) {
  bool erased = false;
  {
    const std::lock_guard guard(mutex_);
    erased = view_->erasures != view->erasures;
    view_ = std::move(view);
  }
  // The log's bodies are gone by now: what is made from here on is made without them, and what is
  // being made meanwhile is not kept.
  if (erased) past_.forget_all();
}

Outcome<std::unique_ptr<log::EventLog>> Api::borrow_log() {
  {
    const std::lock_guard guard(mutex_);
    if (!idle_logs_.empty()) {
      auto out = std::move(idle_logs_.back());
      idle_logs_.pop_back();
      return out;
    }
  }
  TRY_AS(log, options_.open_log());
  return std::move(log);
}

void Api::give_back(std::unique_ptr<log::EventLog> log) {
  const std::lock_guard guard(mutex_);
  if (idle_logs_.size() < kApiThreads) idle_logs_.push_back(std::move(log));
}

ApiAnswer Api::answer(const ApiRequest& request) {
  ApiAnswer out;
  auto done = carry_out(request, out);
  if (done) {
    out.body = std::move(*done);
    return out;
  }
  ApiAnswer failed = answer_of(done.error());
  failed.allow = out.allow;
  return failed;
}

// Who asks, and what he may read now: the newest governance decides, with each request (D18).
Outcome<void> Api::let_in(Call& call, bool needs_scope) {
  const auto session = call.sessions.find(call.token, call.uptime);
  if (!session)
    return no_session("请先用密钥打开查阅会话，或会话已结束",
                      "open a reading session first: there is none, or it is over");
  call.key = session->key;
  call.standing = call.view->governance->standing(call.key, call.now);
  if (call.standing.empty()) {
    call.sessions.close(call.token);
    return Problem{.status = 403,
                   .code = "no_standing",
                   .zh = "授权已撤销或到期，会话已结束",
                   .en = "the credential was revoked or has expired: the session is over"};
  }
  call.scope.emplace(fold_->read(
      [&](const state::State& newest) { return ReadScope(call.standing, newest, call.today()); }));
  if (needs_scope && call.scope->empty())
    return Problem{.status = 403,
                   .code = "role_reads_nothing",
                   .zh = "此角色不查阅农户资料",
                   .en = "this role reads nothing of households"};
  return {};
}

Outcome<void> Api::keep_access(const Call& call) {
  if (call.shown.empty()) return {};
  AccessRecord record{.at = call.now,
                      .key = call.key,
                      .person = {},
                      .role = {},
                      .path = call.query.path(),
                      .query = call.query.text_for_log(),
                      .known_at = call.known_at,
                      .valid_at = call.valid_at,
                      .households = {call.shown.begin(), call.shown.end()}};
  for (const credential::Grant* grant : call.standing) {
    record.person = grant->person;
    record.role += (record.role.empty() ? "" : " ") + grant->role;
  }
  if (const auto kept = access_->append(record); !kept)
    return busy(
        "查阅记录无法写入，暂不提供农户资料",
        "the access log can't be written, so households are not shown: " + kept.error().what);
  return {};
}

Outcome<std::string> Api::carry_out(const ApiRequest& request, ApiAnswer& answer) {
  TRY_AS(query, Query::parse(request.target));
  const Found found = find_route(request.method, query.path());
  if (found.route == nullptr && found.allow.empty())
    return not_found("没有此地址", "there is nothing at this address");
  if (found.route == nullptr) {
    answer.allow = found.allow;
    return Problem{.status = 405,
                   .code = "method_not_allowed",
                   .zh = "只允许 " + found.allow,
                   .en = "only " + found.allow};
  }
  TRY_AS(log, borrow_log());
  struct Return {  // Whatever comes of it.
    Api& api;
    std::unique_ptr<log::EventLog> log;
    ~Return() { api.give_back(std::move(log)); }
  } borrowed{*this, std::move(log)};
  ViewPtr view;
  {
    const std::lock_guard guard(mutex_);
    view = view_;
  }
  const std::string_view bearer = request.authorization;
  Call call{.query = query,
            .path_values = found.values,
            .body = request.body,
            .token = bearer.starts_with(kBearer) ? std::string(bearer.substr(kBearer.size())) : "",
            .key = {},
            .standing = {},
            .scope = {},
            .view = std::move(view),
            .log = *borrowed.log,
            .read_blob = options_.read_blob,
            .fold = *fold_,
            .past = past_,
            .sessions = sessions_,
            .county = options_.county,
            .now = clock_->now(),
            .uptime = options_.uptime(),
            .shown = {}};
  past_.forget_old(call.uptime);
  if (found.route->access != Access::Public)
    TRY(let_in(call, found.route->access == Access::Scope));
  TRY_AS(body, found.route->handler(call));
  TRY(keep_access(call));
  answer.content_type = call.content_type;
  return std::move(body);
}
}  // namespace cunji::server
