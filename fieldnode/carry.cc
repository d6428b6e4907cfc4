// Bundles on their way (D5, design section 4): what is not sent, for the county or for a colleague;
// and what a colleague gave us, kept, receipted, and pushed with our next session.
#include <algorithm>

#include "fieldnode/node.h"
#include "shared/event/parts.h"
#include "shared/sync/bundle.h"

namespace cunji::fieldnode {
static constexpr std::string_view kBoxKey = "box key", kHandedOver = "handed over";

Result<crypto::BoxPair> Node::box_key() {
  TRY_AS(kept, store_->setting(kBoxKey));
  if (!kept) {
    const crypto::BoxPair fresh = crypto::generate_box_pair(entropy_);
    TRY(store_->set_setting(kBoxKey, fresh.secret_key.view()));
    return fresh;
  }
  const auto secret = crypto::BoxSecret::from(*kept);
  crypto::wipe(*kept);
  if (!secret) return Error{Errc::Corrupt, "the node's store: its box key"};
  return crypto::box_pair_of(*secret);
}

Result<Bytes> Node::box_statement() {
  const auto code = county();
  if (!code) return Error{Errc::Protocol, "no contact with the county yet"};
  TRY_AS(box, box_key());
  return sync::sign_box_key(keys_.back(), *code, box.public_key);
}

// Whether `key` may read all of what goes to it: by divisions, not by subjects, which nobody here
// can look up for somebody else.
Result<void> Node::check_reader(const PublicKey& key, const std::vector<event::Event>& events,
                                TimePoint now) const {
  const auto grants = governance().standing(key, now);
  for (const event::Event& event : events) {
    const DivisionCode& division = event.signed_event.header().division;
    const bool covered =
        std::any_of(grants.begin(), grants.end(), [&](const credential::Grant* grant) {
          return !grant->scope.divisions.empty() && grant->scope.covers(division);
        });
    if (!covered)
      return Error{Errc::Conflict,
                   "as far as this node knows, no credential of that device is in "
                   "force for division " +
                       division.str() +
                       ": leave the colleague out, then only the "
                       "county can open the bundle"};
  }
  return {};
}

Result<Node::Bundled> Node::bundle(std::optional<BytesView> reader, TimePoint now) {
  const auto code = county();
  const auto& founded = governance().county();
  if (!code || !founded) return Error{Errc::Protocol, "no contact with the county yet"};
  TRY_AS(lines, own_lines(/*unsent_only=*/true));
  std::vector<event::Event> events;
  for (OwnLine& line : lines) events.push_back(std::move(line.own.event));
  Bundled out;
  out.events = events.size();
  if (events.empty()) return out;
  TRY_AS(to, crypto::BoxPublic::from(founded->box_key));
  PublicKey taker;
  if (reader) {
    TRY_AS(box, sync::open_box_key(*reader, *code));
    if (box.node == key()) return Error{Errc::Conflict, "that is this device's own box key"};
    TRY(check_reader(box.node, events, now));
    to = box.box;
    taker = box.node;
  }
  TRY_AS(file, sync::write_bundle(*code, to, events, entropy_));
  out.file = std::move(file);
  TRY_AS(head, store_->current_chain());
  TRY(store_->set_setting(kHandedOver, ByteWriter()
                                           .raw(key().view())
                                           .u64(head->sequence)
                                           .u64(to_millis(now))
                                           .raw(taker.view())
                                           .take()));
  return out;
}

Result<std::optional<HandedOver>> Node::handed_over() const {
  TRY_AS(kept, store_->setting(kHandedOver));
  if (!kept) return std::optional<HandedOver>{};
  ByteReader in(*kept);
  HandedOver out;
  out.key = in.fixed<PublicKey>();
  out.through = in.u64();
  out.at = from_millis(std::min(in.u64(), kTimeMillisMax));
  const auto taker = in.fixed<PublicKey>();
  if (!in.at_end()) return Error{Errc::Corrupt, "the node's store: what was handed over"};
  if (!taker.is_zero()) out.taker = taker;
  return std::optional(out);
}

// What the county's intake checks of an event by itself: nothing else is carried.
static Result<void> check_genuine(const event::Event& event) {
  const event::Header& header = event.signed_event.header();
  const std::string name = to_hex(event.signed_event.digest().view()).substr(0, 8);
  if (!event.signed_event.verify())
    return Error{Errc::Forged, "bundle: event " + name + ": its signature does not verify"};
  if (const auto body = event::check_body(header, event.body); !body)
    return Error{Errc::Forged, "bundle: event " + name + ": " + body.error().what};
  const bool held_back = std::any_of(
      event.body.parts.begin(), event.body.parts.end(), [](const event::PartSlot& part) {
        return part.state == event::PartState::Withheld || part.state == event::PartState::Erased;
      });
  if (held_back) return Error{Errc::Forged, "bundle: event " + name + ": a part is held back"};
  // Its author alone can tell the county so.
  if (event.body.lost()) return Error{Errc::Forged, "bundle: event " + name + ": its body is lost"};
  return {};
}

// Where a receipt for events of `division` can stand: there if we may sign there, else in a
// division of our own.
Result<DivisionCode> Node::receipt_division(const std::optional<DivisionCode>& division,
                                            TimePoint now) const {
  std::optional<DivisionCode> own;
  for (const credential::Grant* grant : governance().standing(key(), now)) {
    if (!grant->kinds.contains(static_cast<std::uint16_t>(event::Kind::Receipt))) continue;
    if (division && grant->scope.covers(*division)) return *division;
    for (std::string prefix : grant->scope.divisions) {
      prefix.resize(DivisionCode::kSize, '0');
      const auto code = DivisionCode::parse(prefix);
      if (code && !own) own = *code;
    }
  }
  if (!own)
    return Error{Errc::Protocol,
                 "no credential of this device is in force that may sign a receipt"};
  return *own;
}

// First what is carried, then its receipts: after a crash between the two it is taken again.
Result<TakenOver> Node::take_bundle(BytesView file, TimePoint now) {
  const auto code = county();
  const auto& founded = governance().county();
  if (!code || !founded) return Error{Errc::Protocol, "no contact with the county yet"};
  TRY_AS(bundle, sync::read_bundle(file));
  if (bundle.county != *code) return Error{Errc::Conflict, "the bundle is of another county"};
  TRY_AS(box, box_key());
  TakenOver out;
  std::map<DivisionCode, std::vector<Digest>> newest;
  if (bundle.to == box.public_key) {
    TRY_AS(events, sync::open_whole_bundle(bundle, box));
    std::map<DivisionCode, std::vector<event::Event>> by_division;
    for (const event::Event& event : events) {
      TRY(check_genuine(event));
      by_division[event.signed_event.header().division].push_back(event);
    }
    TRY(store_->keep_carried(events));
    for (const auto& [division, some] : by_division) {
      TRY_AS(where, receipt_division(division, now));
      const auto digests = sync::newest_of(some);
      newest[where].insert(newest[where].end(), digests.begin(), digests.end());
    }
    out.readable = true;
    out.events = events.size();
  } else if (bundle.to.view() == BytesView(founded->box_key)) {
    if (bundle.newest.empty())
      return Error{Errc::Malformed, "the bundle does not say which events it holds"};
    TRY_AS(where, receipt_division(std::nullopt, now));
    newest[where] = bundle.newest;
  } else {
    return Error{Errc::Conflict, "the bundle is sealed to somebody else"};
  }
  for (auto& [division, digests] : newest) {
    TRY_AS(
        receipt,
        record({.kind = event::Kind::Receipt,
                .division = division,
                .subject = {},
                .recorded = now,
                .parts = {event::encode_part(event::ReceiptPart{.events = std::move(digests)})}}));
    out.receipts.push_back(receipt);
  }
  return out;
}
}  // namespace cunji::fieldnode
