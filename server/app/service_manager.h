#pragma once
// Tells the service manager how we are, by systemd's protocol (sd_notify(3)): one datagram to the
// socket that $NOTIFY_SOCKET names. A few lines instead of a library.
#include <string_view>

namespace cunji::server {
// "READY=1", "STOPPING=1". Does nothing where nobody listens.
void tell_service_manager(std::string_view state);
}  // namespace cunji::server
