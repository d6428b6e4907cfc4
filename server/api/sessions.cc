// Reading sessions: challenge, proof, who am I, goodbye.
#include <google/protobuf/util/json_util.h>

#include "protocol/api.pb.h"
#include "server/api/handlers.h"
#include "server/api/limits.h"
#include "server/api/text.h"

namespace cunji::server {
static std::uint32_t seconds_of(Duration length) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(length).count());
}

Outcome<std::string> make_challenge(Call& call) {
  TRY(call.query.finish());
  api::Challenge out;
  out.set_nonce(to_hex(call.sessions.challenge(call.uptime).view()));
  out.set_seconds_left(seconds_of(kChallengeLife));
  return json_of(out);
}

static api::Session about(const PublicKey& key,
                          const std::vector<const credential::Grant*>& standing, Duration left) {
  api::Session out;
  out.set_key(to_hex(key.view()));
  out.set_seconds_left(seconds_of(left));
  for (const credential::Grant* grant : standing) {
    if (out.person().empty() && !grant->person.is_zero())
      out.set_person(to_hex(grant->person.view()));
    api::Grant& line = *out.add_grants();
    line.set_role(grant->role);
    line.set_office(grant->office);
    for (const std::string& division : grant->scope.divisions) line.add_divisions(division);
    line.set_assigned(grant->scope.assigned);
    line.set_valid_to(rfc3339(std::min(grant->valid_to, from_millis(kTimeMillisMax))));
  }
  return out;
}

static Problem bad_proof(const std::string& en) {
  return {.status = 400,
          .code = "bad_proof",
          .zh = "登录请求的格式不对",
          .en = "the proof is not well formed: " + en};
}

Outcome<std::string> open_session(Call& call) {
  TRY(call.query.finish());
  api::SessionProof said;
  if (!google::protobuf::util::JsonStringToMessage(call.body, &said).ok())
    return bad_proof("expected JSON with key, nonce, origin and signature");
  const auto key = parse_hex<PublicKey>(said.key());
  const auto nonce = parse_hex<credential::ReadNonce>(said.nonce());
  const auto signature = parse_hex<Signature>(said.signature());
  if (!key) return bad_proof("key: 64 lower-case hexadecimal digits");
  if (!nonce) return bad_proof("nonce: 64 lower-case hexadecimal digits");
  if (!signature) return bad_proof("signature: 128 lower-case hexadecimal digits");
  if (const auto checked = credential::check_web_origin(said.origin()); !checked)
    return bad_proof(checked.error().what);
  const credential::Governance& governance = *call.view->governance;
  TRY_AS(token,
         call.sessions.open(
             {.key = *key, .nonce = *nonce, .origin = said.origin(), .signature = *signature},
             governance, call.now, call.uptime));
  api::Session out = about(*key, governance.standing(*key, call.now), kReadSessionLife);
  out.set_token(token);
  return json_of(out);
}

Outcome<std::string> show_session(Call& call) {
  TRY(call.query.finish());
  const auto session = call.sessions.find(call.token, call.uptime);
  const Duration left = session ? session->ends - call.uptime : Duration{0};
  return json_of(about(call.key, call.standing, left));
}

Outcome<std::string> close_session(Call& call) {
  TRY(call.query.finish());
  call.sessions.close(call.token);
  return json_of(about(call.key, call.standing, Duration{0}));
}
}  // namespace cunji::server
