#pragma once
// Everything that bounds what connections may do, in one place: how long, how many, how often
// (D21; the table is in protocol/README.md). Belongs to the socket thread. Tests take smaller
// bounds.
#include <boost/asio/ip/address.hpp>

#include "server/app/limits.h"
#include "server/http/guests.h"
#include "server/http/rate_limit.h"
#include "shared/sync/limits.h"

namespace cunji::server {
struct HttpLimits {
  Duration head = kRequestHeadTimeout;
  Duration hello = sync::kHandshakeTimeout;
  Duration frame = kFrameTimeout;
  Duration stranger = kStrangerTimeout;
  Duration idle = kIdleTimeout;
  std::size_t send_queue_bytes = kSendQueueBytesMax;
  Guests::Bounds guests{.all = kConnectionsMax,
                        .address = kConnectionsPerAddressMax,
                        .strangers = kStrangersMax,
                        .strangers_of_address = kStrangersPerAddressMax,
                        .sessions_of_key = kSessionsPerKeyMax};
  Rate connects{.per_second = 200, .burst = 2'000};  // See app/limits.h for the reasons of these.
  Rate requests{.per_second = 30, .burst = 600};
  Rate frames{.per_second = 100, .burst = 400};
  Rate refused_events{.per_second = 20, .burst = 4'000};
  Rate enrolments_of_code{.per_second = 1.0 / 12, .burst = 5};
  Rate enrolments_of_address{.per_second = 2, .burst = 400};
  Rate enrolments{.per_second = 10, .burst = 1'000};
};

// What a push that is put off costs of the pace of frames, since decoding it was for nothing: five
// of them a second from one key.
inline constexpr double kPutOffFrames = 20;

struct Gates {
  explicit Gates(const HttpLimits& of)
      : limits(of),
        guests(of.guests),
        connects(of.connects, kRateNamesMax),
        requests(of.requests, kRateNamesMax),
        frames(of.frames, kRateNamesMax),
        refused_events(of.refused_events, kRateNamesMax),
        enrolments_of_code(of.enrolments_of_code, kRateNamesMax),
        enrolments_of_address(of.enrolments_of_address, kRateNamesMax),
        enrolments(of.enrolments, 1) {}

  // Whether an enrolment may be decided now. Each attempt counts for all three.
  bool may_enrol(BytesView code_id, BytesView address, SteadyTime now) {
    const bool later = enrolments_of_code.take(code_id, now).has_value() ||
                       enrolments_of_address.take(address, now).has_value() ||
                       enrolments.take("all", now).has_value();
    return !later;
  }

  const HttpLimits limits;
  Guests guests;
  RateLimit connects;        // By address: a handshake costs three curve operations and a proof.
  RateLimit requests;        // By address: plain HTTP, proofs among it; above it 429.
  RateLimit frames;          // By key: feeds and levels with their proofs; above it we read later.
  RateLimit refused_events;  // By key: work for nothing; above it "later", unverified.
  RateLimit enrolments_of_code, enrolments_of_address, enrolments;
};

// An IPv4 address, or an IPv6 network of 64 bits, which is what one customer has.
std::string address_name(boost::asio::ip::address address);
}  // namespace cunji::server
