#pragma once
// How a page and a module of ours hand each other bytes. WebAssembly passes numbers only, so bytes
// and texts (UTF-8) go through the module's memory:
//   in:  a pointer and a size; the page gets room from cunji_alloc() and frees it after the call;
//   out: a call returns a code and leaves its answer at cunji_output(), cunji_output_size() bytes,
//        until the next call. After a failure that is {"code":"malformed","what":"one line"}.
// A pointer to outside the memory traps. One thread.
#include <cstddef>
#include <cstdint>

#include "shared/base/bytes.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

// Declares a function that JavaScript can call.
#define CUNJI_EXPORT(result, name) extern "C" __attribute__((export_name(#name))) result name

namespace cunji::fieldnode::wasm {
// 0, or an Errc and one.
enum class Code : std::int32_t {
  Done,
  Unknown,
  Io,
  Corrupt,
  Malformed,
  Forged,
  Conflict,
  Limit,
  Timeout,
  Protocol
};

using Answer = Result<Bytes>;
Code finish(Answer answer);  // Keeps it as the output.

// A time as Date.now() gives it, fractions cut off: every browser passes a double, not every one a
// 64-bit integer. Errc::Malformed before 1970, beyond the year 9999, and for NaN.
Result<TimePoint> time_of(double millis);
}  // namespace cunji::fieldnode::wasm

CUNJI_EXPORT(char*, cunji_alloc)(std::size_t size);  // Null when there is no memory.
CUNJI_EXPORT(void, cunji_free)(char* data);
CUNJI_EXPORT(const char*, cunji_output)();
CUNJI_EXPORT(std::size_t, cunji_output_size)();
