#pragma once
// An erasure by law as the log has it (D20): which events, on whose word, and from when on.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/time.h"
#include "shared/event/parts.h"

namespace cunji::credential {
// From the receipt of the entry that completes it to the deletion: time for anyone to object.
inline constexpr Duration kErasureDelay = std::chrono::days{7};

struct Erasure {
  Digest event;             // Of the erasure event itself.
  std::uint64_t index = 0;  // Its place.
  PublicKey author;
  std::uint64_t sequence = 0;
  PublicKey second{};  // The second person's key and event; zero where none was needed or is there.
  std::uint64_t second_sequence = 0;
  std::vector<event::ErasedEvent> events;
  std::string basis, remark;
  TimePoint logged{};
  // When it takes effect, on the county's clock; nothing: it waits for its second person.
  std::optional<TimePoint> due;
  std::optional<std::uint64_t> withdrawn_at;  // Index of the entry that called it off in time.

  bool is_confirmed() const { return due && !withdrawn_at; }
  bool in_effect(TimePoint at) const { return is_confirmed() && *due <= at; }
};
}  // namespace cunji::credential
