#pragma once
// SHA-256 (the one hash of the system, D3) and HMAC-SHA-256.
#include <initializer_list>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"

namespace cunji::crypto {
// The digest of the concatenation of `pieces`.
Digest sha256(std::initializer_list<BytesView> pieces);
inline Digest sha256(BytesView bytes) { return sha256({bytes}); }

// RFC 2104 with SHA-256; `key` of any length.
Digest hmac_sha256(BytesView key, std::initializer_list<BytesView> pieces);

// Compares in a time that depends on the lengths only; for authenticators.
bool equal_in_constant_time(BytesView a, BytesView b);
}  // namespace cunji::crypto
