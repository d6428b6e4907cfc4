// SHA-256 of the native builds: OpenSSL uses the processor's SHA instructions, libsodium 1.0.18
// does not, and takes four times as long (tools/bench). An event is hashed some ten times on its
// way.
#include <openssl/evp.h>

#include <memory>

#include "shared/base/check.h"
#include "shared/crypto/sha256.h"

namespace cunji::crypto {
namespace {
// Fetched once: to look an algorithm up by name takes longer than to hash an event.
const EVP_MD* algorithm() {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kSha256;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
}  // namespace

// OpenSSL fails here only without memory, as operator new would.
Digest sha256_of(BytesView first, std::span<const BytesView> rest) {
  // One a thread, since making it costs as much as hashing an event; nothing is kept between calls.
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool done = EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1;
  for (const BytesView piece : rest)
    done = done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  Digest out;
  CHECK(done && EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
  return out;
}
}  // namespace cunji::crypto
