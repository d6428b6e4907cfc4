#pragma once
// Feeds a canonical serialisation into a digest chunk by chunk, so that a large state needs no
// second copy in memory: h = SHA-256(h ‖ chunk), h at first 32 zeros. Integers are big-endian,
// texts and lists have their length before them.
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/crypto/hash.h"
#include "shared/state/when.h"

namespace cunji::state {
class DigestWriter {
 public:
  DigestWriter& u64(std::uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8) chunk_.push_back(static_cast<char>(v >> shift));
    return *this;
  }
  DigestWriter& flag(bool v) {
    chunk_.push_back(v ? '\1' : '\0');
    return *this;
  }
  DigestWriter& text(std::string_view v) {
    u64(v.size());
    chunk_.append(v);
    if (chunk_.size() >= kChunkBytes) flush();
    return *this;
  }
  DigestWriter& time(TimePoint v) { return u64(to_millis(v)); }
  DigestWriter& date(Date v) { return text(format_date(v)); }
  // `index`: in the log, of the event at v's place.
  DigestWriter& when(const When& v, std::uint64_t index) {
    return time(v.occurred).u64(index).u64(v.part);
  }
  Digest finish() {
    flush();
    return digest_;
  }

 private:
  static constexpr std::size_t kChunkBytes = 65'536;
  void flush() {
    digest_ = crypto::sha256({digest_.view(), chunk_});
    chunk_.clear();
  }
  Bytes chunk_;
  Digest digest_;
};
}  // namespace cunji::state
