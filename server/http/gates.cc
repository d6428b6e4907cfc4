#include "server/http/gates.h"

#include <algorithm>

namespace cunji::server {
namespace ip = boost::asio::ip;

std::string address_name(ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  if (address.is_v4()) return address.to_string();
  auto bytes = address.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string() + "/64";
}
}  // namespace cunji::server
