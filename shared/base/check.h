#pragma once
// CHECK is for invariants that only a bug of ours can break. It is on in every build, prints what
// broke and where, and ends the process: going on would write a wrong log. Never use it on what a
// peer, a file or a user controls; that is a Result (result.h).

namespace cunji {
// Prints one line to standard error and aborts.
[[noreturn]] void check_failed(const char* what, const char* file, int line);
}  // namespace cunji

#define CHECK(condition)                                           \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::cunji::check_failed("CHECK " #condition, __FILE__, __LINE__); \
  } while (false)
