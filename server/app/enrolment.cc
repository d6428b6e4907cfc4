#include "server/app/enrolment.h"

#include <unistd.h>

#include <filesystem>

#include "server/app/files.h"
#include "shared/credential/code.h"
#include "shared/credential/roles.h"
#include "shared/crypto/hash.h"
#include "shared/event/enrolment.h"
#include "shared/event/parts.h"

namespace cunji::server {
// Requests waiting for a registrar at once: a county has some dozens of desks.
static constexpr std::size_t kPendingMax = 500;

static Result<void> expect_prefix(const std::string& prefix, CountyCode county) {
  const bool sized = prefix.size() == 6 || prefix.size() == 9 || prefix.size() == 12;
  if (!sized || !is_digits(prefix))
    return Error{Errc::Malformed, "\"" + prefix + "\" is not a division: 6, 9 or 12 digits"};
  if (!prefix.starts_with(county.view()))
    return Error{Errc::Malformed, "division " + prefix + " is not in county " + county.str()};
  return {};
}

Result<std::string> add_code(store::SideStore& side, CountyCode county, const CodeOptions& options,
                             Entropy& entropy, TimePoint now) {
  TRY_AS(role, role_named(options.role));
  if (options.divisions.empty()) return Error{Errc::Malformed, "name at least one division"};
  for (const std::string& prefix : options.divisions) TRY(expect_prefix(prefix, county));
  std::vector<std::uint16_t> kinds = numbers_of(role.kinds);
  if (!options.kinds.empty()) kinds.clear();
  for (const std::string& name : options.kinds) {
    const auto kind = event::kind_named(name);
    if (!kind) return Error{Errc::Malformed, "no event kind \"" + name + "\""};
    kinds.push_back(static_cast<std::uint16_t>(*kind));
  }
  const std::string code = credential::make_code(entropy);
  const credential::CodeKey key = credential::code_key(code);
  TRY(side.add_code({.id = credential::code_id(key).str(),
                     .key = key.str(),
                     .person = options.person ? *options.person : entropy.next<PersonId>(),
                     .role = role.name,
                     .office = options.office,
                     .divisions = options.divisions,
                     .kinds = kinds,
                     .valid_until = now + std::chrono::hours{options.valid_hours},
                     .credential_days = options.days,
                     .used_by = std::nullopt}));
  return code;
}

Result<std::optional<sync::EnrolmentOutcome>> issued(const EnrolmentContext& context,
                                                     const PublicKey& key,
                                                     const Digest& enrolment) {
  const credential::KeyStatus* status = context.governance.find(key);
  if (status == nullptr) return std::optional<sync::EnrolmentOutcome>();
  for (const credential::Grant& grant : status->grants) {
    if (grant.enrolment != enrolment) continue;
    sync::EnrolmentOutcome out{.waits = grant.pending,
                               .role = grant.role,
                               .divisions = grant.scope.divisions,
                               .credential = std::nullopt};
    if (grant.pending) return std::optional(out);
    // In force right after the credential, or later by a second person: look back to it.
    for (std::uint64_t index = grant.in_force; index-- > 0;) {
      TRY_AS(logged, context.log.at(index));
      if (logged && logged->entry.event.digest() == grant.event) {
        out.credential = *logged;
        break;
      }
    }
    return std::optional(out);
  }
  return std::optional<sync::EnrolmentOutcome>();
}

static event::Draft credential_draft(const EnrolmentContext& context,
                                     const store::EnrolmentCode& code, BytesView request_bytes,
                                     const event::EnrolmentRequest& request, TimePoint now) {
  const auto role = role_named(code.role);
  const event::CredentialPart part{
      .key = request.key,
      .enrolment_digest = event::request_digest(request_bytes),
      .enrolment_request = Bytes(request_bytes),
      .person = code.person,
      .role = code.role,
      .office = code.office,
      .kinds = code.kinds,
      .divisions = code.divisions,
      .assigned = {},
      // Work that was recorded before the credential arrived counts (D4), so it begins earlier.
      .valid_from = now - std::chrono::days{1},
      .valid_to = now + std::chrono::days{code.credential_days},
      .late_days = 45,
      .events_a_day = role ? role->events_a_day : 2'000,
      .bytes_a_day = role ? role->bytes_a_day : 20ULL << 20};
  return {.division = context.governance.county()->code.division(),
          .subject = {},
          .kind = event::Kind::Credential,
          .recorded = now,
          .parts = {event::encode_part(part)}};
}

static Result<void> keep_pending(const EnrolmentContext& context, const store::EnrolmentCode& code,
                                 BytesView request) {
  const std::string path = context.folder.pending() + "/" + event::comparison_digits(request);
  if (file_exists(path)) return {};
  std::error_code error;
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& file :
       std::filesystem::directory_iterator(context.folder.pending(), error))
    ++count;
  if (error) return Error{Errc::Io, "can't read " + context.folder.pending()};
  if (count >= kPendingMax) return Error{Errc::Limit, "too many requests wait for a registrar"};
  return replace_file(path, code.id + Bytes(request));
}

Result<EnrolmentDecision> decide_enrolment(const EnrolmentContext& context,
                                           const sync::ServerSession::EnrolmentAsk& ask,
                                           TimePoint now) {
  const Error no_code{Errc::Forged,
                      "授权码无效、已过期或已使用 / the enrolment code is unknown, "
                      "expired or used"};
  TRY_AS(code, context.side.code(ask.code_id));
  if (!code) return no_code;
  const auto code_key = credential::CodeKey::from(code->key);
  if (!code_key) return Error{Errc::Corrupt, "side store: code key"};
  const Digest mac = credential::code_mac(*code_key, ask.request, ask.transcript);
  if (!crypto::equal_in_constant_time(mac.view(), ask.mac)) return no_code;
  // From here on the asker holds the code.
  TRY_AS(request, event::open_request(ask.request));
  if (request.root_digest != context.governance.county()->root_digest())
    return Error{Errc::Forged, "the enrolment request is for another county"};
  const Digest digest = event::request_digest(ask.request);
  if (code->used_by && *code->used_by != digest) return no_code;
  TRY_AS(done, issued(context, request.key, digest));
  if (done && code->used_by) return EnrolmentDecision{*done, std::nullopt};
  if (!code->used_by && code->valid_until < now) return no_code;
  TRY(context.side.use_code(ask.code_id, digest));

  EnrolmentDecision out{{.waits = false,
                         .role = code->role,
                         .divisions = code->divisions,
                         .credential = std::nullopt},
                        std::nullopt};
  // Above a coordinator a person compares the digits first.
  if (!credential::is_field_credential(code->role, {code->kinds.begin(), code->kinds.end()})) {
    TRY(keep_pending(context, *code, ask.request));
    out.outcome.waits = true;
  } else {
    out.credential = credential_draft(context, *code, ask.request, request, now);
  }
  return out;
}

struct PendingFile {
  Bytes code_id, request;
};
static Result<PendingFile> read_pending(const Folder& folder, const std::string& digits) {
  if (digits.size() != 8 || !is_digits(digits))
    return Error{Errc::Malformed, "the registrar compares eight digits"};
  const std::string path = folder.pending() + "/" + digits;
  if (!file_exists(path))
    return Error{Errc::Malformed, "no request with the digits " + digits + " waits"};
  TRY_AS(bytes, read_file(path));
  if (bytes.size() != credential::CodeId::kSize + event::kEnrolmentRequestBytes)
    return Error{Errc::Corrupt, path + " is damaged"};
  return PendingFile{bytes.substr(0, credential::CodeId::kSize),
                     bytes.substr(credential::CodeId::kSize)};
}

Result<std::vector<PendingRequest>> pending_requests(const EnrolmentContext& context) {
  std::vector<PendingRequest> out;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(context.folder.pending(), error)) {
    const std::string digits = file.path().filename().string();
    const auto pending = read_pending(context.folder, digits);
    if (!pending) continue;  // A draft of replace_file().
    TRY_AS(request, event::open_request(pending->request));
    TRY_AS(code, context.side.code(pending->code_id));
    if (code) out.push_back({digits, request.key, *code});
  }
  if (error) return Error{Errc::Io, "can't read " + context.folder.pending()};
  return out;
}

Result<event::Draft> approve(const EnrolmentContext& context, const std::string& digits,
                             TimePoint now) {
  TRY_AS(pending, read_pending(context.folder, digits));
  TRY_AS(request, event::open_request(pending.request));
  TRY_AS(code, context.side.code(pending.code_id));
  if (!code || code->used_by != event::request_digest(pending.request))
    return Error{Errc::Forged, "the code of this request is gone or used by another"};
  return credential_draft(context, *code, pending.request, request, now);
}

Result<void> forget_pending(const Folder& folder, const std::string& digits) {
  const std::string path = folder.pending() + "/" + digits;
  if (::unlink(path.c_str()) != 0) return Error{Errc::Io, "can't remove " + path};
  return {};
}
}  // namespace cunji::server
