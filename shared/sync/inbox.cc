#include "shared/sync/inbox.h"

#include <algorithm>

#include "protocol/sync.pb.h"
#include "shared/sync/limits.h"

namespace cunji::sync {
Inbox::Inbox(const NodeSource& source, std::size_t entries_max, VerifyAll verify_all)
    : source_(source),
      entries_max_(std::clamp<std::size_t>(entries_max, 1, kBatchEventsMax)),
      verify_all_(std::move(verify_all)) {}

Inbox::Division* Inbox::find(const DivisionCode& division) {
  const auto at = std::find_if(divisions_.begin(), divisions_.end(), [&](const Division& each) {
    return each.cursor.division == division;
  });
  return at == divisions_.end() ? nullptr : &*at;
}

Result<std::vector<Cursor>> Inbox::offer() {
  TRY_AS(cursors, source_.cursors());
  std::vector<Cursor> out;
  for (const Cursor& cursor : cursors) {
    if (find(cursor.division) != nullptr || divisions_.size() == kOfferDivisionsMax) continue;
    divisions_.push_back({.cursor = cursor, .head = std::nullopt, .awaits_head = true});
    covered_.erase(cursor.division);
    out.push_back(cursor);
  }
  for (Division& division : divisions_) {
    if (!std::exchange(division.offer_again, false)) continue;
    division.awaits_head = true;
    out.push_back(division.cursor);
  }
  return out;
}

static Error forged(const DivisionCode& division, const char* what) {
  return {Errc::Forged, "division " + division.str() + ": " + what};
}

Result<std::vector<DivisionCode>> Inbox::on_level(const std::vector<Level::Division>& heads) {
  for (const Level::Division& each : heads) {
    Division* division = find(each.head.division);
    if (division == nullptr)
      return Error{Errc::Protocol, "level names a division that was not offered"};
    const Cursor& cursor = division->cursor;
    if (each.head.next_index < cursor.next_index)
      return forged(cursor.division, "the county's head is older than the entries held");
    if (each.head.next_index == cursor.next_index && each.head.leaf != cursor.leaf)
      return forged(cursor.division, "the county's head is another entry than the one held");
    division->head = each;
    division->awaits_head = false;
    division->outside = false;
  }
  std::vector<DivisionCode> outside;
  for (Division& division : divisions_) {
    division.exhausted = false;
    if (!division.awaits_head) continue;
    division.awaits_head = false;
    division.outside = true;
    outside.push_back(division.cursor.division);
  }
  return outside;
}

Result<void> Inbox::on_covered(const std::vector<DivisionCode>& covered, CountyCode county) {
  for (const DivisionCode& division : covered) {
    if (!county.contains(division))
      return Error{Errc::Protocol, "level covers a division of another county"};
    if (find(division) != nullptr || !covered_.insert(division).second)
      return Error{Errc::Protocol, "level covers a division that was offered or named before"};
  }
  if (divisions_.size() + covered_.size() > kOfferDivisionsMax)
    return Error{Errc::Limit, "level: more divisions than a node can want"};
  return {};
}

std::optional<Inbox::Want> Inbox::next(std::uint64_t trusted_size) {
  if (asked_.size() >= kWantsInFlightMax) return std::nullopt;
  for (Division& division : divisions_) {
    if (division.cursor.next_index >= trusted_size) division.exhausted = true;
    if (!division.open()) continue;
    const bool is_first = &division == &divisions_.front();
    if (!division.asked) {
      division.asked = true;
      asked_.push_back(division.cursor.division);
      return Want{division.cursor, entries_max_};
    }
    if (is_first) return std::nullopt;  // Who may do what comes before what was done.
  }
  return std::nullopt;
}

// After a feed: the server may not stop before the head that it named, as far as it is provable.
Result<void> Inbox::check_end(Division& division, bool more, const log::Checkpoint& trusted) {
  const Cursor& cursor = division.cursor;
  const Cursor& head = division.head->head;
  if (cursor.next_index > head.next_index)
    return forged(cursor.division, "fed beyond the head that was named");
  if (cursor.next_index == head.next_index && cursor.leaf != head.leaf)
    return forged(cursor.division, "the head named is not the entry fed");
  if (more) return {};
  division.exhausted = true;
  if (cursor.next_index < head.next_index && head.next_index <= trusted.size)
    return forged(cursor.division, "entries up to the head that was named are held back");
  return {};
}

Result<FeedVerdict> Inbox::on_feed(const proto::Feed& feed, CountyCode county,
                                   const log::Checkpoint& trusted) {
  if (asked_.empty() || feed.division() != asked_.front().view())
    return Error{Errc::Protocol, "feed that was not asked for"};
  Division& division = *find(asked_.front());
  asked_.pop_front();
  division.asked = false;
  if (feed.batch().empty()) {
    if (feed.more() || feed.inclusion_size() > 0)
      return Error{Errc::Protocol, "feed without entries, yet more"};
    TRY(check_end(division, false, trusted));
    return FeedVerdict{.commit = {division.cursor.division, {}, division.cursor},
                       .own_missing = std::nullopt};
  }
  if (feed.proven_size() != trusted.size)
    return forged(division.cursor.division, "fed under another checkpoint than the trusted one");
  TRY_AS(inclusion, proof_from(feed.inclusion()));
  TRY_AS(verdict, check_feed({.county = county,
                              .cursor = division.cursor,
                              .batch = feed.batch(),
                              .inclusion = std::move(inclusion),
                              .entries_max = entries_max_},
                             trusted, source_, verify_all_));
  if (verdict.own_missing) {
    division.exhausted = true;  // Until the Level that follows.
    return std::move(verdict);
  }
  division.cursor = verdict.commit.cursor;
  fetched_ += verdict.commit.entries.size();
  TRY(check_end(division, feed.more(), trusted));
  return std::move(verdict);
}

Result<DivisionCode> Inbox::on_refusal() {
  if (asked_.empty()) return Error{Errc::Protocol, "refusal of nothing that was asked"};
  Division& division = *find(asked_.front());
  asked_.pop_front();
  division.asked = false;
  division.outside = true;
  return division.cursor.division;
}

bool Inbox::must_ask_again(const DivisionCode& division, std::uint64_t index) {
  if (check_holds(division, index)) return false;
  find(division)->offer_again = true;
  return true;
}

Result<void> Inbox::check_holds(const DivisionCode& division, std::uint64_t index) const {
  for (const Division& each : divisions_) {
    const bool held_back = each.cursor.division == division && each.head && !each.outside &&
                           each.cursor.next_index <= index;
    if (held_back)
      return Error{Errc::Forged, "division " + division.str() + ", entry " + std::to_string(index) +
                                     ": acknowledged, yet held back"};
  }
  return {};
}

std::uint64_t Inbox::heads_size() const {
  std::uint64_t out = 0;
  for (const Division& division : divisions_) {
    if (division.head && !division.outside) out = std::max(out, division.head->head.next_index);
  }
  return out;
}

std::uint64_t Inbox::left() const {
  std::uint64_t out = 0;
  for (const Division& division : divisions_) {
    if (!division.open()) continue;
    const std::uint64_t positions = division.head->head.next_index - division.cursor.next_index;
    out += std::min(positions, division.head->entries);
  }
  return out;
}
}  // namespace cunji::sync
