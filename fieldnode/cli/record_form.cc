#include "fieldnode/cli/record_form.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "protocol/event.pb.h"

namespace cunji::fieldnode::cli {
// Not written with operator+: GCC 12 then warns of an overlap that is not there (its bug 105651).
static std::string quoted(std::string_view text) {
  std::string out = "\"";
  out.append(text).push_back('"');
  return out;
}

static std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (std::size_t end = text.find(at); end != std::string_view::npos; end = text.find(at)) {
    out.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  out.push_back(text);
  return out;
}

template <class Number>
static Result<Number> parse_number(std::string_view text) {
  Number out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size())
    return Error{Errc::Malformed, quoted(text) + " is no whole number"};
  return out;
}

// Degrees with at most seven decimals, as a multiple of 10^-7.
static Result<std::int32_t> parse_degrees(std::string_view text, int degrees_max) {
  const Error bad{Errc::Malformed, quoted(text) + " is no angle up to " +
                                       std::to_string(degrees_max) + " degrees, 7 decimals"};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string decimals(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (!is_digits(whole) || whole.size() > 3 || decimals.size() > 7) return bad;
  if (!decimals.empty() && !is_digits(decimals)) return bad;
  decimals.resize(7, '0');
  TRY_AS(degrees, parse_number<std::int64_t>(whole));
  TRY_AS(rest, parse_number<std::int64_t>(decimals));
  const std::int64_t out = degrees * 10'000'000 + rest;
  if (out > degrees_max * 10'000'000LL) return bad;
  return static_cast<std::int32_t>(negative ? -out : out);
}

Result<event::Place> parse_place(std::string_view text) {
  const auto pieces = split(text, ',');
  if (pieces.size() != 3)
    return Error{Errc::Malformed, "a place is written LATITUDE,LONGITUDE,ACCURACY_M"};
  TRY_AS(latitude, parse_degrees(pieces[0], 90));
  TRY_AS(longitude, parse_degrees(pieces[1], 180));
  TRY_AS(accuracy, parse_number<std::uint32_t>(pieces[2]));
  return event::Place{.latitude_e7 = latitude,
                      .longitude_e7 = longitude,
                      .accuracy_m = accuracy,
                      .mock_location = false};
}

static Result<event::Value> parse_value(std::string_view type, std::string_view text) {
  if (type.empty() || type == "text") return event::text_value(text);
  if (type == "code") return event::code_value(text);
  if (type == "integer") {
    TRY_AS(number, parse_number<std::int64_t>(text));
    return event::integer_value(number);
  }
  if (type == "yes" && (text == "true" || text == "false")) return event::yes_value(text == "true");
  if (type == "date") {
    TRY_AS(date, parse_date(text));
    return event::date_value(date);
  }
  if (type == "subject") {
    TRY_AS(bytes, from_hex(text));
    TRY_AS(subject, SubjectId::from(bytes));
    return event::subject_value(subject);
  }
  if (type == "codes") {
    std::vector<std::string> codes;
    for (const std::string_view code : split(text, ',')) codes.emplace_back(code);
    return event::codes_value(std::move(codes));
  }
  if (type == "place") {
    TRY_AS(place, parse_place(text));
    return event::place_value(place);
  }
  return Error{Errc::Malformed, "no value of type " + quoted(type) + ": " + quoted(text)};
}

Result<event::Fact> parse_fact(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return Error{Errc::Malformed, "a fact is written NAME[:TYPE]=VALUE"};
  std::string_view name = text.substr(0, equals);
  std::string_view type;
  if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    type = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  TRY_AS(value, parse_value(type, text.substr(equals + 1)));
  return event::Fact{.name = std::string(name), .key = {}, .value = value};
}

Result<event::Value> parse_hundredths(std::string_view text) {
  const Error bad{Errc::Malformed, quoted(text) + " is no amount with up to two decimals"};
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  const std::size_t point = digits.find('.');
  std::string decimals(point == std::string_view::npos ? "" : digits.substr(point + 1));
  const std::string_view whole = digits.substr(0, point);
  if (!is_digits(whole) || whole.size() > 15 || decimals.size() > 2) return bad;
  if (!decimals.empty() && !is_digits(decimals)) return bad;
  decimals.resize(2, '0');
  TRY_AS(number, parse_number<std::int64_t>(std::string(whole) + decimals));
  return event::integer_value(negative ? -number : number);
}

Result<event::Value> parse_whole(std::string_view text) {
  TRY_AS(number, parse_number<std::int64_t>(text));
  return event::integer_value(number);
}

Result<std::vector<Bytes>> parts_from_json(const std::string& json) {
  auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return Error{Errc::Malformed, "this is not JSON"};
  if (!parsed.is_array()) parsed = nlohmann::json::array({parsed});
  std::vector<Bytes> out;
  for (const auto& element : parsed) {
    proto::Part part;
    const auto status = google::protobuf::util::JsonStringToMessage(element.dump(), &part);
    if (!status.ok()) return Error{Errc::Malformed, std::string(status.message())};
    out.push_back(part.SerializeAsString());
  }
  if (out.empty()) return Error{Errc::Malformed, "the list of parts is empty"};
  return out;
}

Result<state::HouseholdView> find_household(const std::vector<state::HouseholdView>& households,
                                            std::string_view text) {
  constexpr std::size_t kIdDigitsMin = 6;
  std::vector<const state::HouseholdView*> by_number, by_id, by_name;
  for (const state::HouseholdView& household : households) {
    if (household.number == text) by_number.push_back(&household);
    if (text.size() >= kIdDigitsMin && to_hex(household.id.view()).starts_with(text))
      by_id.push_back(&household);
    if (household.head_name == text) by_name.push_back(&household);
  }
  for (const auto& found : {by_number, by_id, by_name}) {
    if (found.size() == 1) return *found.front();
    if (found.size() > 1)
      return Error{Errc::Malformed, quoted(text) + " names " + std::to_string(found.size()) +
                                        " households: give the number or id"};
  }
  return Error{Errc::Malformed, "no household " + quoted(text) + " is known here"};
}
}  // namespace cunji::fieldnode::cli
