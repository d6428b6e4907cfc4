#pragma once
// Reading sessions (D18): opened by the proof of an enrolled key, kept in memory only, short. What
// a session may read is not kept here: each request looks at the newest governance again. Any
// thread.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/problem.h"
#include "shared/base/entropy.h"
#include "shared/base/time.h"
#include "shared/credential/governance.h"
#include "shared/credential/read_proof.h"

namespace cunji::server {
struct ReadProof {
  PublicKey key;
  credential::ReadNonce nonce;
  std::string origin;
  Signature signature;
};

struct ReadSession {
  PublicKey key;
  Duration ends{};  // On the clock that only goes forward.
};

class ReadSessions {
 public:
  // `entropy` outlives it.
  explicit ReadSessions(Entropy& entropy);
  // Where this server is reached, as clients write it (check_web_origin). Before the first request.
  void set_origins(std::vector<std::string> origins) { origins_ = std::move(origins); }

  // `uptime` is the time of a clock that only goes forward, in all calls the same one.
  credential::ReadNonce challenge(Duration uptime);
  // A token for 15 minutes. 401 says what is wrong with the proof, 403 that the key does not stand,
  // 503 that there are too many sessions. The key's oldest session ends where it has enough.
  Outcome<std::string> open(const ReadProof& proof, const credential::Governance& governance,
                            TimePoint now, Duration uptime);
  // Nothing for a token that is not of a session, or whose time is over.
  std::optional<ReadSession> find(std::string_view token, Duration uptime);
  void close(std::string_view token);
  std::size_t count() const;

 private:
  Outcome<void> check_nonce(const credential::ReadNonce& nonce, Duration uptime) const;
  void forget_old(Duration uptime);

  Entropy& entropy_;
  std::vector<std::string> origins_;
  FixedBytes<32, struct NonceSecretTag> secret_;  // Of this process: makes its challenges known.

  mutable std::mutex mutex_;                        // Guards what follows.
  std::map<Digest, ReadSession> sessions_;          // By the token's SHA-256.
  std::map<credential::ReadNonce, Duration> used_;  // Challenges proven, until they are too old.
};
}  // namespace cunji::server
