#pragma once
// What writes protocol/vectors: one function a file. Deterministic, so that regenerating gives the
// same bytes on every machine.
#include <algorithm>
#include <map>
#include <string>

#include "tests/vectors/county.h"
#include "tests/vectors/vectors.h"

namespace cunji::vectors {
Json event_vectors();                             // Events, parts, commitments; what is refused.
Json enrolment_vectors();                         // Requests and codes.
Json log_vectors(const SmallCounty& county);      // Entries, tree, proofs, checkpoints.
Json export_vectors(const SmallCounty& county);   // A whole log with every verdict; altered ones.
Json session_vectors(const SmallCounty& county);  // Handshake, sealed frames.
Json read_vectors();                              // Proofs of reading sessions.
Json batch_vectors(const SmallCounty& county);    // Columns of events and of a feed.

// File name -> text.
std::map<std::string, std::string> all_files();

inline Json hex(BytesView bytes) { return to_hex(bytes); }
// `text` with the bytes at `at` replaced by as many of `value`.
inline Bytes put(Bytes text, std::size_t at, BytesView value) {
  CHECK(at + value.size() <= text.size());
  std::copy(value.begin(), value.end(), text.begin() + static_cast<std::ptrdiff_t>(at));
  return text;
}
// `text` with one bit of the byte at `at` turned.
inline Bytes flipped(Bytes text, std::size_t at) {
  text.at(at) = static_cast<char>(text.at(at) ^ 1);
  return text;
}
// {"error": "malformed", "text": "…"}
template <class T>
Json error_of(const Result<T>& result) {
  CHECK(!result);
  return {{"error", name_of(result.error().code)}, {"text", result.error().what}};
}
// One compressed zstd frame that holds `raw` as it is: the same bytes with every zstd version.
Bytes stored_zstd_frame(BytesView raw);
}  // namespace cunji::vectors
