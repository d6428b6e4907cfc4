#include "shared/credential/code.h"

#include <array>

#include "shared/base/check.h"
#include "shared/crypto/hash.h"

namespace cunji::credential {
static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static constexpr std::size_t kGroup = 5;

std::string make_code(Entropy& entropy) {
  // A byte a character wastes three bits of each and needs no bit shifting; 32 divides 256.
  std::array<std::uint8_t, kCodeCharacters> random{};
  entropy.fill(random);
  std::string out;
  for (const std::uint8_t byte : random) out.push_back(kAlphabet[byte % kAlphabet.size()]);
  return out;
}

std::string show_code(std::string_view code) {
  CHECK(code.size() == kCodeCharacters);
  std::string out;
  for (std::size_t i = 0; i < code.size(); i += kGroup) {
    if (i != 0) out.push_back('-');
    out.append(code.substr(i, kGroup));
  }
  return out;
}

// The character that a typed one stands for; 0 for one that is never used.
static char normalised(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return kAlphabet.find(c) == std::string_view::npos ? '\0' : c;
}

Result<std::string> parse_code(std::string_view text) {
  if (text.size() > kCodeTextBytesMax)
    return Error{Errc::Malformed, "enrolment code: a code has 20 characters"};
  std::string out;
  std::size_t position = 0;
  for (const char c : text) {
    ++position;
    if (c == '-' || c == ' ') continue;
    const char character = normalised(c);
    if (character == '\0')
      return Error{Errc::Malformed, "enrolment code: position " + std::to_string(position) +
                                        ": only digits and letters without U are used"};
    out.push_back(character);
  }
  if (out.size() != kCodeCharacters)
    return Error{Errc::Malformed,
                 "enrolment code: a code has 20 characters, not " + std::to_string(out.size())};
  return out;
}

CodeKey code_key(std::string_view code) {
  CHECK(code.size() == kCodeCharacters);
  return {crypto::sha256({"cunji/enrol-code\n", code}).bytes};
}

CodeId code_id(const CodeKey& key) {
  const Digest digest = crypto::sha256({"cunji/enrol-code-id\n", key.view()});
  return CodeId::from(digest.view().substr(0, CodeId::kSize)).value();
}

Digest code_mac(const CodeKey& key, BytesView request, const Digest& transcript) {
  return crypto::hmac_sha256(key.view(), {request, transcript.view()});
}
}  // namespace cunji::credential
