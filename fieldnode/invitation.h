#pragma once
// What the county office hands a person who is to be enrolled: a code, the server's address, and
// the digest of the county's root key, by which the device knows the right county from any other.
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace cunji::fieldnode {
struct ServerAddress {
  std::string host;  // Name, IPv4 address, or IPv6 address without its brackets.
  std::uint16_t port = 0;
  bool tls = false;
  bool operator==(const ServerAddress&) const = default;
};
inline constexpr std::size_t kHostBytesMax = 253;  // A DNS name is no longer.

// "county.example:8443", "[::1]:8443", "wss://127.0.0.1:8443". TLS for every host but this machine
// itself (127.…, ::1, localhost), where it has to be said by "wss://"; "ws://", without TLS, is for
// this machine only. So no code, typed or scanned, makes a device speak in clear over a network.
// Errc::Malformed without a host or a port of 1 to 65535.
Result<ServerAddress> parse_address(std::string_view text);
std::string to_text(const ServerAddress& address);  // As parse_address takes it, the shortest way.
std::string host_and_port(const ServerAddress& address);

struct Invitation {
  std::string code;  // As written; normalised where its key is derived.
  ServerAddress server;
  std::string root_hex;  // Beginning of the root digest, lower case; 64 digits: all of it.
};
// Fewer digits than these are no identification: 16 digits are 64 bits, and an attacker would have
// to make a root key that fits.
inline constexpr std::size_t kRootHexDigitsMin = 16;

// "CODE@HOST:PORT#HEX", as the QR code has it also with "cunji:" before; "#HEX" may be missing.
// Errc::Malformed with what is wrong.
Result<Invitation> parse_invitation(std::string_view text);
// Checks and lowers the digits of a root digest: 16 to 64, none at all gives an empty text.
Result<std::string> parse_root_hex(std::string_view text);

// The root digest of the county whose server sent `hello` (a ServerHello message), from its
// founding entry, whose signature is checked. It says who the server claims to be, no more.
// Errc::Malformed, Errc::Forged.
Result<Digest> root_digest_of_hello(BytesView hello);
}  // namespace cunji::fieldnode
