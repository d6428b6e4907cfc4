#pragma once
// The registrar desk fills the register from JSON lines (server/README.md, "register"): one line,
// one event. A line registers a subject or assigns one to another.
#include <functional>
#include <istream>
#include <string>

#include "server/app/desk.h"

namespace cunji::server {
// The event that a line asks for. Errc::Malformed says what is wrong with it, without its contents.
Result<event::Draft> draft_of_line(const std::string& line, CountyCode county, Entropy& entropy,
                                   TimePoint now);

struct RegisterResult {
  std::uint64_t lines = 0, disputed = 0;
};
// Reads twice: the first pass only checks, so that a bad line 10,000 leaves nothing half done.
// Errors name the line. `progress` gets the number of lines taken and their total.
Result<RegisterResult> register_lines(
    Desk& desk, const crypto::KeyPair& registrar, std::istream& in, Entropy& entropy, TimePoint now,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress);
}  // namespace cunji::server
