#pragma once
// The server's certificate and private key, as two PEM files.
#include <string>

#include "shared/base/time.h"
#include "shared/net/tls.h"

namespace cunji::server {
struct Certificate {
  net::TlsContext context;  // Shows the certificate, with the chain that the file holds.
  Digest key;
  TimePoint valid_from{}, valid_until{};
};

// Errc::Io where a file can't be read or others may read the key, Errc::Malformed where it is no
// PEM certificate or unencrypted key, Errc::Conflict where the two don't fit. Dates are told, not
// judged: see date_warning().
Result<Certificate> load_certificate(const std::string& certificate_file,
                                     const std::string& key_file);

// What an operator should hear of the dates: "中文 / English", or nothing.
std::string date_warning(const Certificate& certificate, TimePoint now);

// Of a certificate file alone, for a TLS statement.
Result<Digest> key_digest_of(const std::string& certificate_file);
}  // namespace cunji::server
