// What an event costs on the wire, pushed by its author and fed to others, against what can't be
// left out: 64 bytes of signature, 16 of salt, 16 of subject, and the bodies as zstd -19 has them.
#include <zstd.h>

#include "protocol/sync.pb.h"
#include "shared/crypto/channel.h"
#include "shared/sync/batch.h"
#include "tools/bench/county.h"
#include "tools/bench/figures.h"
#include "tools/bench/made_up.h"
#include "tools/bench/measure.h"

namespace cunji::bench {
static constexpr std::size_t kWebSocketBytes = 14;  // Header and mask of a large message.
static constexpr std::size_t kIncompressibleBytes =
    Signature::kSize + Salt::kSize + SubjectId::kSize;

static double ideal_bytes(std::span<const event::Event> events) {
  Bytes bodies;
  for (const event::Event& event : events) {
    for (const event::PartSlot& part : event.body.parts)
      bodies.append(event::unpad_part(part.padded).value());
  }
  Bytes packed(ZSTD_compressBound(bodies.size()), '\0');
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), bodies.data(), bodies.size(), 19);
  CHECK(ZSTD_isError(size) == 0);
  return static_cast<double>(size + events.size() * kIncompressibleBytes);
}

template <class Frame>
static double on_the_wire(const Frame& frame) {
  const Bytes bytes = frame.SerializeAsString();
  return static_cast<double>(bytes.size() + crypto::Channel::kOverheadBytes + kWebSocketBytes);
}

static double push_bytes(std::span<const event::Event> events) {
  proto::NodeFrame frame;
  frame.mutable_push()->set_id(7);
  frame.mutable_push()->set_batch(sync::encode_batch(events));
  return on_the_wire(frame);
}

// The feed of the same events as logged, to somebody who has none of them.
static Result<double> feed_bytes(const County& county, const DivisionCode& village,
                                 std::size_t events) {
  TRY_AS(entries, county.log().division_entries(village, 0, events));
  CHECK(entries.size() == events);
  proto::ServerFrame frame;
  proto::Feed& feed = *frame.mutable_feed();
  feed.set_division(village.str());
  feed.set_batch(sync::encode_feed(entries, {}, 0));
  for (int i = 0; i < 18; ++i) feed.add_inclusion(Bytes(Digest::kSize, 'h'));  // Of 200,000.
  feed.set_proven_size(county.head().size);
  feed.set_more(true);
  return on_the_wire(frame);
}

// One author's work of `events` events; a new subject each where `new_subjects`.
static Result<void> measure(County& county, unsigned number, std::size_t events, bool new_subjects,
                            Outcome& out) {
  TimePoint at = county.head().received;
  Village village(village_code(county.code(), number), 60, number);
  TRY_AS(author, county.enrol({village.code().str()}, at));
  std::vector<event::Event> made;
  while (made.size() < events)
    made.push_back(
        county.sign(*author, new_subjects ? village.next_about_a_new_one(at) : village.next(at)));
  const auto per_event = [&](double bytes) { return bytes / static_cast<double>(events); };
  const std::string of = std::to_string(events) +
                         (new_subjects ? " a batch, each about another household" : " a batch");
  const double push = per_event(push_bytes(made));
  out.figures.push_back({.name = "push, " + of,
                         .value = push,
                         .unit = "bytes/event",
                         .yardstick_name = "64 + 16 + 16 + zstd -19 of the bodies",
                         .yardstick = per_event(ideal_bytes(made)),
                         .at_most = 1.25});
  // A county logs what several send in between, a few at a time.
  for (std::size_t i = 0; i < made.size(); i += 20) {
    const auto to = made.begin() + static_cast<std::ptrdiff_t>(std::min(i + 20, made.size()));
    TRY(county.log_events({made.begin() + static_cast<std::ptrdiff_t>(i), to}, at));
    at += std::chrono::hours{20};
  }
  TRY_AS(fed, feed_bytes(county, village.code(), events));
  out.figures.push_back({.name = "feed, " + of,
                         .value = per_event(fed),
                         .unit = "bytes/event",
                         .yardstick_name = "push",
                         .yardstick = push,
                         .at_most = 1.2});
  return {};
}

Result<Outcome> wire_job(const Setting& setting) {
  TRY_AS(county, County::make(setting.folder + "/county", wall_clock() - std::chrono::days{300},
                              /*seed=*/5));
  Outcome out;
  unsigned number = 1;
  for (const bool new_subjects : {false, true}) {
    for (const std::size_t events : {std::size_t{100}, std::size_t{1'000}})
      TRY(measure(*county, number++, events, new_subjects, out));
  }
  out.notes.push_back(
      "whole sealed messages with their WebSocket headers; a feed with a proof of 18 hashes");
  return out;
}
}  // namespace cunji::bench
