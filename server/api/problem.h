#pragma once
// Why a request gets no answer: an HTTP status, a code for programs, and a sentence for people.
#include <concepts>
#include <optional>
#include <string>

#include "shared/base/result.h"

namespace cunji::server {
// Only from a literal: else any number would pass for a Problem where an Outcome is returned.
struct HttpStatus {
  template <std::same_as<int> Int>
  constexpr HttpStatus(Int number) : value(static_cast<unsigned>(number)) {}
  constexpr operator unsigned() const { return value; }
  unsigned value;
};

struct Problem {
  HttpStatus status = 500;
  std::string code;
  std::string zh, en;                     // Never personal data.
  std::optional<unsigned> retry_after{};  // Seconds.
};

// An error of the log or of a file, as the outside is told: 503 when the disk refuses, else 500.
Problem problem_of(const Error& error);
// 400 "bad_parameter", naming it.
Problem bad_parameter(const std::string& name, const std::string& zh, const std::string& en);
// 404 for what is not there and for what is not for this reader, which must not differ.
Problem not_found(const std::string& zh, const std::string& en);
// 503 with Retry-After.
Problem busy(const std::string& zh, const std::string& en);

// A value, or a Problem. TRY and TRY_AS work with it; a failed Result becomes a Problem on the way.
template <class T>
class [[nodiscard]] Outcome : public boost::system::result<T, Problem> {
 public:
  using boost::system::result<T, Problem>::result;
  Outcome() = default;
  Outcome(const Error& error) : boost::system::result<T, Problem>(problem_of(error)) {}
};
// Found by value(), which is our bug on a failed Outcome.
[[noreturn]] inline void throw_exception_from_error(const Problem& problem,
                                                    const boost::source_location& at) {
  check_failed(problem.en.c_str(), at.file_name(), static_cast<int>(at.line()));
}
}  // namespace cunji::server
