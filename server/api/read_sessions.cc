#include "server/api/read_sessions.h"

#include <algorithm>

#include "server/api/limits.h"
#include "server/api/text.h"
#include "shared/crypto/hash.h"

namespace cunji::server {
using credential::ReadNonce;

static constexpr std::size_t kNonceHeadBytes = 16;  // Time and chance; the rest authenticates them.
using Token = FixedBytes<32, struct TokenTag>;

static Problem unproven(const char* code, const std::string& zh, const std::string& en) {
  return {.status = 401, .code = code, .zh = zh, .en = en};
}

ReadSessions::ReadSessions(Entropy& entropy) : entropy_(entropy) { entropy_.fill(secret_.bytes); }

static Bytes authenticator(BytesView secret, BytesView head) {
  return crypto::hmac_sha256(secret, {head}).str().substr(0, ReadNonce::kSize - kNonceHeadBytes);
}

ReadNonce ReadSessions::challenge(Duration uptime) {
  FixedBytes<8, struct ChanceTag> chance;
  const std::lock_guard guard(mutex_);
  entropy_.fill(chance.bytes);
  const Bytes head = ByteWriter(kNonceHeadBytes)
                         .u64(static_cast<std::uint64_t>(uptime.count()))
                         .raw(chance.view())
                         .take();
  return ReadNonce::from(head + authenticator(secret_.view(), head)).value();
}

Outcome<void> ReadSessions::check_nonce(const ReadNonce& nonce, Duration uptime) const {
  const BytesView head = nonce.view().substr(0, kNonceHeadBytes);
  if (!crypto::equal_in_constant_time(authenticator(secret_.view(), head),
                                      nonce.view().substr(kNonceHeadBytes)))
    return unproven("unknown_nonce", "挑战不是本服务器发出的", "the nonce is not this server's");
  ByteReader in(head);
  const Duration made{static_cast<std::int64_t>(in.u64())};
  if (uptime - made > kChallengeLife)
    return unproven("nonce_expired", "挑战已过期，请重新获取",
                    "the nonce is too old: ask for a new one");
  if (used_.contains(nonce))
    return unproven("nonce_used", "挑战已用过", "the nonce was used before");
  return {};
}

void ReadSessions::forget_old(Duration uptime) {
  std::erase_if(used_, [&](const auto& each) { return each.second < uptime; });
  std::erase_if(sessions_, [&](const auto& each) { return each.second.ends < uptime; });
}

Outcome<std::string> ReadSessions::open(const ReadProof& proof,
                                        const credential::Governance& governance, TimePoint now,
                                        Duration uptime) {
  const std::lock_guard guard(mutex_);
  forget_old(uptime);
  TRY(check_nonce(proof.nonce, uptime));
  if (std::find(origins_.begin(), origins_.end(), proof.origin) == origins_.end())
    return unproven("wrong_origin", "签名所写的网址不是本服务器的",
                    "the signed origin is not this server's: another site may have asked for it");
  if (!credential::verify_read_proof(proof.key, proof.origin, proof.nonce, proof.signature))
    return unproven("bad_signature", "签名无效", "the signature does not verify");
  // Only whoever has the key learns what is known of it.
  if (governance.find(proof.key) == nullptr)
    return unproven("unknown_key", "此密钥未登记", "no credential names this key");
  if (governance.standing(proof.key, now).empty())
    return Problem{.status = 403,
                   .code = "no_standing",
                   .zh = "此密钥现在没有生效的授权",
                   .en = "no credential of this key is in force (ended, expired or frozen)"};
  if (used_.size() >= kUsedNoncesMax || sessions_.size() >= kReadSessionsMax)
    return busy("查阅会话过多，请稍后再试", "too many reading sessions: try again");
  used_.emplace(proof.nonce, uptime + kChallengeLife);
  auto oldest = sessions_.end();
  std::size_t of_key = 0;
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (it->second.key != proof.key) continue;
    ++of_key;
    if (oldest == sessions_.end() || it->second.ends < oldest->second.ends) oldest = it;
  }
  if (of_key >= kSessionsOfKeyMax) sessions_.erase(oldest);
  const std::string token = to_base64url(entropy_.next<Token>().view());
  sessions_.emplace(crypto::sha256(token),
                    ReadSession{.key = proof.key, .ends = uptime + kReadSessionLife});
  return token;
}

std::optional<ReadSession> ReadSessions::find(std::string_view token, Duration uptime) {
  const Digest name = crypto::sha256(token);
  const std::lock_guard guard(mutex_);
  const auto found = sessions_.find(name);
  if (found == sessions_.end()) return std::nullopt;
  if (found->second.ends < uptime) {
    sessions_.erase(found);
    return std::nullopt;
  }
  return found->second;
}

void ReadSessions::close(std::string_view token) {
  const Digest name = crypto::sha256(token);
  const std::lock_guard guard(mutex_);
  sessions_.erase(name);
}

std::size_t ReadSessions::count() const {
  const std::lock_guard guard(mutex_);
  return sessions_.size();
}
}  // namespace cunji::server
