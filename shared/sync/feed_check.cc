#include "shared/sync/feed_check.h"

#include "shared/sync/batch.h"

namespace cunji::sync {
static Error forged(const Cursor& at, std::uint64_t index, const std::string& what) {
  return {Errc::Forged,
          "division " + at.division.str() + ", entry " + std::to_string(index) + ", after entry " +
              (at.next_index == 0 ? "none" : std::to_string(at.next_index - 1)) + ": " + what};
}

// Our own event where the feed leaves it out; nothing when we don't hold it whole.
static Result<std::optional<event::Event>> own_content(const FedEntry& fed,
                                                       const NodeSource& source) {
  auto own = source.own_event(fed.key, fed.sequence);
  if (!own && own.error().code == Errc::Corrupt) return std::optional<event::Event>{};
  if (!own) return own.error();
  if (!*own) return std::optional<event::Event>{};
  event::Event& event = **own;
  const event::Header& header = event.signed_event.header();
  if (header.author != fed.key || header.sequence != fed.sequence || !event.signed_event.verify())
    return std::optional<event::Event>{};
  // A body damaged here was offered as lost, and is lost.
  if (!event::check_body(header, event.body)) event.body = {};
  return std::optional<event::Event>{std::move(event)};
}

std::vector<std::uint8_t> verify_one_by_one(std::span<const event::SignedEvent* const> events) {
  std::vector<std::uint8_t> out;
  for (const event::SignedEvent* event : events) out.push_back(event->verify() ? 1 : 0);
  return out;
}

// Of the entries that the feed brings, all at once: nearly all the time of a first sync goes here.
static std::vector<std::uint8_t> genuine_of(const std::vector<FedEntry>& fed,
                                            const VerifyAll& verify_all) {
  std::vector<const event::SignedEvent*> events;
  for (const FedEntry& each : fed) {
    if (each.event) events.push_back(&each.event->signed_event);
  }
  std::vector<std::uint8_t> out = verify_all(events);
  CHECK(out.size() == events.size());
  return out;
}

Result<FeedVerdict> check_feed(const FeedClaim& claim, const log::Checkpoint& trusted,
                               const NodeSource& source, const VerifyAll& verify_all) {
  TRY_AS(fed, decode_feed(claim.batch, claim.cursor.next_index));
  if (fed.size() > claim.entries_max) return Error{Errc::Limit, "feed: more than asked for"};
  FeedVerdict out{.commit = {claim.cursor.division, {}, claim.cursor}, .own_missing = std::nullopt};
  Cursor& cursor = out.commit.cursor;
  const std::vector<std::uint8_t> genuine = genuine_of(fed, verify_all);
  auto is_genuine = genuine.begin();
  for (FedEntry& each : fed) {
    if (each.index >= trusted.size)
      return forged(cursor, each.index, "beyond the checkpoint that is to prove it");
    if (!each.event) {
      TRY_AS(own, own_content(each, source));
      if (!own) {
        out.own_missing = each.key;
        return out;
      }
      each.event = std::move(*own);
    } else if (*is_genuine++ == 0) {
      return forged(cursor, each.index, "author's signature");
    } else if (each.verdict == event::Verdict::Accepted && each.event->body.lost()) {
      return forged(cursor, each.index, "logged with its body, yet shown without");
    }
    const event::Header& header = each.event->signed_event.header();
    if (header.county != claim.county || header.division != cursor.division)
      return forged(cursor, each.index, "of another division");
    if (!event::check_body(header, each.event->body))
      return forged(cursor, each.index, "body does not match its header");
    event::LoggedEvent logged{
        each.index,
        event::Entry{each.received, each.verdict, cursor.leaf, each.event->signed_event},
        std::move(each.event->body)};
    cursor.next_index = each.index + 1;
    cursor.leaf = logged.entry.leaf_hash();
    out.commit.entries.push_back(std::move(logged));
  }
  const std::uint64_t last = cursor.next_index - 1;
  if (!log::verify_inclusion(cursor.leaf, last, trusted.size, claim.inclusion, trusted.root))
    return forged(claim.cursor, last,
                  "the entries up to it are not what the checkpoint of size " +
                      std::to_string(trusted.size) +
                      " holds: something is left out, reordered or replaced");
  return out;
}
}  // namespace cunji::sync
