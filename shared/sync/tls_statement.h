#pragma once
// The root's word on which TLS keys are its county's (D19). A node that holds one knows the server
// by its key, and asks neither who issued the certificate nor for which name nor until when: so a
// certificate that has run out, or a device whose clock is wrong, cuts off nobody. Bytes:
// protocol/README.md, "TLS statement".
#include <cstddef>
#include <optional>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/crypto/sign.h"
#include "shared/sync/node_session.h"

namespace cunji::sync {
// Keys in a statement: the one in use, the next, and those of a second machine.
inline constexpr std::size_t kTlsKeysMax = 4;
inline constexpr std::size_t kTlsStatementBytesMax = 32 + 8 + 1 + 32 * kTlsKeysMax + 64;

struct TlsStatement {
  TimePoint issued{};        // The newer of two statements holds, and replaces the other wholly.
  std::vector<Digest> keys;  // SHA-256 of each key's SubjectPublicKeyInfo (DER), 1 to kTlsKeysMax.

  bool names(const Digest& key) const;
  bool operator==(const TlsStatement&) const = default;
};

// `statement` must be within the limits: a broken one is our bug.
Bytes sign_tls_statement(const TlsStatement& statement, const crypto::KeyPair& root);
// Errc::Malformed, or Errc::Forged when it is not signed by this root.
Result<TlsStatement> open_tls_statement(BytesView bytes, const PublicKey& root);

struct SignedTlsStatement {
  Bytes bytes;
  TlsStatement statement;
};
// The statement that holds for a node which is greeted by `server_hello` and has kept `kept` (its
// bytes; empty: none) from before: the newer of the two, or nothing where there is none. An older
// one in the greeting has been replaced, say because its key was stolen. Errc::Forged when the
// greeting is not the county's of `pin`, or its statement not its root's.
Result<std::optional<SignedTlsStatement>> newest_tls_statement(BytesView server_hello,
                                                               BytesView kept,
                                                               const CountyPin& pin);
}  // namespace cunji::sync
