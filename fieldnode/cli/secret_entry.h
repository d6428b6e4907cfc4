#pragma once
// How a PIN or passphrase reaches the program: from a file descriptor (--pin-fd), else from the
// environment, else typed at the terminal without being shown. Never as an argument, which every
// user of the machine can read.
#include <optional>
#include <string>

#include "shared/base/result.h"

namespace cunji::fieldnode::cli {
struct SecretSource {
  int descriptor = -1;  // One line for each secret that is asked for, in turn; -1: none.
};

// `variable`: name of the environment variable; `prompt`: what a terminal shows, which is asked
// twice when `twice` and both must agree. Errc::Malformed when there is no source, the two differ,
// or nothing was given.
Result<std::string> read_secret(const SecretSource& source, const char* variable,
                                const std::string& prompt, bool twice);
}  // namespace cunji::fieldnode::cli
