#include "shared/sync/blob.h"

namespace cunji::sync {
Result<ChunkSet> ChunkSet::decode(std::uint32_t size, BytesView bits) {
  ChunkSet out(size);
  if (bits.size() != (out.held_.size() + 7) / 8)
    return Error{Errc::Malformed, "blob: the bitmap is of another length"};
  for (std::size_t i = 0; i < bits.size() * 8; ++i) {
    const bool bit = (static_cast<std::uint8_t>(bits[i / 8]) >> (i % 8) & 1) != 0;
    if (i < out.held_.size()) {
      out.held_[i] = bit;
    } else if (bit) {
      return Error{Errc::Malformed, "blob: the bitmap names a chunk beyond the last"};
    }
  }
  return out;
}

Bytes ChunkSet::encode() const {
  Bytes out((held_.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (held_[i]) out[i / 8] = static_cast<char>(out[i / 8] | 1 << (i % 8));
  }
  return out;
}

std::uint32_t ChunkSet::missing() const {
  return static_cast<std::uint32_t>(std::count(held_.begin(), held_.end(), false));
}
}  // namespace cunji::sync
