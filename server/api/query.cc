#include "server/api/query.h"

#include <algorithm>

#include "server/api/limits.h"
#include "server/api/text.h"

namespace cunji::server {
namespace {
Problem bad_request(const std::string& zh, const std::string& en) {
  return {.status = 400, .code = "bad_request", .zh = zh, .en = en};
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);  // '+' is no blank here: it stands in times.
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

// Strict UTF-8 without control characters: it may go into an answer or a log.
bool is_plain_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x20 || lead == 0x7f) return false;
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (lead >= 0x80 && (lead < 0xc2 || lead > 0xf4)) return false;
    if (text.size() - i <= more) return false;
    std::uint32_t code = lead;
    if (more > 0) code &= 0x3fU >> more;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      code = code << 6 | (next & 0x3fU);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return false;
    i += more + 1;
  }
  return true;
}
}  // namespace

Outcome<Query> Query::parse(std::string_view target) {
  Query out;
  const std::size_t mark = target.find('?');
  out.path_ = std::string(target.substr(0, mark));
  if (mark == std::string_view::npos) return out;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const std::size_t equals = pair.find('=');
    const auto name = unescaped(pair.substr(0, equals));
    const auto value =
        unescaped(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1));
    if (!name || !value || name->empty() || !is_plain_text(*name) || !is_plain_text(*value))
      return bad_request("网址中的参数写法不对", "a parameter of the address is not well written");
    if (name->size() > kParameterBytesMax || value->size() > kParameterBytesMax)
      return bad_request("参数过长", "a parameter is longer than " +
                                         std::to_string(kParameterBytesMax) + " bytes");
    if (!out.all_.emplace(*name, *value).second)
      return bad_parameter(*name, "出现了两次", "it is given twice");
  }
  out.left_ = out.all_;
  return out;
}

std::string Query::text_for_log() const {
  std::string out;
  for (const auto& [name, value] : all_)
    out += (out.empty() ? "" : "&") + name + "=" + (name == "q" ? "…" : value);
  return out;
}

std::optional<std::string> Query::take(const std::string& name) {
  const auto found = left_.find(name);
  if (found == left_.end()) return std::nullopt;
  std::string out = std::move(found->second);
  left_.erase(found);
  return out;
}

Outcome<std::optional<std::uint64_t>> Query::take_number(const std::string& name) {
  const auto text = take(name);
  if (!text) return std::optional<std::uint64_t>{};
  const auto number = parse_number(*text);
  if (!number) return bad_parameter(name, "应为不小于零的整数", "a whole number from 0 on");
  return std::optional(*number);
}

Outcome<std::optional<Date>> Query::take_date(const std::string& name) {
  const auto text = take(name);
  if (!text) return std::optional<Date>{};
  const auto date = parse_date(*text);
  if (!date) return bad_parameter(name, "日期写法如 2022-02-10", date.error().what);
  return std::optional(*date);
}

Outcome<std::optional<Month>> Query::take_month(const std::string& name) {
  const auto text = take(name);
  if (!text) return std::optional<Month>{};
  const auto month = parse_month(*text);
  if (!month) return bad_parameter(name, "月份写法如 2022-02", "a month is written like 2022-02");
  return std::optional(*month);
}

Outcome<std::optional<bool>> Query::take_yes(const std::string& name) {
  const auto text = take(name);
  if (!text) return std::optional<bool>{};
  if (*text != "true" && *text != "false")
    return bad_parameter(name, "应为 true 或 false", "true or false");
  return std::optional(*text == "true");
}

Outcome<std::string> Query::take_choice(const std::string& name,
                                        const std::vector<std::string>& choices) {
  auto text = take(name);
  if (!text) return choices.front();
  if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return std::move(*text);
  std::string all;
  for (const std::string& choice : choices) all += (all.empty() ? "" : ", ") + choice;
  return bad_parameter(name, "可取 " + all, "one of " + all);
}

Outcome<std::string> Query::take_division(CountyCode county) {
  auto text = take("division");
  if (!text) return std::string{};
  const bool sized = text->size() == 6 || text->size() == 9 || text->size() == 12;
  if (!is_digits(*text) || !sized || !text->starts_with(county.view()))
    return bad_parameter("division", "应为本县区划代码：6 位县、9 位乡镇、12 位村",
                         "6, 9 or 12 digits, beginning with the county's " + county.str());
  return std::move(*text);
}

Outcome<std::size_t> Query::take_limit() {
  TRY_AS(limit, take_number("limit"));
  if (!limit) return kPageRows;
  if (*limit == 0 || *limit > kPageRowsMax)
    return bad_parameter("limit", "应为 1 到 " + std::to_string(kPageRowsMax),
                         "1 to " + std::to_string(kPageRowsMax));
  return static_cast<std::size_t>(*limit);
}

Outcome<void> Query::finish() const {
  if (left_.empty()) return {};
  return Problem{.status = 400,
                 .code = "unknown_parameter",
                 .zh = "没有此参数：" + left_.begin()->first,
                 .en = "there is no parameter \"" + left_.begin()->first + "\" here"};
}
}  // namespace cunji::server
