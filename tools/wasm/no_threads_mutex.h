#pragma once
// Included before everything else in what uses protobuf for WebAssembly, C++ only: libc++ without
// threads has no std::mutex, and protobuf's headers want one. There is one thread, so a lock that
// does nothing is right. Code of ours uses no mutex (D11).
#include <mutex>

#ifndef _LIBCPP_HAS_NO_THREADS
#error "This libc++ has threads, so an empty lock would be wrong: leave this header out."
#endif

namespace std {
class mutex {
 public:
  constexpr mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  void lock() {}
  bool try_lock() { return true; }
  void unlock() {}
};
}  // namespace std
