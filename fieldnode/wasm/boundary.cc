#include "fieldnode/wasm/boundary.h"

#include <cstdlib>

#include "fieldnode/wasm/json.h"

namespace cunji::fieldnode::wasm {
static_assert(static_cast<int>(Code::Unknown) == static_cast<int>(Errc::Unknown) + 1);
static_assert(static_cast<int>(Code::Protocol) == static_cast<int>(Errc::Protocol) + 1);

static Bytes& output() {  // A module has no main that could own it.
  static Bytes bytes;
  return bytes;
}

Code finish(Answer answer) {
  if (answer) {
    output() = std::move(*answer);
    return Code::Done;
  }
  const Error& error = answer.error();
  output() = JsonObject().text("code", name_of(error.code)).text("what", error.what).take();
  return static_cast<Code>(static_cast<int>(error.code) + 1);
}

Result<TimePoint> time_of(double millis) {
  // So written that NaN fails.
  if (!(millis >= 0 && millis <= static_cast<double>(kTimeMillisMax)))
    return Error{Errc::Malformed, "no time in milliseconds since 1970"};
  return from_millis(static_cast<std::uint64_t>(millis));
}
}  // namespace cunji::fieldnode::wasm

using cunji::fieldnode::wasm::output;

char* cunji_alloc(std::size_t size) { return static_cast<char*>(std::malloc(size)); }
void cunji_free(char* data) { std::free(data); }
const char* cunji_output() { return output().data(); }
std::size_t cunji_output_size() { return output().size(); }
