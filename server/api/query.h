#pragma once
// A request's path and parameters, decoded once and strictly: what a handler does not ask for is an
// error, so that a misspelt filter never shows too much.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/problem.h"
#include "shared/base/calendar.h"
#include "shared/base/ids.h"

namespace cunji::server {
class Query {
 public:
  // "/api/v1/households?division=411323&limit=20". Bad escapes, a name given twice, an overlong
  // value or a broken UTF-8 text are 400.
  static Outcome<Query> parse(std::string_view target);

  const std::string& path() const { return path_; }
  // Parameters as they came but `q`, which may be a person's name: for the access log.
  std::string text_for_log() const;

  bool has(const std::string& name) const { return left_.contains(name); }
  std::optional<std::string> take(const std::string& name);
  Outcome<std::optional<std::uint64_t>> take_number(const std::string& name);
  Outcome<std::optional<Date>> take_date(const std::string& name);
  Outcome<std::optional<Month>> take_month(const std::string& name);
  Outcome<std::optional<bool>> take_yes(const std::string& name);
  // One of `choices`; the first where the parameter is missing.
  Outcome<std::string> take_choice(const std::string& name,
                                   const std::vector<std::string>& choices);
  // 6, 9 or 12 digits of the county; empty where missing.
  Outcome<std::string> take_division(CountyCode county);
  // Rows of the page: `limit`.
  Outcome<std::size_t> take_limit();
  // 400 for a parameter that nobody took.
  Outcome<void> finish() const;

 private:
  std::string path_;
  std::map<std::string, std::string> all_, left_;
};
}  // namespace cunji::server
