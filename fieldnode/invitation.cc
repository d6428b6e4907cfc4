#include "fieldnode/invitation.h"

#include "protocol/sync.pb.h"
#include "shared/crypto/hash.h"
#include "shared/event/entry.h"
#include "shared/event/kinds.h"

namespace cunji::fieldnode {
static bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

Result<ServerAddress> parse_address(std::string_view text) {
  const Error bad{Errc::Malformed, "a server is written HOST:PORT"};
  const bool says_tls = text.starts_with("wss://"), says_plain = text.starts_with("ws://");
  if (says_tls || says_plain) text.remove_prefix(text.find("//") + 2);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool colons = host.find(':') != std::string_view::npos;  // An IPv6 address only.
  if (host.empty() || host.size() > kHostBytesMax || colons != bracketed) return bad;
  for (const char c : host)
    if (static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '@' || c == '#') return bad;
  if (!is_digits(port) || port.size() > 5) return bad;
  std::uint32_t number = 0;
  for (const char c : port) number = number * 10 + static_cast<std::uint32_t>(c - '0');
  if (number == 0 || number > 65'535) return bad;
  const bool here = is_this_machine(host);
  if (says_plain && !here)
    return Error{Errc::Malformed, "ws:// (without TLS) is for this machine only"};
  return ServerAddress{.host = std::string(host),
                       .port = static_cast<std::uint16_t>(number),
                       .tls = says_tls || !here};
}

std::string to_text(const ServerAddress& address) {
  const bool said = address.tls && is_this_machine(address.host);
  return (said ? "wss://" : "") + host_and_port(address);
}

std::string host_and_port(const ServerAddress& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<std::string> parse_root_hex(std::string_view text) {
  if (text.empty()) return std::string{};
  std::string out;
  for (const char c : text) {
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!(low >= '0' && low <= '9') && !(low >= 'a' && low <= 'f'))
      return Error{Errc::Malformed, "the county's fingerprint has other than hexadecimal digits"};
    out.push_back(low);
  }
  if (out.size() < kRootHexDigitsMin || out.size() > 2 * Digest::kSize)
    return Error{Errc::Malformed,
                 "the county's fingerprint has 16 to 64 digits, not " + std::to_string(out.size())};
  return out;
}

Result<Invitation> parse_invitation(std::string_view text) {
  constexpr std::string_view kScheme = "cunji:";
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0)
    return Error{Errc::Malformed, "an invitation is written CODE@HOST:PORT#FINGERPRINT"};
  Invitation out;
  out.code = text.substr(0, at);
  std::string_view rest = text.substr(at + 1);
  if (const std::size_t hash = rest.find('#'); hash != std::string_view::npos) {
    TRY_AS(root_hex, parse_root_hex(rest.substr(hash + 1)));
    out.root_hex = root_hex;
    rest = rest.substr(0, hash);
  }
  TRY_AS(server, parse_address(rest));
  out.server = server;
  return out;
}

Result<Digest> root_digest_of_hello(BytesView hello) {
  const Error bad{Errc::Malformed, "this is no Cunji server: its greeting does not parse"};
  proto::ServerHello message;
  if (!message.ParseFromArray(hello.data(), static_cast<int>(hello.size()))) return bad;
  const auto entry = event::decode_entry(message.founding().entry());
  if (!entry) return bad;
  const event::Header& header = entry->event.header();
  if (header.kind != static_cast<std::uint16_t>(event::Kind::Founding)) return bad;
  if (!entry->event.verify())
    return Error{Errc::Forged, "the county's founding entry is not signed by its root key"};
  return crypto::sha256(header.author.view());
}
}  // namespace cunji::fieldnode
