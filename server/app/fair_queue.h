#pragma once
// Work of many senders that waits for one worker: bounded altogether and for each sender, and taken
// in turn, so that who sends much waits for himself. One thread at a time.
#include <cstddef>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "shared/base/ids.h"

namespace cunji::server {
// What work weighs: time by its events, memory by its bytes.
struct Load {
  std::size_t events = 0, bytes = 0;
  Load& operator+=(const Load& other) {
    events += other.events;
    bytes += other.bytes;
    return *this;
  }
  Load& operator-=(const Load& other) {
    events -= other.events;
    bytes -= other.bytes;
    return *this;
  }
  friend Load operator+(Load a, const Load& b) { return a += b; }
  bool fits(const Load& bound) const { return events <= bound.events && bytes <= bound.bytes; }
};

struct LoadBounds {
  Load all{}, sender{};
};

template <class Item>
class FairQueue {
 public:
  // From half of `all` on only a sender with nothing waiting is let in: however many senders fill
  // the queue, others find room.
  explicit FairQueue(LoadBounds bounds) : bounds_(bounds) {}

  bool has_room(const PublicKey& sender, const Load& load) const {
    const auto found = senders_.find(sender);
    if (found == senders_.end()) return (total_ + load).fits(bounds_.all);
    const Load half{bounds_.all.events / 2, bounds_.all.bytes / 2};
    return (found->second.load + load).fits(bounds_.sender) && (total_ + load).fits(half);
  }
  // Whoever asked has_room(), for this or for all of several items.
  void push(const PublicKey& sender, const Load& load, Item item) {
    const auto [at, added] = senders_.try_emplace(sender);
    if (added) turns_.push_back(sender);
    at->second.load += load;
    at->second.items.emplace_back(load, std::move(item));
    total_ += load;
  }
  // One item of each sender in turn, each sender's in their order, until these are `events_max`
  // events; the first item in any case.
  std::vector<Item> take(std::size_t events_max) {
    std::vector<Item> out;
    for (std::size_t events = 0; !turns_.empty();) {
      const auto sender = senders_.find(turns_.front());
      auto& [load, item] = sender->second.items.front();
      if (!out.empty() && events + load.events > events_max) break;
      events += load.events;
      total_ -= load;
      sender->second.load -= load;
      out.push_back(std::move(item));
      sender->second.items.pop_front();
      turns_.pop_front();
      if (sender->second.items.empty()) {
        senders_.erase(sender);
      } else {
        turns_.push_back(sender->first);
      }
    }
    return out;
  }
  bool empty() const { return turns_.empty(); }
  const Load& total() const { return total_; }

 private:
  struct Sender {
    Load load{};
    std::deque<std::pair<Load, Item>> items{};
  };
  LoadBounds bounds_;
  Load total_;
  std::map<PublicKey, Sender> senders_;  // Those with something waiting.
  std::deque<PublicKey> turns_;          // The same, whose turn is next.
};
}  // namespace cunji::server
