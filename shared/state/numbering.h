#pragma once
// Numbers for values: 0, 1, 2 … in the order in which they first come, so that what refers to them
// needs four bytes and finds them at once. The tables only find: nothing they hold is ever read in
// their own order, so no result depends on it (docs/decisions/fold.md).
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/check.h"

namespace cunji::state {
inline constexpr std::uint32_t kNoNumber = UINT32_MAX;

// Before something is added to a list that is kept for good: it grows by an eighth, not to double,
// since most of what the fold holds is in lists.
template <class T>
void make_room(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 8 + 4);
}

// Where a value is in a list that its owner keeps: an open table of numbers, at most two thirds
// full. `value_at(number)` gives the listed value; a value has a view() of its bytes.
class NumberTable {
 public:
  // kNoNumber where the list does not have it.
  template <class Value, class ValueAt>
  std::uint32_t find(const Value& value, const ValueAt& value_at) const {
    if (slots_.empty()) return kNoNumber;
    const std::uint64_t hash = hash_of(value.view());
    for (std::size_t at = first(hash);; at = next(at)) {
      const Slot& slot = slots_[at];
      if (slot.number == kNoNumber) return kNoNumber;
      if (slot.tag == tag(hash) && value_at(slot.number) == value) return slot.number;
    }
  }
  // The list has got `number`, a value that it did not have.
  template <class ValueAt>
  void add(std::uint32_t number, const ValueAt& value_at) {
    CHECK(number != kNoNumber);
    if (++size_ * 3 > slots_.size() * 2)
      refill(slots_.empty() ? 64 : slots_.size() + slots_.size() / 2, number, value_at);
    // Values chosen so that they meet here would make every look-up long. Under another seed they
    // do not meet.
    if (put(number, hash_of(value_at(number).view())) > kStepsMax) {
      ++seed_;
      refill(slots_.size(), number + 1, value_at);
    }
  }
  std::uint64_t seed() const { return seed_; }  // Raised where values met on purpose.
  void reserve(std::size_t values) {
    CHECK(size_ == 0);
    slots_.assign(std::max<std::size_t>(64, values + values / 2 + 1), {});
  }

 private:
  struct Slot {
    std::uint32_t number = kNoNumber, tag = 0;
  };
  // Far above what tables of random values need that are two thirds full.
  static constexpr std::size_t kStepsMax = 500;

  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  std::size_t first(std::uint64_t hash) const {
    return static_cast<std::size_t>(((hash >> 32) * slots_.size()) >> 32);
  }
  std::size_t next(std::size_t at) const { return at + 1 == slots_.size() ? 0 : at + 1; }
  std::uint64_t hash_of(BytesView bytes) const {
    std::uint64_t hash = seed_;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
      hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15;
      hash ^= hash >> 29;
    }
    return hash * 0xbf58'476d'1ce4'e5b9;
  }
  std::size_t put(std::uint32_t number, std::uint64_t hash) {
    std::size_t steps = 0, at = first(hash);
    for (; slots_[at].number != kNoNumber; ++steps) at = next(at);
    slots_[at] = {number, tag(hash)};
    return steps;
  }
  template <class ValueAt>
  void refill(std::size_t slots, std::uint32_t numbers, const ValueAt& value_at) {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots));
    for (const Slot& slot : before) {
      if (slot.number < numbers) put(slot.number, hash_of(value_at(slot.number).view()));
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  std::uint64_t seed_ = 1;
};

// The list and its table together: identifiers by number.
template <class Id>
class Numbering {
 public:
  // The number of `id`, a new one if it has none.
  std::uint32_t of(const Id& id) {
    const std::uint32_t known = find(id);
    if (known != kNoNumber) return known;
    ids_.push_back(id);
    const auto number = static_cast<std::uint32_t>(ids_.size() - 1);
    table_.add(number, at());
    return number;
  }
  std::uint32_t find(const Id& id) const { return table_.find(id, at()); }  // Or kNoNumber.
  const Id& operator[](std::uint32_t number) const { return ids_[number]; }
  std::size_t size() const { return ids_.size(); }
  const std::vector<Id>& ids() const { return ids_; }
  const NumberTable& table() const { return table_; }
  // All numbers, in the order of their ids: the order in which anything about them is written.
  std::vector<std::uint32_t> ordered() const {
    std::vector<std::uint32_t> out(ids_.size());
    for (std::uint32_t number = 0; number < out.size(); ++number) out[number] = number;
    std::sort(out.begin(), out.end(),
              [this](std::uint32_t a, std::uint32_t b) { return ids_[a] < ids_[b]; });
    return out;
  }

 private:
  auto at() const {
    return [this](std::uint32_t number) -> const Id& { return ids_[number]; };
  }
  std::vector<Id> ids_;
  NumberTable table_;
};
}  // namespace cunji::state
