#include "shared/credential/read_proof.h"

#include <algorithm>

namespace cunji::credential {
static constexpr std::string_view kLabel = "cunji/read/v1\n";
static constexpr unsigned kPortMax = 65'535;

static bool is_host(std::string_view host) {
  if (host.starts_with('[')) {  // An IPv6 address.
    if (host.size() < 4 || !host.ends_with(']')) return false;
    host = host.substr(1, host.size() - 2);
    return std::all_of(host.begin(), host.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
    });
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
  });
}

Result<void> check_web_origin(std::string_view origin) {
  const Error bad{Errc::Malformed,
                  "an origin is written like https://county.example:8443, in lower case, with the "
                  "port and nothing after it"};
  if (origin.size() > kOriginTextBytesMax) return bad;
  std::string_view rest = origin;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) rest = origin.substr(scheme.size());
  }
  const std::size_t colon = rest.find_last_of(':');
  if (rest.size() == origin.size() || colon == std::string_view::npos) return bad;
  const std::string_view port = rest.substr(colon + 1);
  if (!is_digits(port) || port.size() > 5 || port.front() == '0') return bad;
  unsigned number = 0;
  for (const char digit : port) number = number * 10 + static_cast<unsigned>(digit - '0');
  if (number > kPortMax || !is_host(rest.substr(0, colon))) return bad;
  return {};
}

Bytes read_signing_input(std::string_view origin, const ReadNonce& nonce, const PublicKey& key) {
  ByteWriter out(kLabel.size() + 2 + origin.size() + ReadNonce::kSize + PublicKey::kSize);
  out.raw(kLabel).u16(static_cast<std::uint16_t>(origin.size())).raw(origin);
  return out.raw(nonce.view()).raw(key.view()).take();
}

Result<Signature> sign_read_proof(const crypto::KeyPair& key, std::string_view origin,
                                  const ReadNonce& nonce) {
  TRY(check_web_origin(origin));
  return key.sign(read_signing_input(origin, nonce, key.public_key()));
}

bool verify_read_proof(const PublicKey& key, std::string_view origin, const ReadNonce& nonce,
                       const Signature& signature) {
  return check_web_origin(origin) &&
         crypto::verify(key, read_signing_input(origin, nonce, key), signature);
}
}  // namespace cunji::credential
