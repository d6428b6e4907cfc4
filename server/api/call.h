#pragma once
// One request on its way: what its handler asks of, and what it leaves behind for the access log.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/api/past_states.h"
#include "server/api/problem.h"
#include "server/api/query.h"
#include "server/api/read_scope.h"
#include "server/api/read_sessions.h"
#include "server/app/keeper.h"
#include "server/app/shared_fold.h"

namespace google::protobuf {
class Message;
}
namespace cunji::api {
class Basis;
}

namespace cunji::server {
// A whole attachment; nothing where the county does not hold it. As read_blob() of
// server/app/blob_store.h.
using ReadBlob = std::function<Result<std::optional<Bytes>>(const Digest&)>;

// As of when, and about which day (D13).
struct Times {
  std::optional<std::uint64_t> size;  // Of the log; nothing: as it is now.
  Date valid_at{};
};

struct Call {
  // --- What is asked.
  Query query;
  std::vector<std::string> path_values;  // For each {…} of the route.
  std::string body, token;
  // --- Who asks, where the route wants to know.
  PublicKey key;
  std::vector<const credential::Grant*> standing;  // Owned by `view`.
  std::optional<ReadScope> scope;
  // --- From what it is answered.
  ViewPtr view;
  const log::EventLog& log;
  const ReadBlob& read_blob;
  const SharedFold& fold;
  PastStates& past;
  ReadSessions& sessions;
  CountyCode county;
  TimePoint now{};    // The county's clock.
  Duration uptime{};  // A clock that only goes forward.
  // --- What was shown: for the access log.
  std::set<SubjectId> shown;
  std::uint64_t known_at = 0;
  Date valid_at{};
  // --- What the answer's bytes are.
  std::string content_type = "application/json";

  Date today() const { return date_of(now); }

  // `known_at` and `valid_at` of the request.
  Outcome<Times> take_times();
  // Divisions to look in: those of the scope within the parameter `division`. 403 outside.
  Outcome<std::vector<std::string>> take_prefixes(std::string& wanted);

  // Looks at the state that the times name, for no longer than the answer needs: the newest one
  // holds up the writer meanwhile. Gives the basis of the answer.
  Outcome<api::Basis> look(const Times& times,
                           const std::function<void(const state::State&)>& with);
  // The basis for an answer made from the first `size` entries.
  Outcome<api::Basis> basis(std::uint64_t size, Date about);
};

// A page of rows that are ordered by (key, id): those after the cursor, at most `limit`.
struct RowPlace {
  std::string key;
  SubjectId id;
  auto operator<=>(const RowPlace&) const = default;
};
// The cursor names `order`, so that one of another order is refused.
std::string cursor_of(const std::string& order, const RowPlace& place);
Outcome<std::optional<RowPlace>> take_cursor(Query& query, const std::string& order);
// A cursor that is a place in the log.
std::string cursor_of(std::uint64_t index);
Outcome<std::uint64_t> take_index_cursor(Query& query);

// A message in protobuf's JSON mapping, all fields but absent messages, a newline after it.
Outcome<std::string> json_of(const google::protobuf::Message& message);
}  // namespace cunji::server
