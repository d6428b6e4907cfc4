#pragma once
// How a PIN or passphrase reaches a program: from a file descriptor, else from the environment,
// else typed at the terminal without being shown. Never as an argument, which every user of the
// machine can read. A terminal that was made silent is loud again however the asking ends:
// answered, stopped by a signal (which then does what it does), or put into the background.
#include <string>

#include "shared/base/result.h"

namespace cunji::terminal {
struct SecretSource {
  int descriptor = -1;  // One line for each secret that is asked for, in turn; -1: none.
  std::string option = "--pin-fd";  // By which it is given, for messages.
};

// `variable`: name of the environment variable; `prompt`: what a terminal shows, which is asked
// twice when `twice` and both must agree. Errc::Malformed when there is no source, the two differ,
// or nothing was given. One thread of the process at a time.
Result<std::string> read_secret(const SecretSource& source, const std::string& variable,
                                const std::string& prompt, bool twice);
}  // namespace cunji::terminal
