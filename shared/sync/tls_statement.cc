#include "shared/sync/tls_statement.h"

#include <algorithm>

#include "protocol/sync.pb.h"
#include "shared/crypto/hash.h"
#include "shared/sync/handshake.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
static constexpr BytesView kLabel = "cunji/tls/v1\n";

bool TlsStatement::names(const Digest& key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

Bytes sign_tls_statement(const TlsStatement& statement, const crypto::KeyPair& root) {
  CHECK(!statement.keys.empty() && statement.keys.size() <= kTlsKeysMax);
  ByteWriter out(kTlsStatementBytesMax);
  out.raw(crypto::sha256(root.public_key().view()).view());
  out.u64(to_millis(statement.issued)).u8(static_cast<std::uint8_t>(statement.keys.size()));
  for (const Digest& key : statement.keys) out.raw(key.view());
  Bytes content = out.take();
  const Signature signature = root.sign(Bytes(kLabel) + content);
  content.append(signature.view());
  return content;
}

Result<TlsStatement> open_tls_statement(BytesView bytes, const PublicKey& root) {
  const Error malformed{Errc::Malformed, "TLS statement: not one"};
  ByteReader in(bytes);
  const auto root_digest = in.fixed<Digest>();
  const std::uint64_t issued = in.u64();
  const std::size_t count = in.u8();
  if (!in.ok() || issued > kTimeMillisMax || count == 0 || count > kTlsKeysMax) return malformed;
  TlsStatement out{.issued = from_millis(issued), .keys = {}};
  for (std::size_t i = 0; i < count; ++i) out.keys.push_back(in.fixed<Digest>());
  const auto signature = in.fixed<Signature>();
  if (!in.at_end()) return malformed;
  const Bytes input = Bytes(kLabel).append(bytes.substr(0, bytes.size() - Signature::kSize));
  if (root_digest != crypto::sha256(root.view()) || !crypto::verify(root, input, signature))
    return Error{Errc::Forged, "TLS statement: not signed by this county's root key"};
  return out;
}

Result<std::optional<SignedTlsStatement>> newest_tls_statement(BytesView server_hello,
                                                               BytesView kept,
                                                               const CountyPin& pin) {
  if (server_hello.size() > kSmallFrameBytesMax)
    return Error{Errc::Limit, "server hello is too large"};
  proto::ServerHello hello;
  if (!hello.ParseFromArray(server_hello.data(), static_cast<int>(server_hello.size())))
    return Error{Errc::Malformed, "server hello is no message"};
  TRY_AS(county, check_county(hello, pin));
  std::optional<SignedTlsStatement> out;
  for (const BytesView bytes : {kept, BytesView(hello.tls_statement())}) {
    if (bytes.empty()) continue;
    TRY_AS(statement, open_tls_statement(bytes, county.root_key));
    if (!out || out->statement.issued < statement.issued)
      out = SignedTlsStatement{Bytes(bytes), std::move(statement)};
  }
  return out;
}
}  // namespace cunji::sync
