#pragma once
// Logs full of everything that can go wrong, from a seed: late, disputed, corrected, endorsed,
// back-dated and compromised events, some named before they are logged.
#include <deque>

#include "tests/support/shipped.h"
#include "tests/unit/shared/state/fold.h"

namespace cunji::state {
class RandomLog {
 public:
  enum class Definitions { None, Shipped };  // With those that come with the program, or none.
  RandomLog(std::uint64_t seed, int steps, Definitions definitions = Definitions::None)
      : random_(seed, "random log") {
    if (definitions == Definitions::Shipped) publish_shipped(log);
    people_ = {&log.desk("desk 1"), &log.desk("desk 2"), &log.coordinator("a", {village(1).str()}),
               &log.coordinator("b", {village(1).str(), village(2).str()}),
               &log.coordinator("c", {"411323001"})};
    system_ = &log.system();
    unsent_.resize(people_.size());
    log.set_now(local("2022-02-01T00:00"));
    for (int n = 0; n < kHouses; ++n)
      log.say(*people_[0], registers(house(n), village(1 + n % 3), household_part({"monitored"})));
    for (int n = 0; n < steps; ++n) step();
    for (std::size_t who = 0; who < people_.size(); ++who) send(who);
  }
  static constexpr int kHouses = 10;
  CountyLog log;

 private:
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  // For counts in memory, which have 32 bits in WebAssembly.
  std::size_t place_below(std::size_t bound) { return static_cast<std::size_t>(below(bound)); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  void step() {
    log.pass(std::chrono::minutes{below(480)});
    if (one_in(6)) log.anchor(*system_);
    if (one_in(60)) compromise();
    const std::size_t who = place_below(people_.size());
    Signer& by = *people_[who];
    const event::Event event = log.sign(by, says());
    digests_.push_back(event.signed_event.digest());
    unsent_[who].push_back(event);
    if (!one_in(4)) send(who);
  }
  void send(std::size_t who) {
    for (; !unsent_[who].empty(); unsent_[who].pop_front()) log.log(unsent_[who].front());
  }
  void compromise() {
    const Signer& whom = *people_[2 + place_below(3)];
    log.say(log.root(), Kind::Revocation,
            event::RevocationPart{.key = whom.id(),
                                  .reason = event::RevocationReason::Compromised,
                                  .last_vouched_sequence = below(whom.head.sequence + 2)});
  }
  Digest some_event() {
    if (digests_.empty() || one_in(20)) return crypto::sha256("an event nobody made");
    // Mostly a recent one, so that corrections of corrections are common.
    const std::size_t all = digests_.size();
    const std::size_t back = place_below(one_in(3) ? all : std::min<std::size_t>(8, all));
    return digests_[digests_.size() - 1 - back];
  }
  Bytes content() {
    event::PartFrame frame;
    if (one_in(4)) frame.occurred = log.now() - std::chrono::hours{below(72)};
    switch (below(4)) {
      case 0:
        return event::encode_part(household_part({one_in(2) ? "monitored" : "general"},
                                                 "head " + std::to_string(++heads_)),
                                  frame);
      case 1: return event::encode_part(event::CheckInPart{}, frame);
      default:
        return event::encode_part(
            event::VisitPart{.outcome = one_in(4) ? VisitOutcome::Away : VisitOutcome::Met}, frame);
    }
  }
  Says says() {
    static constexpr Kind kKinds[] = {Kind::Visit,        Kind::Visit,      Kind::CheckIn,
                                      Kind::Registration, Kind::Correction, Kind::Correction,
                                      Kind::Endorsement};
    Says out{.kind = kKinds[below(std::size(kKinds))],
             .division = village(1 + static_cast<int>(below(3))),
             .subject = house(static_cast<int>(below(kHouses)))};
    if (one_in(3)) out.recorded = log.now() - std::chrono::hours{below(144)};
    if (one_in(9)) out.recorded = log.now() + std::chrono::hours{below(48)};
    if (one_in(2)) out.seen_size = 1 + below(log.size());
    if (out.kind == Kind::Endorsement) {
      if (one_in(2)) out.division = the_county().division();
      const auto purpose = one_in(2) ? EndorsementPurpose::Effect : EndorsementPurpose::Time;
      out.parts = {event::encode_part(
          event::EndorsementPart{.events = {some_event(), some_event()}, .purpose = purpose})};
      return out;
    }
    if (out.kind == Kind::Correction)
      out.parts.push_back(correction_part(some_event(), static_cast<std::uint32_t>(below(3))));
    for (std::uint64_t n = below(3); n > 0; --n) out.parts.push_back(content());
    if (out.parts.empty()) out.parts.push_back(content());
    return out;
  }

  crypto::SeededEntropy random_;
  std::vector<Signer*> people_;
  Signer* system_ = nullptr;
  std::vector<std::deque<event::Event>> unsent_;
  std::vector<Digest> digests_;
  int heads_ = 0;
};
}  // namespace cunji::state
