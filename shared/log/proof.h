#pragma once
// Inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2; RFC 9162 for verifying).
#include <span>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/log/hash_reader.h"

namespace cunji::log {
using Proof = std::vector<Digest>;
inline constexpr std::size_t kProofHashesMax = 64;  // A tree of 2^64 leaves is no deeper.

// That leaf `index` is in the tree of `size` leaves. Errc::Malformed unless index < size.
Result<Proof> prove_inclusion(const HashReader& hashes, std::uint64_t index, std::uint64_t size);
// That the tree of `size` begins with the tree of `old_size`. Errc::Malformed unless
// 1 <= old_size <= size: a proof from the empty tree would say nothing, so it is refused.
Result<Proof> prove_consistency(const HashReader& hashes, std::uint64_t old_size,
                                std::uint64_t size);

// Errc::Forged unless the proof leads from `leaf` to `root`; no byte of it may be left over.
Result<void> verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                              std::span<const Digest> proof, const Digest& root);
// Errc::Forged unless `root` extends `old_root`. Size 0 is refused (see prove_consistency), equal
// sizes need equal roots and an empty proof.
Result<void> verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t size,
                                const Digest& root, std::span<const Digest> proof);
}  // namespace cunji::log
