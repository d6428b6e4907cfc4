#include "server/api/call.h"

#include <google/protobuf/util/json_util.h>

#include "protocol/api.pb.h"
#include "server/api/limits.h"
#include "server/api/text.h"
#include "shared/crypto/hash.h"
#include "shared/log/merkle.h"

namespace cunji::server {
// The number of entries received by `time`: received never decreases along the log (D10).
static Result<std::uint64_t> size_at(const log::EventLog& log, TimePoint time) {
  TRY_AS(head, log.head());
  std::uint64_t low = 0, high = head.size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    TRY_AS(logged, log.at(middle));
    if (!logged) return Error{Errc::Corrupt, "entry " + std::to_string(middle) + " is missing"};
    if (logged->entry.received <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Outcome<Times> Call::take_times() {
  Times out{.size = {}, .valid_at = today()};
  const auto known = query.take("known_at");
  TRY_AS(valid, query.take_date("valid_at"));
  if (known) {
    const auto millis =
        known->starts_with('@') ? parse_number(std::string_view(*known).substr(1)) : std::nullopt;
    auto time = millis && *millis <= kTimeMillisMax ? std::optional(from_millis(*millis))
                                                    : parse_rfc3339(*known);
    if (const auto size = parse_number(*known)) {
      TRY_AS(head, log.head());
      if (*size > head.size)
        return bad_parameter("known_at", "日志还没有这么多条",
                             "the log has only " + std::to_string(head.size) + " entries");
      out.size = *size;
      if (*size > 0 && !valid) {
        TRY_AS(newest, log.at(*size - 1));
        if (newest) out.valid_at = date_of(newest->entry.received);
      }
    } else if (time) {
      TRY_AS(by_then, size_at(log, *time));
      out.size = by_then;
      out.valid_at = std::min(date_of(*time), today());
    } else {
      return bad_parameter("known_at", "应为日志条数、时间（2022-02-10T08:15:00+08:00）或 @毫秒",
                           "a size of the log, a time like 2022-02-10T08:15:00+08:00, or @ and "
                           "milliseconds since 1970");
    }
  }
  if (valid) out.valid_at = *valid;
  return out;
}

Outcome<std::vector<std::string>> Call::take_prefixes(std::string& wanted) {
  TRY_AS(division, query.take_division(county));
  wanted = division;
  auto out = scope->prefixes_within(wanted);
  if (out.empty() && scope->complete())
    return Problem{.status = 403,
                   .code = "outside_scope",
                   .zh = "此区划不在您的授权范围内",
                   .en = "this division is outside your credentials"};
  return out;
}

Outcome<api::Basis> Call::look(const Times& times,
                               const std::function<void(const state::State&)>& with) {
  std::uint64_t size = 0;
  const bool newest = fold.read([&](const state::State& state) {
    size = state.next_index();
    if (times.size && *times.size != size) return false;
    with(state);
    return true;
  });
  if (!newest) {
    size = *times.size;
    TRY_AS(state, past.at(size, log, uptime));
    with(*state);
  }
  return basis(size, times.valid_at);
}

Outcome<api::Basis> Call::basis(std::uint64_t size, Date about) {
  known_at = size;
  valid_at = about;
  api::Basis out;
  out.set_known_at(size);
  out.set_valid_at(format_date(about));
  TRY_AS(root, log::root_at(log, size));
  out.set_root(to_hex(root.view()));
  if (size > 0) {
    TRY_AS(newest, log.at(size - 1));
    if (newest) out.set_known_at_time(rfc3339(newest->entry.received));
  }
  out.set_complete(scope->complete());
  if (!scope->complete()) {
    out.set_note_zh("按分派给您的对象显示，无法证明没有遗漏");
    out.set_note_en(
        "shown are the subjects assigned to you; that none is left out can't be proven");
  }
  return out;
}

std::string cursor_of(const std::string& order, const RowPlace& place) {
  return to_base64url(order + '\0' + place.id.str() + place.key);
}

static Problem bad_cursor() {
  return bad_parameter("cursor", "不是此查询给出的页标", "not a cursor that this question gave");
}

Outcome<std::optional<RowPlace>> take_cursor(Query& query, const std::string& order) {
  const auto text = query.take("cursor");
  if (!text) return std::optional<RowPlace>{};
  const auto bytes = from_base64url(*text);
  const std::string head = order + '\0';
  if (!bytes || !bytes->starts_with(head) || bytes->size() < head.size() + SubjectId::kSize)
    return bad_cursor();
  const BytesView rest = BytesView(*bytes).substr(head.size());
  return std::optional(RowPlace{.key = std::string(rest.substr(SubjectId::kSize)),
                                .id = SubjectId::from(rest.substr(0, SubjectId::kSize)).value()});
}

std::string cursor_of(std::uint64_t index) { return std::to_string(index); }

Outcome<std::uint64_t> take_index_cursor(Query& query) {
  const auto text = query.take("cursor");
  if (!text) return std::uint64_t{0};
  const auto index = parse_number(*text);
  if (!index) return bad_cursor();
  return *index;
}

Outcome<std::string> json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string out;
  if (!google::protobuf::util::MessageToJsonString(message, &out, options).ok())
    return Error{Errc::Unknown, "an answer could not be written as JSON"};
  return out + "\n";
}
}  // namespace cunji::server
