#include "shared/sync/handshake.h"

#include <algorithm>

#include "protocol/sync.pb.h"
#include "shared/crypto/hash.h"
#include "shared/event/kinds.h"
#include "shared/event/parts.h"
#include "shared/sync/wire.h"

namespace cunji::sync {
static constexpr BytesView kLabel = "cunji/session/v1\n";

static Bytes signing_input(BytesView role, std::initializer_list<BytesView> messages) {
  Bytes out(kLabel);
  out.append(role);
  for (const BytesView message : messages) out.append(crypto::sha256(message).view());
  return out;
}

Bytes node_signing_input(BytesView server_hello, BytesView node_content) {
  return signing_input("node\n", {server_hello, node_content});
}

Bytes server_signing_input(BytesView server_hello, BytesView node_content,
                           BytesView answer_content) {
  return signing_input("server\n", {server_hello, node_content, answer_content});
}

Digest transcript_of(BytesView server_hello, BytesView node_hello, BytesView server_answer) {
  return crypto::sha256(signing_input("transcript\n", {server_hello, node_hello, server_answer}));
}

// Whether the root signed this event of this kind (decode_header has checked that governance stands
// in the county's own division, from_proto that the body fits).
static Result<void> check_by_root(const event::LoggedEvent& logged, event::Kind kind,
                                  const Digest& root_digest) {
  const event::Header& header = logged.entry.event.header();
  const std::string what =
      "handshake: " + std::string(event::info_of(static_cast<std::uint16_t>(kind))->name) +
      " entry";
  if (header.kind != static_cast<std::uint16_t>(kind))
    return Error{Errc::Forged, what + ": of another kind"};
  if (crypto::sha256(header.author.view()) != root_digest)
    return Error{Errc::Forged, what + ": not by this county's root key"};
  if (!logged.entry.event.verify()) return Error{Errc::Forged, what + ": signature"};
  return {};
}

Result<CountyIdentity> check_county(const proto::ServerHello& hello, const CountyPin& pin) {
  CountyIdentity out;
  TRY_AS(founding, from_proto(hello.founding()));
  TRY(check_by_root(founding, event::Kind::Founding, pin.root_digest));
  const event::Header& header = founding.entry.event.header();
  const auto founded = event::first_content<event::FoundingPart>(founding.body);
  if (!founded || founding.index != 0 || header.sequence != 1)
    return Error{Errc::Forged, "handshake: not a founding entry"};
  const bool sound = !founded->origin.empty() && founded->origin.size() <= log::kOriginBytesMax &&
                     founded->origin.find('\n') == std::string::npos;
  if (!sound) return Error{Errc::Malformed, "handshake: origin"};
  if (pin.log_key && *pin.log_key != founded->log_key)
    return Error{Errc::Forged, "handshake: the county's log key has changed"};
  if (!pin.origin.empty() && pin.origin != founded->origin)
    return Error{Errc::Forged, "handshake: the log's origin has changed"};

  TRY_AS(system, from_proto(hello.system()));
  TRY(check_by_root(system, event::Kind::Credential, pin.root_digest));
  const auto credited = event::first_content<event::CredentialPart>(system.body);
  const auto covers = [&](event::Kind kind) {
    const auto number = static_cast<std::uint16_t>(kind);
    return std::find(credited->kinds.begin(), credited->kinds.end(), number) !=
           credited->kinds.end();
  };
  if (!credited || !covers(event::Kind::Incident) || !covers(event::Kind::Anchor))
    return Error{Errc::Forged, "handshake: not the system key's credential"};
  if (system.entry.event.header().county != header.county)
    return Error{Errc::Forged, "handshake: system credential of another county"};
  out.county = header.county;
  out.origin = founded->origin;
  out.root_key = header.author;
  out.log_key = founded->log_key;
  out.system_key = credited->key;
  return out;
}
}  // namespace cunji::sync
