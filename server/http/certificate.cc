#include "server/http/certificate.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "server/app/limits.h"

namespace cunji::server {
template <class Object>
using Owned = std::unique_ptr<Object, void (*)(Object*)>;

static Result<Owned<BIO>> open_file(const std::string& path) {
  Owned<BIO> out(BIO_new_file(path.c_str(), "r"), [](BIO* bio) { BIO_free(bio); });
  if (out) return out;
  return Error{Errc::Io, path + ": " + std::strerror(errno)};
}

static Result<Owned<X509>> read_certificate(const std::string& path) {
  TRY_AS(file, open_file(path));
  Owned<X509> out(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  if (out) return out;
  return Error{Errc::Malformed, path + ": no PEM certificate: " + net::openssl_reason()};
}

static Result<Owned<EVP_PKEY>> read_key(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return Error{Errc::Io, path + ": " + std::strerror(errno)};
  // A group may read: so the key can be root's, and the service, which reads it, can't replace it.
  if ((info.st_mode & 037) != 0)
    return Error{Errc::Io,
                 "私钥不得为他人可读 / the private key " + path +
                     " can be read by others or written by its group: chmod 640 it, or 600, and "
                     "think about who has it"};
  TRY_AS(file, open_file(path));
  // Never asks for a passphrase: nobody sits at a server.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  Owned<EVP_PKEY> out(PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr),
                      EVP_PKEY_free);
  if (out) return out;
  return Error{Errc::Malformed,
               path + ": no PEM private key, or one with a passphrase: " + net::openssl_reason()};
}

static Result<TimePoint> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return Error{Errc::Malformed, "the certificate's dates can't be read"};
  return TimePoint{std::chrono::seconds{::timegm(&parts)}};
}

Result<Certificate> load_certificate(const std::string& certificate_file,
                                     const std::string& key_file) {
  TRY_AS(certificate, read_certificate(certificate_file));
  TRY_AS(key, read_key(key_file));
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return Error{Errc::Conflict, "证书与私钥不配 / the private key " + key_file +
                                     " is not the certificate's in " + certificate_file + ": " +
                                     net::openssl_reason()};
  Certificate out{.context = net::make_tls_context(/*server=*/true),
                  .key = net::public_key_digest(certificate.get())};
  TRY_AS(from, time_of(X509_get0_notBefore(certificate.get())));
  TRY_AS(until, time_of(X509_get0_notAfter(certificate.get())));
  out.valid_from = from;
  out.valid_until = until;
  SSL_CTX* context = out.context->native_handle();
  // The library's lower bound on keys and signatures is checked here as well.
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return Error{Errc::Malformed, certificate_file + ": not usable: " + net::openssl_reason()};
  return out;
}

std::string date_warning(const Certificate& certificate, TimePoint now) {
  if (now > certificate.valid_until)
    return "证书已过期，只有持县根声明的终端连得上 / the certificate has expired: only nodes that "
           "know its key by the root's statement still connect";
  if (now < certificate.valid_from) return "证书尚未生效 / the certificate is not valid yet";
  if (now + kCertificateRenewal > certificate.valid_until)
    return "证书即将过期 / the certificate expires within two weeks";
  return {};
}

Result<Digest> key_digest_of(const std::string& certificate_file) {
  TRY_AS(certificate, read_certificate(certificate_file));
  return net::public_key_digest(certificate.get());
}
}  // namespace cunji::server
