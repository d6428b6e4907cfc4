#pragma once
// Enrolment codes (design section 4, protocol/README.md): 100 random bits that a county office
// hands to a person. The code itself is never sent; its key authenticates the enrolment request.
#include <cstddef>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/entropy.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::credential {
// 20 characters of 5 bits each (Crockford's base32): too many to guess, short enough to type.
inline constexpr std::size_t kCodeCharacters = 20;
// Typed with blanks and dashes anywhere; whatever is longer is no code.
inline constexpr std::size_t kCodeTextBytesMax = 80;

using CodeKey = FixedBytes<32, struct CodeKeyTag>;
using CodeId = FixedBytes<8, struct CodeIdTag>;

// A fresh code: 20 characters of 0123456789ABCDEFGHJKMNPQRSTVWXYZ.
std::string make_code(Entropy& entropy);
// In groups of five, as it is shown: "7K3QF-…".
std::string show_code(std::string_view code);
// What a person typed, as the 20 characters: letters of either case; O is 0, I and L are 1; blanks
// and dashes are passed over. Errc::Malformed says which character is wrong or how many there are.
Result<std::string> parse_code(std::string_view text);

// SHA-256("cunji/enrol-code\n" ‖ code); `code` as parse_code gives it.
CodeKey code_key(std::string_view code);
// SHA-256("cunji/enrol-code-id\n" ‖ key)[0..8): names the code to the server and tells nothing of
// it.
CodeId code_id(const CodeKey& key);
// HMAC-SHA-256(key, request ‖ transcript): proves the code to this session's server, for this
// request.
Digest code_mac(const CodeKey& key, BytesView request, const Digest& transcript);
}  // namespace cunji::credential
