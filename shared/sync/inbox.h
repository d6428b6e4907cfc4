#pragma once
// What a node is fed: for each wanted division the entries after its cursor, until it is level with
// the head that the server named. Part of NodeSession.
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "shared/log/checkpoint.h"
#include "shared/sync/feed_check.h"
#include "shared/sync/level.h"
#include "shared/sync/node_session.h"

namespace cunji::proto {
class Feed;
}

namespace cunji::sync {
class Inbox {
 public:
  struct Want {
    Cursor after;
    std::size_t entries_max = 0;
  };

  // `source` outlives the inbox.
  Inbox(const NodeSource& source, std::size_t entries_max, VerifyAll verify_all);

  // Reads what is wanted and held; gives the cursors to be offered: new since the last call.
  Result<std::vector<Cursor>> offer();
  // Takes the heads of a Level; gives the divisions that the server does not feed. Errc::Forged for
  // a head that contradicts what we hold, Errc::Protocol for a division that was not offered.
  Result<std::vector<DivisionCode>> on_level(const std::vector<Level::Division>& heads);
  // Takes what a Level names as covered by the key's scope beside what was offered. Whether it is,
  // the node judges by the credentials it holds. Errc::Protocol for a division of another county,
  // or one that was offered or named before in the session: an honest server has no reason to, and
  // another could go on with it for ever. Errc::Limit above kOfferDivisionsMax together with those
  // offered.
  Result<void> on_covered(const std::vector<DivisionCode>& covered, CountyCode county);
  // The next entries to ask for under the checkpoint of this size: the county's own division first,
  // then the others side by side.
  std::optional<Want> next(std::uint64_t trusted_size);
  // Takes the answer to the oldest Want. Nothing of it is kept where `own_missing` is set: that
  // division is asked for again after the next Level.
  Result<FeedVerdict> on_feed(const proto::Feed& feed, CountyCode county,
                              const log::Checkpoint& trusted);
  // The oldest Want was refused: that division is not fed.
  Result<DivisionCode> on_refusal();

  // Whether the division, as far as we know, is fed, yet ends before an entry that the server
  // acknowledged. Its head is asked for anew with the next offer then: a key that has lost its
  // standing meanwhile (frozen, say) is not fed it any more.
  bool must_ask_again(const DivisionCode& division, std::uint64_t index);
  // Errc::Forged when the division is fed, yet ends before an entry that the server acknowledged.
  Result<void> check_holds(const DivisionCode& division, std::uint64_t index) const;

  bool under_way() const { return !asked_.empty(); }
  // The log size that covers every head named so far: where it is beyond the checkpoint, the rest
  // can be fed when the next one is published.
  std::uint64_t heads_size() const;
  std::uint64_t fetched() const { return fetched_; }
  std::uint64_t left() const;  // Entries still to come; an estimate from above.

 private:
  struct Division {
    Cursor cursor;
    std::optional<Level::Division> head;
    bool awaits_head = false;  // Offered, not yet answered.
    bool offer_again = false;
    bool outside = false;    // The server does not feed it.
    bool asked = false;      // A Want is under way.
    bool exhausted = false;  // Nothing more under the checkpoint of the newest Level.
    bool open() const {
      return head && !outside && !exhausted && cursor.next_index < head->head.next_index;
    }
  };
  Division* find(const DivisionCode& division);
  Result<void> check_end(Division& division, bool more, const log::Checkpoint& trusted);

  const NodeSource& source_;
  std::size_t entries_max_;
  VerifyAll verify_all_;
  std::vector<Division> divisions_;  // As the source orders them: the county's own first.
  std::set<DivisionCode> covered_;   // Named by the server, and not offered since.
  std::deque<DivisionCode> asked_;
  std::uint64_t fetched_ = 0;
};
}  // namespace cunji::sync
