#pragma once
// What both drivers need of OpenSSL: a context with our lower bounds, and what a certificate is
// worth. See line.h.
#include <openssl/types.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::net {
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 or 1.3, without compression and renegotiation; OpenSSL's own choice of ciphers. For the
// server's side or the client's; no certificates in it yet.
TlsContext make_tls_context(bool server);
// For a client: whom it trusts, the system's authorities, or those of a PEM file alone. Errc::Io
// when the file is none.
Result<TlsContext> client_tls_context(const std::string& authorities_file);

// SHA-256 of a certificate's SubjectPublicKeyInfo (DER).
Digest public_key_digest(const X509* certificate);
// The newest error that OpenSSL has to tell in this thread, in its words.
std::string openssl_reason();

// Before a client's handshake: which host it means to reach (a name or an IP address).
void expect_host(SSL* tls, const std::string& host);
// After it: whose key that is, and what speaks against the certificate by itself: nothing, or why
// it can't be trusted, "中文 / English". It was not refused yet: that is the caller's part.
struct PeerCertificate {
  Digest key;
  std::string problem;
};
// Errc::Protocol where the peer has shown none.
Result<PeerCertificate> peer_certificate(const SSL* tls);
}  // namespace cunji::net
