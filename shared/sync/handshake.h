#pragma once
// The handshake: what each side signs, what the sealed channel is bound to, and how a node knows
// that it talks to its county (README.md, "Session").
#include <string>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/event/entry.h"
#include "shared/sync/node_session.h"

namespace cunji::proto {
class ServerHello;
}

namespace cunji::sync {
inline constexpr std::uint32_t kSessionVersion = 1;
using Nonce = FixedBytes<32, struct SessionNonceTag>;

// What the node's key signs, and what the system key signs. Arguments are message bytes as sent.
Bytes node_signing_input(BytesView server_hello, BytesView node_content);
Bytes server_signing_input(BytesView server_hello, BytesView node_content,
                           BytesView answer_content);
// Binds channel and enrolment to all three messages, signatures included.
Digest transcript_of(BytesView server_hello, BytesView node_hello, BytesView server_answer);

// Who the county is, proven from its root key.
struct CountyIdentity {
  CountyCode county;
  std::string origin;
  PublicKey root_key;
  PublicKey log_key;
  PublicKey system_key;
};
// Errc::Forged unless the founding entry is signed by the root key of the pin, the system
// credential by that key for incidents and anchors, and origin and log key are the pinned ones;
// Errc::Malformed for entries or bodies that are none.
Result<CountyIdentity> check_county(const proto::ServerHello& hello, const CountyPin& pin);
}  // namespace cunji::sync
