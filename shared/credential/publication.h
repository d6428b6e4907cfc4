#pragma once
// A programme's definition as the log has it (D12, D19): who published it, and since when it
// counts.
#include <cstdint>
#include <optional>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/ids.h"

namespace cunji::credential {
struct Publication {
  Digest event;             // Of the definition event.
  std::uint64_t index = 0;  // Its place.
  PublicKey author;
  std::uint64_t sequence = 0;
  PublicKey second{};  // The second person's key; zero where none was needed or is there.
  std::uint64_t second_sequence = 0;
  std::vector<Bytes> definitions;  // As published; what they say is for the fold to find out.
  // Index of the entry from which on it counts; nothing: it waits for its second person.
  std::optional<std::uint64_t> confirmed_at;
  bool withdrawn = false;  // Signed after what one of the two vouches for, the key compromised.

  bool is_in_force() const { return confirmed_at && !withdrawn; }
};
}  // namespace cunji::credential
