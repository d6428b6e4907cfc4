#include "shared/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <ctime>

#include "shared/crypto/hash.h"

namespace cunji::net {
namespace ssl = boost::asio::ssl;

TlsContext make_tls_context(bool server) {
  auto out =
      std::make_shared<ssl::context>(server ? ssl::context::tls_server : ssl::context::tls_client);
  SSL_CTX* context = out->native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return out;
}

Result<TlsContext> client_tls_context(const std::string& authorities_file) {
  TlsContext out = make_tls_context(/*server=*/false);
  boost::system::error_code error;
  if (authorities_file.empty()) {
    out->set_default_verify_paths(error);
    if (error) return Error{Errc::Io, "the system's certificate authorities: " + error.message()};
    return out;
  }
  out->load_verify_file(authorities_file, error);
  if (error)
    return Error{Errc::Io,
                 authorities_file + ": no PEM file of certificate authorities: " + error.message()};
  // One that is named there is trusted as it is, also where it was issued by another.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(out->native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  return out;
}

Digest public_key_digest(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  CHECK(size > 0);
  const Digest out =
      crypto::sha256(BytesView(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return out;
}

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "no further reason" : reason;
}

void expect_host(SSL* tls, const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  X509_VERIFY_PARAM* expected = SSL_get0_param(tls);
  if (!no_address) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
  SSL_set_tlsext_host_name(tls, host.c_str());
}

static std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "?";
  char out[16];
  std::strftime(out, sizeof out, "%Y-%m-%d", &parts);
  return out;
}

// Dates are looked at by themselves: OpenSSL tells one reason only, and this one has two cures.
static std::string problem_of(const X509* certificate, long verified) {
  std::string out;
  const auto add = [&out](const std::string& problem) {
    out += (out.empty() ? "" : "; ") + problem;
  };
  const ASN1_TIME* from = X509_get0_notBefore(certificate);
  const ASN1_TIME* until = X509_get0_notAfter(certificate);
  if (X509_cmp_current_time(until) < 0)
    add("证书已于 " + date_text(until) + " 过期，或本机日期不对 / it expired on " +
        date_text(until) + ", or this device's date is wrong");
  if (X509_cmp_current_time(from) > 0)
    add("证书自 " + date_text(from) + " 起才有效，或本机日期不对 / it is not valid before " +
        date_text(from) + ", or this device's date is wrong");
  switch (verified) {
    case X509_V_OK: break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      // Of an issuer, if not told above.
      if (out.empty())
        add("签发者的证书不在有效期内，或本机日期不对 / its issuer's certificate is out of date, "
            "or this device's date is wrong");
      break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      add("证书属于别的主机名 / it was issued for another host name");
      break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      add("签发者不受本机信任 / it was issued by an authority that this device does not know");
      break;
    default:
      add(std::string("证书无效 / it is not valid: ") + X509_verify_cert_error_string(verified));
  }
  return out;
}

Result<PeerCertificate> peer_certificate(const SSL* tls) {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(tls),
                                                           X509_free);
  if (!certificate) return Error{Errc::Protocol, "TLS: the server has shown no certificate"};
  return PeerCertificate{.key = public_key_digest(certificate.get()),
                         .problem = problem_of(certificate.get(), SSL_get_verify_result(tls))};
}
}  // namespace cunji::net
