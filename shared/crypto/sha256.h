#pragma once
// SHA-256 by whichever library is at hand. Private to shared/crypto: hash.h is the contract.
#include <span>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"

namespace cunji::crypto {
// The digest of the concatenation of `first` and `rest`.
Digest sha256_of(BytesView first, std::span<const BytesView> rest);
}  // namespace cunji::crypto
