#include "shared/state/value_text.h"

namespace cunji::state {
std::string hundredths(std::int64_t number) {
  const bool negative = number < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  std::string cents = std::to_string(size % 100);
  if (cents.size() < 2) cents.insert(0, 1, '0');
  return (negative ? "-" : "") + std::to_string(size / 100) + "." + cents;
}

std::string degrees(std::int32_t e7) {
  constexpr std::int64_t kWhole = 10'000'000;
  const std::int64_t size = e7 < 0 ? -static_cast<std::int64_t>(e7) : e7;
  std::string decimals = std::to_string(size % kWhole);
  decimals.insert(0, 7 - decimals.size(), '0');
  return (e7 < 0 ? "-" : "") + std::to_string(size / kWhole) + "." + decimals;
}

std::string typed_text(const event::Value& value, programme::Type type) {
  using Type = event::Value::Type;
  switch (value.type) {
    case Type::Integer:
      if (type == programme::Type::Money || type == programme::Type::Points ||
          type == programme::Type::Area)
        return hundredths(value.integer);
      if (type == programme::Type::Instant) return format_time(TimePoint{Duration{value.integer}});
      return std::to_string(value.integer);
    case Type::Yes: return value.yes ? "yes" : "no";
    case Type::Subject: return to_hex(value.subject.view());
    case Type::Codes: {
      std::string out;
      for (const std::string& code : value.codes) out += (out.empty() ? "" : ",") + code;
      return out;
    }
    case Type::Place:
      return degrees(value.place.latitude_e7) + "," + degrees(value.place.longitude_e7) + "," +
             std::to_string(value.place.accuracy_m);
    case Type::Rows: return {};
    case Type::Text:
    case Type::Code:
    case Type::Date: return value.text;
  }
  return {};
}
}  // namespace cunji::state
