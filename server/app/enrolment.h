#pragma once
// Enrolment (design section 4, "Enrolment code"): codes, what a request with a code gets, and the
// requests that wait for a registrar who compares eight digits.
#include <optional>
#include <string>
#include <vector>

#include "server/app/folder.h"
#include "server/app/roles.h"
#include "shared/base/entropy.h"
#include "shared/event/event.h"
#include "shared/sync/server_session.h"

namespace cunji::server {
struct CodeOptions {
  std::string role = "coordinator";
  std::vector<std::string> divisions;  // Prefixes of 6, 9 or 12 digits within the county.
  std::vector<std::string> kinds;      // By name; empty: the role's.
  std::optional<PersonId> person;      // Nothing: a new one.
  std::string office;
  std::uint32_t days = 400;        // Of the credential: a year, and time to renew it.
  std::uint32_t valid_hours = 48;  // Of the code.
};
// Makes a code and keeps its key; gives the code, which is kept nowhere.
Result<std::string> add_code(store::SideStore& side, CountyCode county, const CodeOptions& options,
                             Entropy& entropy, TimePoint now);

// What the enrolment functions look at.
struct EnrolmentContext {
  const Folder& folder;
  const log::EventLog& log;
  store::SideStore& side;
  const credential::Governance& governance;
};

// Either an outcome that can be told, or the credential to sign first.
struct EnrolmentDecision {
  sync::EnrolmentOutcome outcome;
  std::optional<event::Draft> credential;
};
// Errc::Forged: the code is unknown, expired, used by another, or does not authenticate the
// request; Errc::Malformed: the request. The same request again gets the same answer.
Result<EnrolmentDecision> decide_enrolment(const EnrolmentContext& context,
                                           const sync::ServerSession::EnrolmentAsk& ask,
                                           TimePoint now);

// The credential of a request, if one is logged for its key and enrolment. `waits` when its second
// person is still missing.
Result<std::optional<sync::EnrolmentOutcome>> issued(const EnrolmentContext& context,
                                                     const PublicKey& key, const Digest& enrolment);

struct PendingRequest {
  std::string digits;
  PublicKey key;
  store::EnrolmentCode code;
};
Result<std::vector<PendingRequest>> pending_requests(const EnrolmentContext& context);
// The credential that a registrar who compared the digits signs. Errc::Malformed when no request
// has these digits. The request waits on until forget_pending().
Result<event::Draft> approve(const EnrolmentContext& context, const std::string& digits,
                             TimePoint now);
Result<void> forget_pending(const Folder& folder, const std::string& digits);
}  // namespace cunji::server
