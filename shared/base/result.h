#pragma once
// Result<T>: a value or an Error, for operational failures (disk, peer, malformed or forged input,
// a limit). A finding about the domain is data, never an Error; "not found" is std::optional.
#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <string>

#include "shared/base/check.h"

namespace cunji {
enum class Errc { Unknown, Io, Corrupt, Malformed, Forged, Conflict, Limit, Timeout, Protocol };

// A stable English name, as logs and vectors write it ("malformed").
const char* name_of(Errc code);

struct Error {
  Errc code = Errc::Unknown;  // What callers branch on.
  std::string what;           // One line for people: ids and positions, never personal data.
};

template <class T>  // A class, not an alias, so that a dropped Result is a warning everywhere.
class [[nodiscard]] Result : public boost::system::result<T, Error> {
 public:
  using boost::system::result<T, Error>::result;
};

// Found by value(): asking a failed Result for its value is our bug.
[[noreturn]] inline void throw_exception_from_error(const Error& e, boost::source_location at) {
  check_failed(e.what.c_str(), at.file_name(), static_cast<int>(at.line()));
}
}  // namespace cunji

// Returns the error of `expr` from the calling function, if there is one. The name is new each
// time, since `expr` may hold a lambda that tries too.
#define TRY(expr) CUNJI_TRY(expr, CUNJI_JOIN(try_, __COUNTER__))
#define CUNJI_TRY(expr, name)                           \
  do {                                                  \
    if (auto name = (expr); !name) return name.error(); \
  } while (false)
#define CUNJI_JOIN(a, b) CUNJI_JOIN_NOW(a, b)
#define CUNJI_JOIN_NOW(a, b) a##b
// TRY_AS(head, log.head()); declares `head`, a reference to the value, or returns the error.
#define TRY_AS(name, expr)                \
  auto name##_or = (expr);                \
  if (!name##_or) return name##_or.error(); \
  auto& name = *name##_or
