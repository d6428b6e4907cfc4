#include "shared/sync/outbox.h"

#include <algorithm>

#include "protocol/sync.pb.h"
#include "shared/sync/batch.h"
#include "shared/sync/limits.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static Error protocol_error(const char* what) { return {Errc::Protocol, what}; }

Result<std::vector<ChainPosition>> Outbox::offer() {
  TRY_AS(heads, source_.own_chains());
  // The newest chains are last; a node that has made so many keys offers those.
  if (heads.size() > kOfferChainsMax)
    heads.erase(heads.begin(), heads.end() - static_cast<std::ptrdiff_t>(kOfferChainsMax));
  std::vector<ChainPosition> out;
  for (const event::ChainHead& head : heads) offer(head, /*carried=*/false, out);
  TRY_AS(carried, source_.carried_chains());
  for (const event::ChainHead& head : carried) offer(head, /*carried=*/true, out);
  return out;
}

void Outbox::offer(const event::ChainHead& head, bool carried, std::vector<ChainPosition>& out) {
  const bool is_new = !chains_.contains(head.key);
  if (head.sequence == 0 || (is_new && chains_.size() == kOfferChainsMax)) return;
  Chain& chain = chains_[head.key];
  chain.own = head;
  chain.carried = carried;
  ChainPosition position{.key = head.key, .sequence = head.sequence, .digest = head.digest};
  // Of a piece nothing may be left out of a feed.
  if (chain.broken || carried) position = {.key = head.key, .sequence = 0, .digest = {}};
  if (chain.offered == position) return;
  chain.offered = position;
  out.push_back(position);
}

std::optional<ChainTrouble> Outbox::trouble_of(const Chain& chain,
                                               ChainTrouble::Reason reason) const {
  if (chain.own.key != session_key_) return std::nullopt;
  const ChainPosition held = chain.held.value_or(ChainPosition{});
  return ChainTrouble{chain.own.key, held.sequence, held.digest, reason};
}

std::optional<ChainTrouble> Outbox::end_broken(Chain& chain) {
  if (chain.broken) return std::nullopt;
  chain.broken = true;
  return trouble_of(chain, ChainTrouble::Reason::Broken);
}

Result<std::optional<ChainTrouble>> Outbox::give_up(const PublicKey& key) {
  const auto at = chains_.find(key);
  const bool offered =
      at != chains_.end() && at->second.offered && at->second.offered->sequence > 0;
  if (!offered) return protocol_error("feed leaves out an event that we don't hold");
  at->second.ask_again = true;  // So that a poll tells the server.
  return end_broken(at->second);
}

Result<bool> Outbox::same_event(const PublicKey& key, const ChainPosition& position) const {
  auto own = source_.own_event(key, position.sequence);
  if (!own) return own.error();
  if (!*own) return Error{Errc::Corrupt, "own event is missing"};
  return (*own)->signed_event.digest() == position.digest;
}

Result<std::optional<ChainTrouble>> Outbox::take_head(Chain& chain, const ChainPosition& head,
                                                      const std::set<DivisionCode>& fed) {
  chain.held = head;
  const bool asked_again = chain.ask_again;
  chain.ask_again = false;
  if (chain.broken) return std::optional<ChainTrouble>{};
  if (chain.carried) {
    // What the county holds beside it is its author's business; what it has already, it finds
    // logged.
    if (chain.next != 0 && !asked_again) return std::optional<ChainTrouble>{};
    TRY_AS(first, source_.first_unanswered(chain.own.key, chain.own.sequence, {}));
    chain.next = first.value_or(chain.own.sequence + 1);
    chain.previous = {};
    return std::optional<ChainTrouble>{};
  }
  if (head.sequence > chain.own.sequence) {
    // Our newest event tells a restored backup from a clone: the county knows it, or finds a fork.
    if (!chain.behind) {
      chain.next = chain.own.sequence;
      chain.previous = {};
    }
    chain.behind = true;
    return trouble_of(chain, ChainTrouble::Reason::Behind);
  }
  if (head.sequence > 0) {
    const auto same = same_event(chain.own.key, head);
    if (!same && same.error().code != Errc::Corrupt) return same.error();
    if (!same) return end_broken(chain);
    if (!*same) {
      // Push our branch from there: the county needs both headers to prove the fork (D4). Its
      // refusal is the trouble that is reported.
      chain.next = head.sequence;
      chain.previous = {};
      return std::optional<ChainTrouble>{};
    }
  }
  // Parked events stay above the head: they are offered once a session.
  const bool first = chain.next == 0;
  if (chain.next <= head.sequence || asked_again) {
    chain.next = head.sequence + 1;
    chain.previous = head.digest;
  }
  if (first) {
    TRY_AS(unanswered, source_.first_unanswered(chain.own.key, head.sequence, fed));
    if (unanswered) {
      chain.next = *unanswered;
      chain.previous = {};
    }
  }
  return std::optional<ChainTrouble>{};
}

Result<std::optional<ChainTrouble>> Outbox::on_level(const std::vector<ChainPosition>& heads,
                                                     const std::set<DivisionCode>& fed) {
  std::optional<ChainTrouble> out;
  std::vector<PublicKey> named;
  for (const ChainPosition& head : heads) {
    const auto at = chains_.find(head.key);
    if (at == chains_.end()) return protocol_error("level names a chain that was not offered");
    TRY_AS(trouble, take_head(at->second, head, fed));
    if (trouble) out = trouble;
    named.push_back(head.key);
  }
  for (auto& [key, chain] : chains_) {
    if (std::find(named.begin(), named.end(), key) != named.end()) continue;
    if (!chain.held) return protocol_error("level leaves out an offered chain");
    // Left out: the head is where the server last said.
    TRY(take_head(chain, ChainPosition(*chain.held), fed));  // Trouble was reported then.
  }
  return out;
}

// The events of the next push, checked as the server will check them: none honest is refused (D7).
Result<std::vector<event::Event>> Outbox::read(Chain& chain, std::optional<ChainTrouble>& trouble) {
  std::vector<event::Event> out;
  BatchFill fill(std::min(batch_events_max_, kBatchEventsMax));
  const auto ends = [&] {
    if (const auto found = end_broken(chain)) trouble = found;
    return out;  // What came before is sound.
  };
  while (chain.next <= chain.own.sequence) {
    auto events = source_.own_events(chain.own.key, chain.next - 1, kReadEventsMax);
    if (!events && events.error().code != Errc::Corrupt) return events.error();
    if (!events || events->empty()) return ends();
    for (event::Event& event : *events) {
      const event::Header& header = event.signed_event.header();
      const bool follows = chain.previous.is_zero() || header.previous == chain.previous;
      if (header.author != chain.own.key || header.sequence != chain.next || !follows ||
          !event.signed_event.verify())
        return ends();
      if (!event::check_body(header, event.body)) event.body = {};  // Damaged: sent as lost.
      if (chain.next > chain.own.sequence || !fill.take(event.body)) return out;
      chain.previous = event.signed_event.digest();
      ++chain.next;
      out.push_back(std::move(event));
    }
  }
  return out;
}

Result<std::optional<Outbox::Push>> Outbox::next(std::size_t in_flight_max,
                                                 std::optional<ChainTrouble>& trouble) {
  if (in_flight_.size() >= in_flight_max) return std::optional<Push>{};
  for (auto& [key, chain] : chains_) {
    if (!chain.runs() || chain.next > chain.own.sequence) continue;
    TRY_AS(events, read(chain, trouble));
    if (events.empty()) continue;
    InFlight push{.id = ++last_id_,
                  .key = key,
                  .first = events.front().signed_event.header().sequence,
                  .divisions = {}};
    for (const event::Event& event : events)
      push.divisions.push_back(event.signed_event.header().division);
    in_flight_.push_back(std::move(push));
    return std::optional<Push>{{last_id_, encode_batch(events)}};
  }
  return std::optional<Push>{};
}

static Result<EventOutcome> outcome_of(const proto::EventResult& result) {
  EventOutcome out;
  TRY_AS(key, PublicKey::from(result.key()));
  out.key = key;
  out.sequence = result.sequence();
  switch (result.status()) {
    case proto::EventResult::STATUS_LOGGED: {
      out.status = EventOutcome::Status::Logged;
      const auto verdict = result.verdict() > 0xffff
                               ? std::nullopt
                               : event::verdict_from(static_cast<std::uint16_t>(result.verdict()));
      if (!verdict || result.index() >= event::kSequenceMax || result.received() > kTimeMillisMax)
        return protocol_error("acknowledgement: place, time or verdict");
      out.index = result.index();
      out.received = from_millis(result.received());
      out.verdict = *verdict;
      return out;
    }
    case proto::EventResult::STATUS_PARKED: out.status = EventOutcome::Status::Parked; return out;
    case proto::EventResult::STATUS_REFUSED:
      if (result.refusal().code() == proto::REFUSAL_CODE_UNSPECIFIED)
        return protocol_error("acknowledgement: refusal without a code");
      out.status = EventOutcome::Status::Refused;
      out.refusal = result.refusal().code();
      out.reason = reason_line(result.refusal().reason());
      return out;
    default: return protocol_error("acknowledgement: status");
  }
}

void Outbox::refuse(Chain& chain, const EventOutcome& outcome, Acked& out) {
  if (outcome.refusal == proto::REFUSAL_CODE_LATER) {
    chain.put_off = true;
    out.later = outcome.reason.empty() ? "later" : outcome.reason;
  } else if (outcome.refusal == proto::REFUSAL_CODE_GAP) {
    // Of what was behind a refused or put-off event, or the server lost what it had parked.
    if (!chain.refused && !chain.put_off) chain.ask_again = true;
  } else if (outcome.refusal == proto::REFUSAL_CODE_PARENT && chain.put_off) {
    // The one before is to come later, so is this one.
  } else {
    chain.refused = true;
    out.outcomes.push_back(outcome);
    if (outcome.refusal == proto::REFUSAL_CODE_FORK ||
        outcome.refusal == proto::REFUSAL_CODE_BROKEN_CHAIN) {
      out.trouble = trouble_of(chain, ChainTrouble::Reason::Fork);
      // The head we were told may be older: another one with our key can be faster than our push.
      if (out.trouble && out.trouble->sequence != outcome.sequence) {
        out.trouble->sequence = outcome.sequence;
        out.trouble->digest = {};
      }
    }
  }
}

Result<Outbox::Acked> Outbox::on_ack(const proto::Ack& ack) {
  const auto push = std::find_if(in_flight_.begin(), in_flight_.end(),
                                 [&](const InFlight& each) { return each.id == ack.push_id(); });
  if (push == in_flight_.end()) return protocol_error("acknowledgement of no push");
  const auto answered = static_cast<std::size_t>(ack.results_size());
  if (answered == 0 || answered > push->divisions.size())
    return protocol_error("acknowledgement: not the events that were pushed");
  Chain& chain = chains_.at(push->key);
  const bool asked_before = chain.ask_again;
  Acked out;
  for (int i = 0; i < ack.results_size(); ++i) {
    TRY_AS(outcome, outcome_of(ack.results(i)));
    if (outcome.key != push->key || outcome.sequence != push->first + static_cast<std::uint64_t>(i))
      return protocol_error("acknowledgement: not the events that were pushed");
    ++pushed_;
    if (outcome.status == EventOutcome::Status::Refused) {
      refuse(chain, outcome, out);
      continue;
    }
    chain.progress = true;
    if (outcome.status == EventOutcome::Status::Logged) {
      std::uint64_t& newest = out.logged[push->divisions[static_cast<std::size_t>(i)]];
      newest = std::max(newest, outcome.index);
    }
    out.outcomes.push_back(std::move(outcome));
  }
  if (answered < push->divisions.size() && !chain.refused && !chain.put_off) chain.ask_again = true;
  if (chain.ask_again && !asked_before) {
    if (!chain.progress) {
      // The server's own head would not do twice in a row: not for ever.
      chain.put_off = true;
      chain.ask_again = false;
      out.later = "the server finds a gap after the head it named";
    }
    chain.progress = false;
  }
  in_flight_.erase(push);
  return out;
}

void Outbox::retry_put_off() {
  for (auto& [key, chain] : chains_) {
    if (!chain.put_off) continue;
    chain.put_off = false;
    chain.ask_again = true;
    chain.progress = true;
  }
}

void Outbox::drop_all() {
  in_flight_.clear();
  for (auto& [key, chain] : chains_) chain.refused = true;
}

bool Outbox::needs_level() const {
  return std::any_of(chains_.begin(), chains_.end(),
                     [](const auto& each) { return each.second.ask_again; });
}

std::uint64_t Outbox::left() const {
  std::uint64_t out = 0;
  for (const InFlight& push : in_flight_) out += push.divisions.size();
  for (const auto& [key, chain] : chains_) {
    if (chain.runs() && chain.next <= chain.own.sequence)
      out += chain.own.sequence - chain.next + 1;
  }
  return out;
}
}  // namespace cunji::sync
